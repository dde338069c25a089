import { openConnection } from './connection.ts';
import type { ResourceKind } from './cosi.ts';
import { type ResourceChange, watchResources } from './cosi-watch.ts';
import { mayDial } from './dial-rules.ts';
import { verified } from './node-policy.ts';
import { volumeStatus } from './resources/block.ts';
import { member } from './resources/cluster.ts';
import { nodeStatus, staticPodStatus } from './resources/kubernetes.ts';
import { hostnameStatus } from './resources/network.ts';
import { diagnostic, machineStatus } from './resources/runtime.ts';
import type { ClusterAccess, NodeTarget } from './talos.ts';
import type { TalosError } from './talos-error.ts';

/** What changes while one looks. Another one is one line here. */
const watchable = {
  machineStatus,
  volumes: volumeStatus,
  hostname: hostnameStatus,
  members: member,
  nodeStatus,
  staticPods: staticPodStatus,
  diagnostics: diagnostic,
} as const;
export type WatchableName = keyof typeof watchable;
type Values = { [N in WatchableName]: (typeof watchable)[N] extends ResourceKind<infer T> ? T : never };
const kinds: { readonly [N in WatchableName]: ResourceKind<Values[N]> } = watchable;
export type Watching<N extends WatchableName> =
  | ResourceChange<Values[N]>
  | { readonly kind: 'failed'; readonly error: TalosError };

/** A day: whoever watches says with the signal when it is enough. */
const LONGEST_MS = 24 * 3_600_000;

export async function* watchNode<N extends WatchableName>(
  access: ClusterAccess,
  { name: node, address }: NodeTarget,
  name: N,
  signal: AbortSignal,
): AsyncGenerator<Watching<N>, void, undefined> {
  const kind = kinds[name];
  const allowed = mayDial(address, access);
  if (!allowed.ok) {
    return yield {
      kind: 'failed',
      error: { code: 'address_not_allowed', node, source: kind.type, text: allowed.error },
    };
  }
  const keepalive = { everyMs: 10_000, timeoutMs: 5_000 };
  const connection = openConnection({ node, tls: verified(access, address, access.reader), keepalive });
  try {
    const failure = yield* watchResources(connection, kind, { timeoutMs: LONGEST_MS, signal, node });
    if (failure !== undefined && !signal.aborted) yield { kind: 'failed', error: failure };
  } finally {
    connection.close();
  }
}
