import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { type Refusal, refusal } from './access.ts';
import { reachesApid } from './network.ts';
import { roleOf } from './physical.ts';
import type { Fault } from './scenario-schema.ts';
import type { ClusterState, NodeState } from './state.ts';

export const hasFault = (node: NodeState, fault: Fault['fault'], method?: string): boolean =>
  node.faults.some((known) => known.fault === fault && known.method === method);

/** How long a control plane waits for a connection to the target. Source: internal/app/apid/pkg/backend/apid.go. */
const PROXY_DIAL_MS = 20_000;
const NO_ROUTE_MS = 3_000;

const dialing = (node: NodeState, cause: string): Refusal =>
  refusal(
    status.UNAVAILABLE,
    `connection error: desc = "transport: Error while dialing: dial tcp ${node.address}:50000: ${cause}"`,
  );
const handshake = (cause: string): Refusal =>
  refusal(
    status.UNAVAILABLE,
    `connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: ${cause}"`,
  );

/** What the apid of a control plane meets when it dials the node, undefined when it gets through. */
async function dial(
  state: ClusterState,
  from: NodeState,
  node: NodeState,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  if (!reachesApid(state, from, node)) {
    await wait(PROXY_DIAL_MS);
    return dialing(node, 'i/o timeout');
  }
  if (hasFault(node, 'refuse')) return dialing(node, 'connect: connection refused');
  if (hasFault(node, 'hang')) {
    await wait(PROXY_DIAL_MS);
    return dialing(node, 'i/o timeout');
  }
  if (node.power === 'off' || node.boot === undefined) {
    await wait(NO_ROUTE_MS);
    return dialing(node, 'connect: no route to host');
  }
  if (node.boot.api === 'none') return dialing(node, 'connect: connection refused');
  const isUnknown = node.boot.api === 'maintenance' || node.physical.cluster === 'foreign';
  if (isUnknown || hasFault(node, 'wrong_certificate')) {
    return handshake('x509: certificate signed by unknown authority');
  }
  if (hasFault(node, 'expired_certificate')) return handshake('x509: certificate has expired or is not yet valid');
  return undefined;
}

/** Who answers: the contacted node, or the one that the single `node` header names. Source: internal/app/apid/pkg/director/director.go. */
export async function findTarget(
  state: ClusterState,
  contacted: NodeState,
  header: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly node: NodeState } | { readonly refusal: Refusal }> {
  const [target, second] = header;
  if (target === undefined || contacted.boot?.api === 'maintenance') return { node: contacted };
  if (second !== undefined) {
    return { refusal: refusal(status.INVALID_ARGUMENT, 'node metadata must be single-valued') };
  }
  const isNamed = (node: NodeState) =>
    node.address === target || node.boot?.hostname.hostname === target || node.boot?.nodename === target;
  if (isNamed(contacted)) return { node: contacted };
  if (roleOf(contacted.name) === 'worker') {
    return { refusal: refusal(status.PERMISSION_DENIED, 'no request forwarding') };
  }
  if (target === '' || target.includes(':')) {
    return { refusal: refusal(status.INTERNAL, `invalid target ${JSON.stringify(target)}`) };
  }
  const node = Object.values(state.nodes).find(isNamed);
  if (node === undefined) {
    const cause = `dial tcp: lookup ${target}: no such host`;
    const text = `connection error: desc = "transport: Error while dialing: ${cause}"`;
    return { refusal: refusal(status.UNAVAILABLE, text) };
  }
  const refused = await dial(state, contacted, node, signal);
  return refused ? { refusal: refused } : { node };
}
