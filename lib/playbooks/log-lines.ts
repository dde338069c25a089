import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { KernelLine } from '../evidence/values.ts';

/** Lines of one boot's kernel log that say the same thing, oldest first. */
export type Repeated = { readonly times: number; readonly first: KernelLine; readonly last: KernelLine };

/**
 * What the kernel itself said. Whoever may write to /dev/kmsg gets another facility: the kernel keeps `kern` to itself.
 * Source: Linux, Documentation/ABI/testing/dev-kmsg.
 */
export const kernelSays = ({ readings }: Evidence): readonly KernelLine[] =>
  (readValue(readings.kernelLog) ?? []).filter(({ facility }) => facility === 'kern');

/** What Talos said; its lines in the kernel log begin with this mark. */
export const talosSays = ({ readings }: Evidence): readonly KernelLine[] =>
  (readValue(readings.kernelLog) ?? []).filter(({ message }) => message.startsWith('[talos] '));

export function repeated(lines: readonly KernelLine[], says: (message: string) => boolean): Repeated | undefined {
  const found = lines.filter(({ message }) => says(message));
  const [first] = found;
  const last = found.at(-1);
  return first && last && { times: found.length, first, last };
}

/** What is older says nothing about how a node is now. Our own choice. */
const LATELY_MS = 2 * 60 * 60_000;

/** Whether the last of them is recent; without a time it may be. */
export function isLately({ collectedAt }: Evidence, { last }: Repeated): boolean {
  const agoMs = Date.parse(collectedAt) - Date.parse(last.at ?? '');
  return Number.isNaN(agoMs) || agoMs <= LATELY_MS;
}

/** Text value of a key in the JSON that Talos puts behind a message: `failed {"component": "x", "error": "y"}`. */
export function fieldOf(message: string, key: string): string | undefined {
  const start = message.indexOf('{');
  if (start < 0) return undefined;
  try {
    const fields: unknown = JSON.parse(message.slice(start));
    const value = typeof fields === 'object' && fields !== null ? new Map(Object.entries(fields)).get(key) : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined; // cut, or no JSON at all
  }
}

/** `3 times between 2026-03-01 11:50 and 12:10 UTC`, or `once at 2026-03-01 11:50 UTC`. */
export function timesText({ times, first, last }: Repeated): string {
  const [from, to] = [minuteOf(first.at), minuteOf(last.at)];
  if (times === 1) return from === undefined ? 'once' : `once at ${from} UTC`;
  if (from === undefined || to === undefined) return `${times} times`;
  if (from === to) return `${times} times at ${from} UTC`;
  const isSameDay = from.slice(0, DAY) === to.slice(0, DAY);
  return `${times} times between ${from} and ${isSameDay ? to.slice(DAY + 1) : to} UTC`;
}
const DAY = '2026-03-01'.length;

/** `2026-03-01 11:50`; undefined where the text is no time. */
export function minuteOf(at: string | undefined): string | undefined {
  const ms = Date.parse(at ?? '');
  return Number.isNaN(ms)
    ? undefined
    : new Date(ms).toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ');
}
