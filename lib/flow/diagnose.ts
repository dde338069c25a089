import { bootFacts, bootText } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { medic } from '../incidents/actor.ts';
import { isDiagnosisDue } from '../incidents/due-work.ts';
import type { EventData, NewEvent, StoredFinding } from '../incidents/event.ts';
import type { IncidentState } from '../incidents/state.ts';
import { isActing, isPending } from '../incidents/state.ts';
import { incidentKind } from '../incidents/stream.ts';
import { learn, learnBoot } from '../inventory/learn.ts';
import type { Said } from '../playbooks/finding.ts';
import { type Stages, stageOf } from '../playbooks/stage.ts';
import type { Write } from '../store/ledger-types.ts';
import type { Deps } from './deps.ts';
import { stagesIn } from './find.ts';
import { type Look, type Looking, lookAt, offersFor } from './gather.ts';
import { digestOf, healthOf } from './health.ts';
import { writeInventory } from './inventory.ts';
import { openIncidentKey } from './keys.ts';
import { notePointer } from './open-incidents.ts';
import { knownRecord } from './record-facts.ts';
import { type KnownStanding, keepStorm, readStanding } from './standing.ts';
import { urgencyOf } from './urgency.ts';

/** One diagnosis of one incident: sweep, playbooks, gates, and what follows from Talos' word on the node. */
export async function diagnose(deps: Deps & Looking, stream: string): Promise<void> {
  const started = await deps.ledger.change(incidentKind, stream, (state, at) => {
    if (state === undefined || !isDiagnosisDue(state, at)) return { events: [], result: undefined };
    const because = state.diagnosisWanted ?? unasked(state);
    const event: NewEvent = {
      type: 'diagnosis_started',
      actor: medic,
      cluster: state.cluster,
      node: state.node,
      data: { because },
    };
    return { events: [event], result: state };
  });
  if (!started.ok || started.value === undefined) return;
  const { cluster, node } = started.value;
  try {
    await lookAndFinish(deps, stream, cluster, node);
  } catch (error) {
    deps.log('diagnosis_broke_off', { cluster, node, because: String(error) });
    await fail(deps, stream, 'the look at the node broke off; the reason is in the log');
  }
}

const unasked = ({ status }: IncidentState): string =>
  status === 'diagnosing'
    ? 'the diagnosis before it was interrupted'
    : 'every alert is resolved, and Talos did not say that the node is well';

async function lookAndFinish(deps: Deps & Looking, stream: string, cluster: string, node: string): Promise<void> {
  const look = await lookAt(deps, cluster, node);
  if (look === undefined) return fail(deps, stream, `${node} is not in the inventory any more`);
  const evidence = await deps.blobs.put(JSON.stringify(look.evidence));
  const now = deps.now().toISOString();
  const booted = learnBoot(look.entry, look.evidence, now);
  if (booted !== undefined) await writeInventory(deps, booted);
  const standing = await readStanding(deps, cluster, node, '');
  const summary = summarise(deps, look, standing, evidence);
  const { storm } = knownRecord(deps, { ...look, health: summary.health }, standing.record);
  if (storm.state === 'active') await keepStorm(deps, cluster, storm.until);
  const finished = await deps.ledger.change(incidentKind, stream, async (state) => {
    const decision = finish(state, summary);
    if (state === undefined || decision.result === 'closed' || decision.events.length === 0) return decision;
    return { ...decision, writes: await notePointer(deps, state, summary, look.evidence.collectedAt) };
  });
  if (!finished.ok || finished.value !== 'closed') return;
  const learned = learn(booted ?? look.entry, look.evidence, look.entry, now);
  if (learned !== undefined) await writeInventory(deps, learned);
}

async function fail(deps: Deps, stream: string, because: string): Promise<void> {
  await deps.ledger.change(incidentKind, stream, (state) => {
    if (state?.status !== 'diagnosing') return { events: [], result: undefined };
    const event: NewEvent = {
      type: 'diagnosis_failed',
      actor: medic,
      cluster: state.cluster,
      node: state.node,
      data: { because },
    };
    return { events: [event], result: undefined };
  });
}

type Summary = EventData<'diagnosis_finished'>;

function summarise(deps: Deps & Looking, look: Look, standing: KnownStanding, evidence: string): Summary {
  const { readings, reach, tookMs } = look.evidence;
  const stages = stagesIn(deps.config, look.entry.cluster);
  return {
    evidence,
    digest: digestOf(look),
    boot: bootText(bootFacts(look.evidence)),
    reach: reach.mode,
    stage: readValue(readings.machineStatus)?.stage ?? '',
    version: readValue(readings.version)?.tag ?? '',
    health: healthOf(look.evidence, look.findings),
    urgency: urgencyOf(look.evidence, standing.record.open.length, look.entries.length),
    findings: look.findings.map((finding) => stored(finding, stages)),
    observed: look.observed.map((finding) => stored(finding, stages)),
    offers: [...offersFor(deps, look, standing)],
    readings: listReadings(look.evidence),
    tookMs: Math.round(tookMs),
  };
}

/** As the record keeps it: texts only. */
const stored = ({ explains: _, ...finding }: Said, stages: Stages): StoredFinding => ({
  ...finding,
  stage: stageOf(stages, finding.playbook),
  evidence: finding.evidence.map((citation) => ({ ...citation })),
  suggests: [...finding.suggests],
  rulesOut: finding.rulesOut.map((ruled) => ({ ...ruled })),
  advice: finding.advice ?? '',
});

/** One line per reading for the record; the values are in the blob. */
export function listReadings(evidence: Evidence): Summary['readings'] {
  const { logs, ...single } = evidence.readings;
  const own = [
    ...Object.entries(single),
    ...Object.entries(logs ?? {}).map(([id, reading]) => [`log ${id}`, reading] as const),
  ];
  const peers = evidence.peers.flatMap(({ node, ...said }) =>
    Object.entries(said).map(([name, reading]) => [`${name} of ${node}`, reading] as const),
  );
  return [...own, ...peers].flatMap(([name, reading]) => {
    if (reading === undefined) return [];
    const answer = reading.ok ? (reading.cut ?? 'answered') : `${reading.error.code}: ${reading.error.message}`;
    return [{ name, source: reading.source, node: reading.node, answer }];
  });
}

const WELL_AND_RESOLVED = 'Alertmanager says resolved, and Talos says that the node is running and ready.';
const WELL_WITHOUT_ALERT = 'Talos says that the node is running and ready, and no alert was about it.';

/** The diagnosis, the plans that it voids (Talos' word that the node is well voids them all), and the end of the incident when both Alertmanager and Talos say so. */
function finish(state: IncidentState | undefined, summary: Summary) {
  if (state?.status !== 'diagnosing') return { events: [], result: 'open' as const };
  const base = { actor: medic, cluster: state.cluster, node: state.node };
  const plans = Object.values(state.plans);
  const voided = plans
    .filter((plan) => isPending(plan) && plan.hash !== '')
    .filter((plan) => plan.digest !== summary.digest || summary.health === 'healthy')
    .map((plan): NewEvent => {
      const because = 'what the plan rests on has changed since it was made.';
      return { ...base, type: 'plan_voided', data: { planId: plan.id, because }, planHash: plan.hash };
    });
  const isOver =
    summary.health === 'healthy' && state.alerts.every(({ status }) => status === 'resolved') && !plans.some(isActing);
  const closed: NewEvent = {
    ...base,
    type: 'incident_closed',
    data: { because: state.alerts.length === 0 ? WELL_WITHOUT_ALERT : WELL_AND_RESOLVED },
  };
  const events: readonly NewEvent[] = [
    { ...base, type: 'diagnosis_finished', data: summary },
    ...voided,
    ...(isOver ? [closed] : []),
  ];
  const pointer: Write = {
    do: 'delete',
    key: openIncidentKey(state.cluster, `NODE#${state.node}`),
    when: { is: 'equal', equals: { incident: state.id } },
  };
  return { events, writes: isOver ? [pointer] : [], result: isOver ? ('closed' as const) : ('open' as const) };
}
