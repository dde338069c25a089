import { actionTraits } from '../../lib/actions/traits.ts';
import type { GateFacts, KnownRecord, OtherNode } from '../../lib/safety/facts.ts';
import type { GateAnswer, GateName } from '../../lib/safety/gate.ts';
import { runGates } from '../../lib/safety/gates.ts';
import { Limits } from '../../lib/safety/limits.ts';
import { AT, inMaintenance, inventory, running } from '../playbooks/build-evidence.ts';

export const stored = {
  id: 'folder:cp-1',
  cluster: 'test',
  node: 'cp-1',
  machineUuid: inventory.identity.uuid ?? '',
  takenAt: AT,
  source: 'synthetic',
  sha256: 'a'.repeat(64),
};
export const other = (name: string, change: Partial<OtherNode> = {}): OtherNode => {
  return { name, role: 'controlplane', version: 'v1.13.2', incident: 'none', ...change };
};
/** Three control planes and nothing on record. */
export const record = (change: Partial<KnownRecord> = {}): GateFacts['record'] => ({
  known: 'yes',
  freeze: undefined,
  storm: { state: 'none' },
  past: [],
  others: [other('cp-2'), other('cp-3')],
  silentSince: undefined,
  ...change,
});
/** A reboot of the healthy control plane cp-1: every gate allows it. */
export const reboot = (change: Partial<GateFacts> = {}): GateFacts => ({
  action: actionTraits.reboot,
  evidence: running(),
  entry: inventory,
  now: AT,
  freshForMs: 60_000,
  lease: { state: 'free' },
  storedConfig: { known: 'yes', info: stored },
  hasIdentity: 'yes',
  playbookStage: 'act',
  suggestedBy: ['node-silent'],
  controlPlanes: 3,
  limits: Limits.parse({}),
  hasBegun: false,
  planned: undefined,
  record: record(),
  ...change,
});
/** The config of cp-1, which waits for it: every gate allows it. */
export const restore = (change: Partial<GateFacts> = {}): GateFacts =>
  reboot({ action: actionTraits.restore_config, evidence: inMaintenance({}), ...change });
/** The gate is asked even where the action of today does not name it. */
export const answerOf = (gate: GateName, facts: GateFacts): GateAnswer => {
  const [answer] = runGates({ ...facts, action: { ...facts.action, gates: [gate] } });
  if (answer === undefined) throw new Error(`${gate} gave no answer`);
  return answer;
};
export const ask = (gate: GateName, facts: GateFacts): GateAnswer['answer'] => answerOf(gate, facts).answer;
