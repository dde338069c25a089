import { activeConfigOf } from './active-config.ts';
import { bootOf } from './record.ts';
import type { NodeState } from './state.ts';

/** Source: DefaultNTPServer in pkg/machinery/constants/constants.go. */
const DEFAULT_TIME_SERVER = 'time.cloudflare.com';

/** A node in maintenance mode has an address too, or nobody would meet it. */
export const hasNetwork = (node: NodeState): boolean =>
  bootOf(node).isNetworkReady || bootOf(node).api === 'maintenance';

/** Source: internal/app/machined/pkg/controllers/time/sync.go. */
export function isTimeSynced(node: NodeState): boolean {
  if (activeConfigOf(node)?.isTimeSyncDisabled === true) return true;
  const { timeServersAnswering: answering } = node.physical;
  const answers = answering === undefined || timeServersOf(node).some((server) => answering.includes(server));
  return hasNetwork(node) && answers;
}

export function timeServersOf(node: NodeState): readonly string[] {
  const servers = activeConfigOf(node)?.timeServers ?? [];
  return servers.length === 0 ? [DEFAULT_TIME_SERVER] : servers;
}
