import type { ServiceReading } from '../evidence/values.ts';

/**
 * Services that neither run in health nor are done. No health check counts as healthy. Source: siderolabs/talos,
 * system/service_runner.go.
 */
export const brokenServices = (services: readonly ServiceReading[]): readonly ServiceReading[] =>
  services.filter(({ state, health }) => !DONE.has(state) && (state !== 'Running' || health === 'unhealthy'));

const DONE: ReadonlySet<string> = new Set(['Finished', 'Skipped']);
