import type { Action } from '../actions/action.ts';
import { type ActionName, offerId } from '../approvals/action-name.ts';
import { hashPlan } from '../approvals/hash-plan.ts';
import { CONSOLE_CHARACTERS, type Plan } from '../approvals/plan.ts';
import { approvalsNeeded, selfApprovalText } from '../approvals/policy.ts';
import { type ClusterConfig, clusterOf } from '../config/config.ts';
import { bootFacts, bootText } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { medic } from '../incidents/actor.ts';
import type { NewEvent, Offer } from '../incidents/event.ts';
import type { IncidentState, PlanState } from '../incidents/state.ts';
import { incidentKind } from '../incidents/stream.ts';
import { withWholeTexts } from '../incidents/whole-text.ts';
import { isGeneratedName } from '../inventory/host-name.ts';
import { runGates, whyNotAllowed } from '../safety/gates.ts';
import type { Write } from '../store/ledger-types.ts';
import type { ConfigKeeper } from './config-keeper.ts';
import type { Deps } from './deps.ts';
import { gateFacts, type Look, type Looking, lookAt, STEP_FRESH_MS, suggestedBy } from './gather.ts';
import { digestOf } from './health.ts';
import { peersOf, targetOf } from './inventory.ts';
import { leaseKey, planKey } from './keys.ts';
import { readLastStarted } from './lease.ts';
import { whyMoved } from './renewal.ts';
import { readStanding } from './standing.ts';

export type Planning = Deps &
  Looking & {
    readonly actions: Partial<Record<ActionName, Action>>;
    /** Only where configs may be read. */
    readonly keeper?: ConfigKeeper;
  };

/**
 * Turns a requested plan into a frozen one, or into a refusal with its gates. Run by the function that holds the
 * identity: reads, a dry run under the lease, and nothing that changes a node.
 */
export async function preparePlan(deps: Planning, stream: string, planId: string): Promise<void> {
  const state = await deps.ledger.read(incidentKind, stream);
  const plan = state?.plans[planId];
  if (state === undefined || plan?.status !== 'preparing') return;
  const action = deps.actions[plan.action];
  if (action === undefined) return refuse(deps, stream, plan, 'Medic holds no identity that may do this.', []);
  if (state.status === 'closed') return refuse(deps, stream, plan, 'The incident is closed.', []);
  const cluster = clusterOf(deps.config, state.cluster);
  if (cluster === undefined) return refuse(deps, stream, plan, 'The cluster is not configured any more.', []);
  const look = await lookAt(deps, state.cluster, state.node);
  if (look === undefined) return refuse(deps, stream, plan, 'The node is not in the inventory any more.', []);
  const standing = await readStanding(deps, state.cluster, state.node, planId);
  const answers = runGates(gateFacts(deps, look, plan, action.traits, standing, STEP_FRESH_MS));
  const gates = answers.map((gate) => ({ ...gate, facts: [...gate.facts] }));
  const because = whyNotAllowed(answers);
  if (because !== undefined) return refuse(deps, stream, plan, because, gates);
  const offered = offerId(plan.action, plan.parameters);
  if (!suggestedBy(look.findings).some(({ id }) => id === offered)) {
    return refuse(deps, stream, plan, 'The finding that suggested it is gone. Diagnose again.', gates);
  }
  if (!(await takeLease(deps, stream, state, plan))) {
    return refuse(deps, stream, plan, 'Another action has just begun in this cluster; one at a time.', gates);
  }
  const draft = await action.plan({
    parameters: plan.parameters,
    target: targetOf(look.entry),
    peers: peersOf(look.entries, look.entry.name),
    evidence: look.evidence,
    entry: look.entry,
    findings: look.findings,
    storedConfig: look.storedConfig,
    now: deps.now().toISOString(),
  });
  if (!draft.ok) return refuse(deps, stream, plan, draft.error.because, gates);
  const proof = gates
    .filter(({ gate }) => gate === 'proven_target' || gate === 'stored_config')
    .map(({ because }) => because);
  const afterPlan = await readLastStarted(deps, state.cluster); // it stays: whoever starts needs the lease that we hold
  const framed = frame(deps, state, plan, look, action, cluster);
  const hostname = { label: 'Hostname afterwards', text: framed.hostname };
  const drift = await driftOf(deps, look, action);
  const details = [
    ...draft.value.details,
    ...drift,
    ...(action.traits.calls === 'peer' ? [] : [hostname]),
    ...selfApproval(framed, action),
  ];
  const frozen = { ...framed, ...draft.value, details, proof, afterPlan };
  const whole = withWholeTexts(frozen);
  const moved = plan.renews === undefined ? undefined : await whyMoved(deps, state, plan.renews, whole);
  if (moved !== undefined) return refuse(deps, stream, plan, moved, gates);
  await freeze(deps, stream, whole);
}

function selfApproval({ approvalsNeeded: needed, role }: Framed, { traits }: Action): Plan['details'] {
  const text = selfApprovalText(needed, traits, role);
  return text === undefined ? [] : [{ label: 'Approval', text }];
}

async function driftOf({ keeper }: Planning, look: Look, { traits }: Action): Promise<Plan['details']> {
  const { entry, evidence, storedConfig } = look;
  if (keeper === undefined || storedConfig === undefined || !traits.gates.includes('stored_config')) return [];
  return [{ label: 'Stored and running', text: await keeper.drift(entry, evidence, storedConfig) }];
}

type Framed = Omit<Plan, 'steps' | 'consequences' | 'details' | 'proof' | 'afterPlan'> & { readonly hostname: string };

function frame(
  deps: Deps,
  state: IncidentState,
  plan: PlanState,
  look: Look,
  { traits }: Action,
  cluster: ClusterConfig,
): Framed {
  const { evidence, findings, entry } = look;
  const createdAt = deps.now();
  const isFingerprintAsked = traits.startsIn === 'maintenance' && entry.role === 'controlplane';
  const told = readValue(evidence.readings.version)?.tag;
  return {
    id: plan.id,
    incident: state.id,
    cluster: state.cluster,
    node: state.node,
    role: entry.role,
    address: evidence.address,
    version: told ?? `${entry.version ?? 'unknown'} (assumed)`,
    action: plan.action,
    parameters: plan.parameters,
    about: plan.about,
    identity: traits.identity,
    risk: traits.risk,
    boot: bootText(bootFacts(evidence)),
    digest: digestOf({ evidence, findings, entry }),
    hostname: hostnameAfter(plan, look),
    lastSequenceId: readValue(evidence.readings.sequences)?.at(-1)?.id ?? '',
    findings: findings.map(({ code }) => code),
    approvalsNeeded: approvalsNeeded(traits, entry.role, cluster),
    typedName: traits.typedName,
    consoleFingerprint: isFingerprintAsked ? (evidence.reach.certificate?.spki.slice(0, CONSOLE_CHARACTERS) ?? '') : '',
    createdAt: createdAt.toISOString(),
    expiresAt: new Date(createdAt.getTime() + traits.expiresAfterMs).toISOString(),
  };
}

/** The node keeps the name that it has, a restored config brings the known one; a made-up name is never expected. */
function hostnameAfter({ action }: PlanState, { evidence, entry }: Look): string {
  const current = readValue(evidence.readings.hostname)?.hostname;
  return action !== 'restore_config' && current && !isGeneratedName(current) ? current : entry.hostname;
}

/** For the length of the planning: a dry run cancels somebody's pending TRY, so nobody else may be acting. */
async function takeLease(deps: Deps, stream: string, state: IncidentState, plan: PlanState): Promise<boolean> {
  const key = leaseKey(state.cluster);
  const holder = `plan ${plan.id}`;
  const taken = await deps.ledger.change(incidentKind, stream, async (now) => {
    const current = now?.plans[plan.id];
    const held = await deps.items.get(key);
    const isFree = held === undefined || held.attributes['planId'] === plan.id;
    if (now === undefined || current?.status !== 'preparing' || !isFree) return { events: [], result: false };
    const about = { action: 'a dry run', isDryRun: 'yes', node: state.node, incident: state.id };
    const attributes = { planId: plan.id, ...about };
    const write: Write = { do: 'put', key, attributes, when: { is: 'absent_or_equal', equals: { planId: plan.id } } };
    const event: NewEvent = { ...base(now), type: 'dry_run_started', data: { planId: plan.id, holder } };
    return { events: [event], writes: [write], result: true };
  });
  return taken.ok && taken.value;
}

async function freeze(deps: Deps, stream: string, plan: Plan): Promise<void> {
  const hash = hashPlan(plan);
  await deps.ledger.change(incidentKind, stream, (state) => {
    if (state?.plans[plan.id]?.status !== 'preparing') return { events: [], result: undefined };
    if (state.status === 'closed') {
      const because = 'The incident was closed meanwhile.';
      const refused: NewEvent = { ...base(state), type: 'plan_refused', data: { planId: plan.id, because, gates: [] } };
      return { events: [refused], writes: [giveBack(state.cluster, plan.id)], result: undefined };
    }
    const event: NewEvent = {
      ...base(state),
      type: 'plan_ready',
      data: { planId: plan.id, plan, hash },
      planHash: hash,
    };
    const item: Write = {
      do: 'put',
      key: planKey(plan.id),
      attributes: { body: JSON.stringify(plan), hash },
      when: { is: 'absent' },
    };
    return { events: [event], writes: [item, giveBack(state.cluster, plan.id)], result: undefined };
  });
}

async function refuse(
  deps: Deps,
  stream: string,
  plan: PlanState,
  because: string,
  gates: Offer['gates'],
): Promise<void> {
  await deps.ledger.change(incidentKind, stream, (state) => {
    const current = state?.plans[plan.id];
    if (state === undefined || current?.status !== 'preparing') return { events: [], result: undefined };
    const event: NewEvent = { ...base(state), type: 'plan_refused', data: { planId: plan.id, because, gates } };
    return { events: [event], writes: current.holdsLease ? [giveBack(state.cluster, plan.id)] : [], result: undefined };
  });
}

const base = (state: IncidentState) => ({ actor: medic, cluster: state.cluster, node: state.node });
const giveBack = (cluster: string, planId: string): Write => ({
  do: 'delete',
  key: leaseKey(cluster),
  when: { is: 'equal', equals: { planId } },
});
