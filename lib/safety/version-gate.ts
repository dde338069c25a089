import { readValue } from '../evidence/reading.ts';
import { knownMinor } from '../versions/talos-version.ts';
import type { GateFacts } from './facts.ts';
import { allowed, deferred, type Gate, refused, type Said } from './gate.ts';

/** Who takes the call runs a Talos that Medic knows well enough to change it. */
export const versionGate: Gate<Pick<GateFacts, 'action' | 'evidence' | 'entry' | 'record'>> = (facts) => {
  const { action, evidence, entry, record } = facts;
  if (action.calls === 'peer') return versionsOfOthers(record);
  const told = readValue(evidence.readings.version)?.tag;
  const tag = told ?? entry?.version;
  const known = knownMinor(tag);
  if (!known.ok) return refused(`Talos ${tag ?? ''} cannot be changed by Medic: ${known.error}.`, 'version');
  if (told !== undefined) return allowed(`Talos ${told}.`, 'version');
  // in maintenance mode it says so since 1.10 only
  if (action.startsIn === 'maintenance') return allowed(`Talos ${tag}, assumed: the last known version.`, 'inventory');
  return refused('The node did not say which Talos it runs.', 'version');
};

function versionsOfOthers(record: GateFacts['record']): Said {
  if (record.known === 'no') return deferred('Which Talos the others run shows when it is planned.', 'inventory');
  const unknown = record.others.find(({ role, version }) => role === 'controlplane' && !knownMinor(version).ok);
  if (unknown === undefined) return allowed('Every other control plane runs a Talos that Medic knows.', 'inventory');
  const { name, version } = unknown;
  return refused(`${name} runs Talos ${version ?? 'of no known version'}, which Medic does not know.`, 'inventory');
}
