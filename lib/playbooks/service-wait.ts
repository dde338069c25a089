import type { ServiceReading } from '../evidence/values.ts';

/** What a service waits for right now. Texts: siderolabs/talos, system/service_runner.go and pkg/conditions. */
export type ServiceWait = {
  readonly service: ServiceReading;
  /** As Talos prints them: `file "/dev/zfs" to exist`, `time sync`, `service "cri" to be "up"` ... */
  readonly conditions: readonly string[];
  /** By the clock of the node, ISO 8601; empty where Talos printed no time. */
  readonly since: string;
};

const WAITING_FOR = 'Waiting for ';
/** A list with commas between its items, of which `volumes a, b to be mounted` is one. */
const CONDITION = / *volumes? [^"]{1,200}? to be mounted|(?:[^,"]|"[^"]{0,256}")+/g;

/** undefined: it does not wait, or only for the pause between two of its own crashes. */
export function waitOf(service: ServiceReading): ServiceWait | undefined {
  const last = service.events.at(-1);
  if (service.state !== 'Waiting' || last === undefined || !isWait(last)) return undefined;
  const firstOfThese = service.events.findLastIndex((event) => !isWait(event)) + 1;
  const conditions = last.message.slice(WAITING_FOR.length).match(CONDITION) ?? [];
  return {
    service,
    conditions: conditions.map((text) => text.trim()).filter((text) => text !== ''),
    since: service.events[firstOfThese]?.at ?? '',
  };
}

const isWait = ({ state, message }: ServiceReading['events'][number]): boolean =>
  state === 'Waiting' && message.startsWith(WAITING_FOR);

/** The file that a condition is about. */
export const fileOf = (condition: string): string | undefined => /^file "([^"]{1,256})" to exist$/.exec(condition)?.[1];

/** The other service that a condition is about. */
export const serviceOf = (condition: string): string | undefined =>
  /^service "([^"]{1,128})" to be /.exec(condition)?.[1];

export const TIME_CONDITION = 'time sync';
export const CONFIG_CONDITION = 'extension service config';
