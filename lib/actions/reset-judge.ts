import type { Plan, Step } from '../approvals/plan.ts';
import { bootFacts, parseBoot, sameBoot } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { Check } from '../incidents/event.ts';
import { compareIdentity, observedIdentity } from '../inventory/identity.ts';
import { ok } from '../result.ts';
import type { ActionJudge, Probe, ProbeFacts, VerifyFacts } from './action.ts';
import { checkRead, findingGoneCheck, hostnameCheck, newBootCheck, runningChecks } from './checks.ts';
import { probeSnapshot } from './etcd-snapshot.ts';
import type { ResetName } from './reset.ts';
import { parseReset, partitionOf } from './reset-plan.ts';
import { restoredProbe } from './restored-probe.ts';
import { sequenceProbe } from './sequence-probe.ts';
import { actionTraits } from './traits.ts';

export const resetJudge = (name: ResetName): ActionJudge => ({
  traits: actionTraits[name],
  about(parameters) {
    const wanted = parseReset(parameters);
    return wanted.ok ? ok(wanted.value.graceful === 'yes' ? '' : '(not graceful)') : wanted;
  },
  probe(step, plan, facts) {
    switch (step.method) {
      case 'EtcdSnapshot':
        return probeSnapshot(facts);
      case 'Reset':
        return sequenceProbe('reset', plan, facts);
      case 'wait_until':
        return erased(plan, facts);
      default:
        return restoredProbe(facts.results[Number(step.request['bootOfStep'])] ?? '', facts);
    }
  },
  verify(plan, facts) {
    const { evidence, entry } = facts;
    const comesBackEmpty = name === 'reset_state_and_ephemeral' && entry.role === 'controlplane';
    if (comesBackEmpty) return [newBootCheck(plan.boot, evidence), ...maintenanceChecks(facts)];
    return [
      newBootCheck(plan.boot, evidence),
      ...wipedChecks(plan, facts),
      ...runningChecks(evidence, entry),
      hostnameCheck(plan.hostname, evidence, entry),
      findingGoneCheck(plan, facts),
    ];
  },
});

/** The key of that boot is what the config is sent to, and to no other. */
function erased(plan: Plan, { evidence, entry }: ProbeFacts): Probe {
  const open = maintenanceChecks({ evidence, entry }).filter(({ answer }) => answer !== 'yes');
  if (open.length > 0)
    return { answer: 'unknown', because: open.map(({ name, says }) => `${name}: ${says}`).join('; ') };
  if (sameBoot(parseBoot(plan.boot), bootFacts(evidence)) === true)
    return { answer: 'unknown', because: 'It is still the boot of the plan.' };
  const spki = evidence.reach.certificate?.spki;
  if (spki === undefined) return { answer: 'unknown', because: 'The node shows no certificate.' };
  return { answer: 'arrived', because: 'It waits in maintenance mode, with STATE erased.', result: spki };
}

function maintenanceChecks({ evidence, entry }: Pick<VerifyFacts, 'evidence' | 'entry'>): readonly Check[] {
  const { reach, readings } = evidence;
  const stage = readValue(readings.machineStatus)?.stage;
  const identity = compareIdentity(entry.identity, observedIdentity(evidence));
  const volumes = readValue(readings.discoveredVolumes);
  const isWaiting = reach.mode === 'maintenance' && stage === 'maintenance';
  return [
    checkRead('Maintenance mode', stage === undefined ? undefined : isWaiting, `reach ${reach.mode}, stage ${stage}`),
    checkRead(
      'Same machine',
      identity.verdict === 'unproven' ? undefined : identity.verdict === 'same',
      identity.because,
    ),
    checkRead(
      'STATE erased',
      volumes === undefined ? undefined : partitionOf(evidence, 'STATE') === undefined,
      partitionOf(evidence, 'STATE') === undefined ? 'no partition has its label' : 'a partition still has its label',
    ),
  ];
}

/** Partitions that were made anew have other UUIDs. */
function wipedChecks(plan: Plan, { evidence }: VerifyFacts): readonly Check[] {
  const request: Step['request'] = plan.steps.find(({ method }) => method === 'Reset')?.request ?? {};
  const labels = String(request['labels']).split(' ');
  return [
    wiped(evidence, 'EPHEMERAL', String(request['ephemeralUuid'])),
    ...(labels.includes('STATE') ? [wiped(evidence, 'STATE', String(request['stateUuid']))] : []),
  ];
}

function wiped(evidence: Evidence, label: 'STATE' | 'EPHEMERAL', before: string): Check {
  const now = partitionOf(evidence, label);
  const holds = now === undefined || now === '' ? undefined : now !== before;
  return checkRead(
    `${label} made anew`,
    holds,
    `partition ${now}, before it was ${before === '' ? 'not there' : before}`,
  );
}
