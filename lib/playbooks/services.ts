import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { ServiceReading } from '../evidence/values.ts';

/**
 * Services that neither run in health nor are done. No health check counts as healthy. Source: siderolabs/talos,
 * system/service_runner.go.
 */
export const brokenServices = (services: readonly ServiceReading[]): readonly ServiceReading[] =>
  services.filter(({ state, health }) => !DONE.has(state) && (state !== 'Running' || health === 'unhealthy'));

const DONE: ReadonlySet<string> = new Set(['Finished', 'Skipped']);

export const isExtension = ({ id }: Pick<ServiceReading, 'id'>): boolean => id.startsWith('ext-');

/** Whether a fault in an extension is all there is: a node that does not serve either has another cause beside it. */
export function onlyExtensionsAreBroken({ readings }: Evidence): boolean {
  const isReady = readValue(readings.machineStatus)?.ready !== false;
  const isKubernetesReady = readValue(readings.nodeStatus)?.nodeReady !== false;
  return isReady && isKubernetesReady && brokenServices(readValue(readings.services) ?? []).every(isExtension);
}

/** How often the runner of a service ended and was started again, as far back as the node remembers. */
export const restartsOf = ({ events }: ServiceReading): ServiceReading['events'] =>
  events.filter(({ message }) => message.includes('going to restart'));
