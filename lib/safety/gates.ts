import { anotherActor } from './another-actor.ts';
import type { GateFacts, RecordFacts } from './facts.ts';
import { allowed, deferred, type Gate, type GateAnswer, type GateName, refused } from './gate.ts';
import { minHealthy, oneControlPlane } from './healthy-others.ts';
import { localDataGate } from './local-data.ts';
import { provenTarget } from './proven-target.ts';
import { quorumGate } from './quorum-gate.ts';
import { recordGates } from './record-gates.ts';
import { stageGate } from './stage-gate.ts';
import { storedConfigGate } from './stored-config-gate.ts';
import { versionGate } from './version-gate.ts';

/** Evidence from the future is as little worth as an old one: one of the clocks is wrong. */
const freshness: Gate = ({ evidence, now, freshForMs }) => {
  const ageMs = Date.parse(now) - Date.parse(evidence.collectedAt);
  const seconds = Math.round(ageMs / 1000);
  if (Math.abs(ageMs) <= freshForMs) return allowed(`The evidence is ${Math.max(0, seconds)} s old.`, 'reach');
  return refused(`The evidence is ${seconds} s old; diagnose again.`, 'reach');
};

const role: Gate = ({ action, hasIdentity }) => {
  if (hasIdentity === 'yes') return allowed(`Medic holds an os:${action.identity} certificate.`, 'config');
  if (hasIdentity === 'unknown')
    return deferred(`Whether Medic holds os:${action.identity} shows when it is planned.`, 'config');
  return refused(`Medic holds no os:${action.identity} certificate for this cluster.`, 'config');
};

const gates: Readonly<Record<GateName, Gate>> = {
  ...recordGates,
  proven_target: provenTarget,
  freshness,
  stage: stageGate,
  version: versionGate,
  role,
  quorum: quorumGate,
  min_healthy: minHealthy,
  one_control_plane: oneControlPlane,
  another_actor: anotherActor,
  stored_config: storedConfigGate,
  local_data: localDataGate,
};

/** All gates of the action, in its order. Same code when offered, planned and right before a step. */
export function runGates(facts: GateFacts): readonly GateAnswer[] {
  return facts.action.gates.map((gate) => ({ gate, ...gates[gate](facts) }));
}

/** Those of them that ask no node, for the moment of an approval. */
export function runRecordGates(facts: RecordFacts): readonly GateAnswer[] {
  return facts.action.gates
    .filter((gate): gate is keyof typeof recordGates => Object.hasOwn(recordGates, gate))
    .map((gate) => ({ gate, ...recordGates[gate](facts) }));
}

/** The first reason why it may not be done now; undefined: every gate allows it. */
export const whyNotAllowed = (answers: readonly GateAnswer[]): string | undefined =>
  (answers.find(({ answer }) => answer === 'refused') ?? answers.find(({ answer }) => answer === 'deferred'))?.because;

/** One refusal refuses; nothing refused but something deferred is deferred. */
export function overall(answers: readonly GateAnswer[]): GateAnswer['answer'] {
  if (answers.some(({ answer }) => answer === 'refused')) return 'refused';
  return answers.some(({ answer }) => answer === 'deferred') ? 'deferred' : 'allowed';
}
