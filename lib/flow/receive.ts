import { findEntry } from '../alerts/find-entry.ts';
import { type Alert, type Payload, parsePayload } from '../alerts/payload.ts';
import { clusterOf } from '../config/config.ts';
import { alertmanager } from '../incidents/actor.ts';
import { clusterKind, clusterStream } from '../incidents/cluster-stream.ts';
import { whole } from '../incidents/whole-text.ts';
import { err, ok, type Result } from '../result.ts';
import type { Deps } from './deps.ts';
import { takeFiring } from './take-firing.ts';
import { takeResolved } from './take-resolve.ts';

/** Which clusters a bearer token may speak for; undefined: it is nobody's. Compares in constant time. */
export interface AlertTokens {
  clustersOf(token: string): readonly string[] | undefined;
}
export type AlertRequest = {
  /** From the path `/alerts/{cluster}`. */
  readonly cluster: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
};
export type Answer = {
  readonly status: 202 | 400 | 401 | 413 | 503;
  readonly body: Readonly<Record<string, string | number>>;
};

/** A kept payload that nobody can read is evidence, not an archive. */
const KEEP_BYTES = 64 * 1024;
/** Of a path, which may be made of the sender's keys. */
const KEEP_CHARACTERS = 1024;

/**
 * Stores every alert together with its audit event, then answers 202. 401: not ours to hear; 400: the path of the
 * fault; 503: the store did not take it, so Alertmanager sends it again. Never 429, never a redirect.
 */
export async function receive(deps: Deps, tokens: AlertTokens, request: AlertRequest): Promise<Answer> {
  const bound = tokens.clustersOf(bearerOf(request.authorization));
  if (bound === undefined) return { status: 401, body: { error: 'the bearer token is not known' } };
  const unheard = request.cluster === undefined ? undefined : refuseCluster(deps, request.cluster, bound, '');
  if (unheard !== undefined) return unheard;
  const payload = parsePayload(request.body);
  if (!payload.ok) {
    const cluster = request.cluster ?? bound[0];
    if (cluster !== undefined) await keepFaulty(deps, cluster, request.body, payload.error);
    return { status: 400, body: { error: payload.error.says, path: payload.error.path } };
  }
  const routed = route(deps, payload.value, request.cluster, bound);
  if (!routed.ok) return routed.error;
  for (const { alert, cluster } of routed.value) {
    const stored = await take(deps, cluster, alert, payload.value).catch((error: unknown) => {
      deps.log('alert_not_stored', { cluster, fingerprint: alert.fingerprint, because: String(error) });
      return false;
    });
    if (!stored) return { status: 503, body: { error: 'the alert could not be stored; send it again' } };
  }
  return { status: 202, body: { stored: routed.value.length } };
}

const bearerOf = (authorization: string | undefined) =>
  /^Bearer ([\x21-\x7e]{1,512})$/.exec(authorization ?? '')?.[1] ?? '';

type Routed = { readonly alert: Alert; readonly cluster: string };

/** All or nothing: a payload that is wrong anywhere stores nothing, so that the sender sees it. */
function route(
  deps: Deps,
  payload: Payload,
  fromPath: string | undefined,
  bound: readonly string[],
): Result<readonly Routed[], Answer> {
  const routed: Routed[] = [];
  for (const [index, alert] of payload.alerts.entries()) {
    const label = alert.labels['cluster'];
    const path = `alerts.${index}.labels.cluster`;
    if (fromPath !== undefined && label !== undefined && label !== fromPath) {
      return err({ status: 400, body: { error: `says ${label}, the address says ${fromPath}`, path } });
    }
    const cluster = fromPath ?? label;
    if (cluster === undefined)
      return err({ status: 400, body: { error: 'is missing, and the address names no cluster', path } });
    const unheard = refuseCluster(deps, cluster, bound, path);
    if (unheard !== undefined) return err(unheard);
    routed.push({ alert, cluster });
  }
  return ok(routed);
}

/** undefined: it is known, and the token may speak for it. `path`: where the cluster was named, '' for the address. */
function refuseCluster(deps: Deps, cluster: string, bound: readonly string[], path: string): Answer | undefined {
  if (clusterOf(deps.config, cluster) === undefined) {
    return { status: 400, body: { error: 'this cluster is not known', path } };
  }
  if (bound.includes(cluster)) return undefined;
  return { status: 401, body: { error: 'the bearer token is not for this cluster' } };
}

async function take(deps: Deps, cluster: string, alert: Alert, payload: Payload): Promise<boolean> {
  const about = { cluster, alert, receiver: payload.receiver, groupKey: payload.groupKey };
  if (alert.status === 'resolved') return takeResolved(deps, about);
  const config = clusterOf(deps.config, cluster);
  if (config === undefined) return false;
  return takeFiring(deps, about, (entries) => findEntry(alert.labels, entries, config));
}

async function keepFaulty(
  deps: Deps,
  cluster: string,
  body: string,
  fault: { path: string; says: string },
): Promise<void> {
  const payload = await deps.blobs.put(body.slice(0, KEEP_BYTES));
  const said = (text: string) => whole(text.slice(0, KEEP_CHARACTERS));
  const event = {
    type: 'payload_refused' as const,
    actor: alertmanager(''),
    cluster,
    node: '',
    data: { path: said(fault.path), says: said(fault.says), payload },
  };
  await deps.ledger.change(clusterKind, clusterStream(cluster), () => ({ events: [event], result: undefined }));
}
