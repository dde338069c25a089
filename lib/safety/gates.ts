import { ACTION_TITLES } from '../approvals/action-name.ts';
import { readValue } from '../evidence/reading.ts';
import { compareIdentity, observedIdentity } from '../inventory/identity.ts';
import { knownMinor } from '../versions/talos-version.ts';
import type { GateFacts } from './facts.ts';
import type { GateAnswer, GateName } from './gate.ts';
import { quorumGate } from './quorum-gate.ts';

type Gate = (facts: GateFacts) => Omit<GateAnswer, 'gate'>;

const allowed = (because: string, ...facts: string[]) => ({ answer: 'allowed' as const, because, facts });
const refused = (because: string, ...facts: string[]) => ({ answer: 'refused' as const, because, facts });
const deferred = (because: string, ...facts: string[]) => ({ answer: 'deferred' as const, because, facts });

/** Two hardware facts of the machine agree with the inventory, and so does its role. */
const provenTarget: Gate = ({ entry, evidence }) => {
  if (entry === undefined) return refused('This machine is not in the inventory, so it cannot be proven.', 'inventory');
  const proof = compareIdentity(entry.identity, observedIdentity(evidence));
  if (proof.verdict !== 'same')
    return refused(`The machine is not proven: ${proof.because}`, 'inventory', 'systemInformation');
  const type = readValue(evidence.readings.machineType);
  const isOtherRole = type !== undefined && type !== 'unknown' && roleOf(type) !== entry.role;
  if (isOtherRole) return refused(`It runs as ${type}, the inventory knows it as ${entry.role}.`, 'machineType');
  return allowed(proof.because, 'inventory', 'systemInformation', 'disks', 'links');
};
const roleOf = (machineType: string) => (machineType === 'worker' ? 'worker' : 'controlplane');

const freshness: Gate = ({ evidence, now, freshForMs }) => {
  const ageMs = Date.parse(now) - Date.parse(evidence.collectedAt);
  if (ageMs <= freshForMs) return allowed(`The evidence is ${Math.max(0, Math.round(ageMs / 1000))} s old.`, 'reach');
  return refused(`The evidence is ${Math.round(ageMs / 1000)} s old; diagnose again.`, 'reach');
};

/**
 * What Talos lets the action do in the state that the machine is in. Source: siderolabs/talos, v1alpha1_server.go; in
 * maintenance mode internal/app/maintenance/server.go (<= 1.12) and internal/app/apid/service.go (>= 1.13).
 */
const stage: Gate = ({ action, evidence }) => {
  const { mode } = evidence.reach;
  const current = readValue(evidence.readings.machineStatus)?.stage;
  const isMaintenance = mode === 'maintenance' && current === 'maintenance';
  if (mode === 'silent') return refused('The node does not answer, so Talos can do nothing on it.', 'reach');
  if (mode === 'refused') return refused('The node does not accept our certificate.', 'reach');
  if (action.startsIn === 'maintenance') {
    if (isMaintenance) return allowed('The node is in maintenance mode and takes a config.', 'machineStatus');
    return refused('Only a node in maintenance mode gets its stored config.', 'machineStatus', 'reach');
  }
  if (mode === 'maintenance') {
    return refused(
      `Talos offers no ${ACTION_TITLES[action.name].toLowerCase()} in maintenance mode.`,
      'reach',
      'machineStatus',
    );
  }
  // what changes a node is sent to the node itself, so that what answers is what was proven
  if (mode === 'forwarded') {
    return refused(
      'Only control planes reach the node; Medic changes a node by speaking with it itself, or not at all.',
      'reach',
    );
  }
  if (current === 'running' || current === 'booting') return allowed(`The stage is ${current}.`, 'machineStatus');
  return refused(`The stage is ${current ?? 'not known'}; another sequence may be running.`, 'machineStatus');
};

const version: Gate = ({ action, evidence, entry }) => {
  const told = readValue(evidence.readings.version)?.tag;
  const tag = told ?? entry?.version;
  const known = knownMinor(tag);
  if (!known.ok) return refused(`Talos ${tag ?? ''} cannot be changed by Medic: ${known.error}.`, 'version');
  if (told !== undefined) return allowed(`Talos ${told}.`, 'version');
  if (action.startsIn === 'maintenance') return allowed(`Talos ${tag}, assumed: the last known version.`, 'inventory');
  return refused('The node did not say which Talos it runs.', 'version');
};

const role: Gate = ({ action, hasIdentity }) => {
  if (hasIdentity === 'yes') return allowed(`Medic holds an os:${action.identity} certificate.`, 'config');
  if (hasIdentity === 'unknown')
    return deferred(`Whether Medic holds os:${action.identity} shows when it is planned.`, 'config');
  return refused(`Medic holds no os:${action.identity} certificate for this cluster.`, 'config');
};

const oneAtATime: Gate = ({ lease }) => {
  if (lease.state === 'free') return allowed('No other action runs in this cluster.', 'lease');
  if (lease.state === 'ours') return allowed('This plan holds the lease of the cluster.', 'lease');
  if (lease.state === 'unknown') return deferred('Whether another action runs shows when it is planned.', 'lease');
  return refused(`Another action (${lease.by}) is under way on ${lease.node}; one at a time.`, 'lease');
};

const storedConfig: Gate = ({ storedConfig: stored, entry, evidence }) => {
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

const playbookStage: Gate = ({ playbookStage: at, suggestedBy }) => {
  const who = [...new Set(suggestedBy)].join(', ') || 'Playbooks';
  if (at === 'act') return allowed(`${who}: may offer actions in this cluster.`, 'config');
  return refused(`${who}: at stage "${at}" in this cluster, so findings only and no actions.`, 'config');
};

const gates: Readonly<Record<GateName, Gate>> = {
  proven_target: provenTarget,
  freshness,
  stage,
  version,
  role,
  quorum: quorumGate,
  one_at_a_time: oneAtATime,
  stored_config: storedConfig,
  playbook_stage: playbookStage,
};

/** All gates of the action, in its order. Same code when offered, planned and right before a step. */
export function runGates(facts: GateFacts): readonly GateAnswer[] {
  return facts.action.gates.map((gate) => ({ gate, ...gates[gate](facts) }));
}

/** One refusal refuses; nothing refused but something deferred is deferred. */
export function overall(answers: readonly GateAnswer[]): GateAnswer['answer'] {
  if (answers.some(({ answer }) => answer === 'refused')) return 'refused';
  return answers.some(({ answer }) => answer === 'deferred') ? 'deferred' : 'allowed';
}
