import { medic } from '../incidents/actor.ts';
import { clusterKind } from '../incidents/cluster-stream.ts';
import type { NewEvent } from '../incidents/event.ts';
import { isWorthOpening, type PatrolReport, toldBy } from '../incidents/patrol-report.ts';
import type { IncidentState } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { Decision, Write } from '../store/ledger-types.ts';
import { type Deps, TryAgain } from './deps.ts';
import { openIncidentKey } from './keys.ts';

/** Losing this many races for the cluster's one incident in a row means that something else is wrong. */
const TRIES = 5;

/** Brings the last report of a cluster to its incident, once: opens it, adds to it, or closes it. */
export async function tellPatrol(deps: Deps, stream: string, cluster: string): Promise<void> {
  const report = (await deps.ledger.read(clusterKind, stream))?.report;
  if (report === undefined || report.isTold) return;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const incident = await tell(deps, cluster, report);
    if (incident === 'moved') continue;
    await deps.ledger.change(clusterKind, stream, (state) => {
      if (state?.report?.seq !== report.seq || state.report.isTold) return { events: [], result: undefined };
      const event = { type: 'patrol_told' as const, actor: medic, cluster, node: '', data: { incident } };
      return { events: [event], result: undefined };
    });
    return;
  }
  throw new TryAgain('the report of the patrol could not be told', 1_000);
}

type Report = { readonly seq: number; readonly said: PatrolReport };

/** The incident that tells the report; '' when none does; `moved`: another one was opened or closed meanwhile. */
async function tell(deps: Deps, cluster: string, report: Report): Promise<string> {
  const key = openIncidentKey(cluster, 'CLUSTER');
  const open = await deps.items.get(key);
  if (open === undefined && !isWorthOpening(report.said)) return '';
  const isNew = open === undefined;
  const id = isNew ? `inc-${deps.newId()}` : String(open.attributes['incident']);
  const told = await deps.ledger.change(
    incidentKind,
    incidentStream(id),
    async (state): Promise<Decision<NewEvent, string>> => {
      const pointer = await deps.items.get(key);
      const isStillThere = isNew
        ? pointer === undefined
        : pointer?.attributes['incident'] === id && state !== undefined;
      if (!isStillThere) return { events: [], result: 'moved' };
      if (state?.patrol?.report === report.seq) return { events: [], result: id };
      const { events, isOver } = eventsFor(cluster, id, state, report);
      const write: Write = isNew
        ? { do: 'put', key, attributes: { incident: id }, when: { is: 'absent' } }
        : { do: isOver ? 'delete' : 'check', key, when: { is: 'equal', equals: { incident: id } } };
      return { events, writes: [write], result: id };
    },
  );
  if (!told.ok) throw new TryAgain(`the report of the patrol could not be told: ${told.error.code}`, 1_000);
  return told.value;
}

function eventsFor(cluster: string, id: string, state: IncidentState | undefined, { seq, said }: Report) {
  const base = { actor: medic, cluster, node: '' };
  const groups = toldBy(state?.patrol?.groups, said);
  const wasTold = (code: string, node: string) =>
    state?.patrol?.groups.some((group) => group.code === code && group.nodes.includes(node)) === true;
  const gone = said.gone.filter(({ code, node }) => wasTold(code, node));
  const isOver = state !== undefined && groups.length === 0;
  const opened: NewEvent = { ...base, type: 'incident_opened', data: { id, subject: 'cluster' } };
  const because = `A patrol of ${said.nodes} node${said.nodes === 1 ? '' : 's'} finds nothing of it any more${gone.length === 0 ? '; what is left has incidents of its own' : ''}.`;
  const events: readonly NewEvent[] = [
    ...(state === undefined ? [opened] : []),
    { ...base, type: 'patrol_reported', data: { ...said, report: seq, groups, gone } },
    ...(isOver ? [{ ...base, type: 'incident_closed' as const, data: { because } }] : []),
  ];
  return { events, isOver };
}
