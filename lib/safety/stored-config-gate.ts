import { observedIdentity } from '../inventory/identity.ts';
import type { GateFacts } from './facts.ts';
import { allowed, deferred, type Gate, refused } from './gate.ts';

/** The config that is sent now, or that the node will wait for once STATE is wiped, is there and is this machine's. */
export const storedConfigGate: Gate<Pick<GateFacts, 'storedConfig' | 'entry' | 'evidence'>> = (facts) => {
  const { storedConfig: stored, entry, evidence } = facts;
  if (stored.known === 'no') return deferred('Whether a config is stored shows when it is planned.', 'stored config');
  const info = stored.info;
  if (info === undefined) return refused('No stored config of this node is known.', 'stored config');
  if (entry === undefined || info.cluster !== entry.cluster || info.node !== entry.name) {
    return refused(`The stored config belongs to ${info.node} of ${info.cluster}.`, 'stored config');
  }
  const uuid = observedIdentity(evidence).uuid ?? entry.identity.uuid;
  if (uuid === undefined || info.machineUuid.toLowerCase() !== uuid.toLowerCase()) {
    return refused(
      'The stored config was taken from another machine (its UUID differs).',
      'stored config',
      'systemInformation',
    );
  }
  return allowed(
    `Stored config of ${info.takenAt} from this machine (UUID ${uuid}).`,
    'stored config',
    'systemInformation',
  );
};
