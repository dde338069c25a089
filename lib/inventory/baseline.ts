import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { Baseline } from './entry.ts';

const MAX_ITEMS = 500;
const sorted = (items: readonly string[]): readonly string[] => [...new Set(items)].toSorted().slice(0, MAX_ITEMS);

/**
 * How a node is while it is well: taken only from a look at one that is running and ready, with every part read.
 * undefined: this look says nothing about that. `now` in ISO 8601.
 */
export function baselineOf({ readings }: Evidence, now: string): Baseline | undefined {
  const status = readValue(readings.machineStatus);
  const services = readValue(readings.services);
  const extensions = readValue(readings.extensions);
  const modules = readValue(readings.kernelModules);
  if (status?.stage !== 'running' || !status.ready) return undefined;
  if (services === undefined || extensions === undefined || modules === undefined) return undefined;
  return {
    services: sorted(services.filter(({ state }) => state === 'Running').map(({ id }) => id)),
    extensions: sorted(extensions.map(({ name, version }) => `${name} ${version}`)),
    kernelModules: sorted(modules.filter(({ state }) => state !== 'built-in').map(({ name }) => name)),
    timeServers: sorted(readValue(readings.timeServers) ?? []),
    seenAt: now,
  };
}
