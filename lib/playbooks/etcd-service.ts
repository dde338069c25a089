import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { ServiceReading } from '../evidence/values.ts';
import { quote } from './cite.ts';

const ETCD = 'etcd';
/** Talos says so whenever a service ends and is started again. Source: siderolabs/talos, system/runner/restart. */
const GOING_TO_RESTART = 'going to restart';

/** Service etcd of the node; undefined: not read, or there is none. */
export const etcdService = ({ readings }: Evidence): ServiceReading | undefined =>
  readValue(readings.services)?.find(({ id }) => id === ETCD);

/** Running is not enough: the health check says whether it serves. */
export const isEtcdServing = ({ state, health }: ServiceReading): boolean =>
  state === 'Running' && health !== 'unhealthy';

/** How often it has ended among the changes that Talos remembers (64), and since when: `3 times since 2026-03-01 11:50 UTC`. */
export function restartsOf({ events }: ServiceReading): { readonly count: number; readonly text: string } {
  const ends = events.filter(({ message }) => message.includes(GOING_TO_RESTART));
  return { count: ends.length, text: `${ends.length} times since ${minuteOf(ends[0]?.at ?? '')}` };
}

/** Minutes are what a person compares. Talos prints ISO 8601; what looks otherwise is shown as it is. */
function minuteOf(at: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}/.exec(at);
  return match === null ? quote(at) : `${match[1]} ${match[2]} UTC`;
}

/** Lines of the logs in which Talos and etcd say what happens to etcd, the oldest first in each. */
export function etcdLines({
  readings,
}: Evidence): readonly { readonly from: 'logs' | 'kernelLog'; readonly text: string }[] {
  const logs = [ETCD, 'machined'].flatMap((id) => readValue(readings.logs?.[id]) ?? []);
  const kernel = readValue(readings.kernelLog) ?? [];
  return [
    ...logs.map((text) => ({ from: 'logs' as const, text })),
    ...kernel.map(({ message }) => ({ from: 'kernelLog' as const, text: message })),
  ];
}
