import { diffConfigs, placeOf } from './diff-configs.ts';
import type { MachineConfig } from './machine-config.ts';

const NAMED = 3;

/** One line for a plan: how far what would be sent is from what runs. Paths only. */
export function configDrift(stored: MachineConfig, running: MachineConfig): string {
  if (stored.text === running.text) return 'The stored config is what runs, byte for byte.';
  const changes = diffConfigs(running, stored);
  if (changes.length === 0) return 'The stored config says the same as the running one.';
  const places = [...new Set(changes.map(placeOf))];
  const named = places.slice(0, NAMED).join(', ');
  const more = places.length > NAMED ? ` and ${places.length - NAMED} more` : '';
  const where = places.length === 1 ? '1 place' : `${places.length} places`;
  return `The stored config differs from the running one in ${where}: ${named}${more}.`;
}
