import { renderIncident } from '../../lib/audit/pages/incident.ts';
import { renderAuditHome, renderIncidentList } from '../../lib/audit/pages/incident-list.ts';
import { auditHeaders } from '../../lib/audit/pages/page.ts';
import { renderSignIn, type SignInUser } from '../../lib/audit/pages/sign-in.ts';
import type { AuditSource } from '../../lib/audit/verify.ts';
import { listIncidents, readIncident } from '../../lib/flow/incident-record.ts';
import type { PageOf } from '../../lib/playbooks/page-url.ts';
import type { Items, Ledger } from '../../lib/store/ledger-types.ts';
import type { Guard, Viewer } from './guard.ts';
import { json, type Request, type Response, type Route, redirect } from './request.ts';

export type Reviewing = {
  readonly ledger: Ledger;
  readonly items: Items;
  readonly audit: AuditSource;
  readonly guard: Guard;
  readonly people: readonly SignInUser[];
  readonly pageOf: PageOf;
};

/** Newest this many; older ones are found by their id. */
const LIST_LIMIT = 200;

/** `/audit` for people and `/api` for programs, behind one guard. */
export const auditRoutes = (deps: Reviewing): readonly Route[] => [signRoute(deps), pageRoute(deps), apiRoute(deps)];

const signRoute =
  ({ guard, people }: Reviewing) =>
  (request: Request): Response | undefined => {
    if (request.method !== 'POST') return undefined;
    if (request.path === '/audit/sign-out') return redirect('/audit', { 'set-cookie': guard.signOut() });
    if (request.path !== '/audit/sign-in') return undefined;
    const id = new URLSearchParams(request.body).get('user');
    const person = people.find((candidate) => candidate.id === id);
    if (person === undefined) return page(403, renderSignIn(people));
    return redirect(nextPage(request), { 'set-cookie': guard.signIn(person) });
  };

/** Back to the page that asked for the sign-in, when it is one of ours. */
const nextPage = (request: Request): string => {
  const from = request.headers['referer'];
  if (from === undefined || !URL.canParse(from)) return '/audit';
  const { pathname, host } = new URL(from);
  return host === request.headers['host'] && pathname.startsWith('/audit/incidents') ? pathname : '/audit';
};

const pageRoute =
  (deps: Reviewing) =>
  async (request: Request): Promise<Response | undefined> => {
    if (request.method !== 'GET' || !/^\/audit(?:\/|$)/.test(request.path)) return undefined;
    const viewer = deps.guard.viewerOf(request);
    if (viewer === undefined) return page(401, renderSignIn(deps.people));
    const id = /^\/audit\/incidents\/([\w-]{1,64})$/.exec(request.path)?.[1];
    if (id !== undefined) return incidentPage(deps, id, viewer);
    const incidents = await listIncidents(deps, LIST_LIMIT);
    if (request.path === '/audit') return page(200, renderAuditHome({ incidents, viewer }));
    return request.path === '/audit/incidents' ? page(200, renderIncidentList(incidents, viewer)) : undefined;
  };

async function incidentPage(deps: Reviewing, id: string, viewer: Viewer): Promise<Response | undefined> {
  const record = await readIncident(deps, id);
  return record && page(200, renderIncident({ ...record, viewer, pageOf: deps.pageOf }));
}

const apiRoute =
  (deps: Reviewing) =>
  async (request: Request): Promise<Response | undefined> => {
    if (request.method !== 'GET' || !/^\/api(?:\/|$)/.test(request.path)) return undefined;
    if (deps.guard.viewerOf(request) === undefined) {
      return json(401, { error: 'send MEDIC_API_TOKEN as a bearer token, or sign in at /audit' });
    }
    if (request.path === '/api/incidents') {
      const incidents = await listIncidents(deps, LIST_LIMIT);
      return json(200, {
        incidents: incidents.map(({ id, cluster, node, status, openedAt, closedAt }) => ({
          id,
          cluster,
          node,
          status,
          openedAt,
          closedAt,
        })),
      });
    }
    const id = /^\/api\/incidents\/([\w-]{1,64})$/.exec(request.path)?.[1];
    const record = id === undefined ? undefined : await readIncident(deps, id);
    if (record === undefined) return json(404, { error: 'there is no such incident' });
    const { state, events, chain } = record;
    return json(200, {
      head: state,
      offers: state.diagnosis?.offers ?? [],
      plans: Object.values(state.plans),
      events: events.map(({ seq, hash, body }) => ({ seq, hash, event: JSON.parse(body) })),
      chain,
    });
  };

const page = (status: number, body: string): Response => ({ status, headers: auditHeaders, body });
