import type { Plan, Step } from '../../lib/approvals/plan.ts';
import { parseBoot } from '../../lib/evidence/boot.ts';
import type { NewClusterEvent } from '../../lib/incidents/cluster-event.ts';
import type { IncidentEvent, IncidentState, PlanState } from '../../lib/incidents/state.ts';
import type { NodeTarget } from '../../lib/talos/talos.ts';
import { type Cluster, hasQuorum, healthyMembers, type Machine, quorumOf } from './machines.ts';
import type { Commit } from './memory-table.ts';
import { entitled, OPERATORS, yesesFor } from './people.ts';

/** What must never be. `bug`: a job ended with an error that is none of its own. */
export const RULES = [
  'quorum_lost',
  'two_at_once',
  'not_audited_first',
  'void_plan',
  'no_right',
  'no_partition',
  'other_machine',
  'lease_freed',
  'try_cancelled',
  'bug',
] as const;
export type Rule = (typeof RULES)[number];
export type Violation = { readonly rule: Rule; readonly says: string };

/** One job at work. `lookFrom`, `readFrom`: the moment at which its last look, and its last read of a config, began. */
export type Task = {
  readonly job: string;
  readonly planId: string;
  lookFrom: number;
  readFrom: number;
};

/** A call as it is sent. `dryRun`: it changes nothing, but ends what somebody tries out. */
export type Call = {
  readonly method: Step['method'];
  readonly target: NodeTarget;
  readonly dryRun: boolean;
  /** The key that it is pinned to, in maintenance mode. */
  readonly spki?: string;
  /** What the node is told to wipe, as the message has it. */
  readonly wipes?: readonly string[];
  readonly memberId?: string;
  /** Takes the whole node away, or its etcd for a moment. */
  readonly stops: 'node' | 'etcd' | 'nothing';
};

export type Observer = ReturnType<typeof createObserver>;

/** Knows the truth, hears every event when it is written, and sees every call: when it is sent, and when it arrives. */
export function createObserver(cluster: Cluster, nowMs: () => number) {
  const violations: Violation[] = [];
  const states = new Map<string, IncidentState>();
  const frozen = new Map<string, Plan>();
  const endedByPerson = new Set<string>();
  const sent = new Map<string, number>();
  const counts = { calls: 0, refusals: 0, verdicts: new Map<string, number>(), methods: new Map<string, number>() };
  let holder: string | undefined;

  const violate = (rule: Rule, says: string): void => void violations.push({ rule, says });
  const plans = (): readonly PlanState[] => [...states.values()].flatMap((state) => Object.values(state.plans));
  const planOf = (planId: string): PlanState | undefined => plans().find(({ id }) => id === planId);

  function hear(event: IncidentEvent, state: IncidentState): void {
    if (event.type === 'plan_ready') frozen.set(event.data.planId, event.data.plan);
    if (event.type === 'plan_refused' || event.type === 'person_refused') counts.refusals += 1;
    if (event.type === 'verdict_reached') add(counts.verdicts, event.data.verdict);
    if (event.type === 'step_finished' && event.data.outcome === 'refused') counts.refusals += 1;
    if (event.actor.kind !== 'person' || event.type === 'person_refused') return;
    if (event.type === 'verdict_reached' || event.type === 'plan_voided') endedByPerson.add(event.data.planId);
    const { id } = event.actor;
    const plan = 'planId' in event.data ? state.plans[event.data.planId] : undefined;
    const isOwnSay = SAYS_ON_PLANS.includes(event.type);
    const allowed = plan !== undefined && isOwnSay ? entitled(plan.action) : OPERATORS;
    if (!allowed.includes(id)) violate('no_right', `${id} did ${event.type} (${plan?.action ?? 'no plan'})`);
    const yeses = plan?.approvals.map((one) => one.id) ?? [];
    if (new Set(yeses).size !== yeses.length) violate('no_right', `${id} said yes twice to ${plan?.id}`);
  }

  /** The lease may be given back only by whoever is over with what it was for. */
  function whyNotFree(planId: string): string | undefined {
    const plan = planOf(planId);
    if (plan === undefined) return 'nobody knows the plan';
    if (['preparing', 'executing', 'verifying'].includes(plan.status)) return `it is ${plan.status}`;
    const open = plan.steps.find(({ status }) => status === 'intended');
    if (open === undefined || endedByPerson.has(planId)) return undefined;
    return `what came of step ${open.n} (${open.method}) is open`;
  }

  function onCommit({ stream, bodies, text, writes }: Commit): void {
    if (stream.startsWith('INCIDENT#')) {
      const state: IncidentState = JSON.parse(text);
      states.set(stream, state);
      for (const body of bodies) hear(JSON.parse(body), state);
    }
    if (stream.startsWith('CLUSTER#')) {
      for (const body of bodies) {
        const event: NewClusterEvent = JSON.parse(body);
        const isRefusal = event.type === 'person_refused';
        if (isRefusal) counts.refusals += 1;
        else if (event.actor.kind === 'person' && !OPERATORS.includes(event.actor.id))
          violate('no_right', `${event.actor.id} did ${event.type}`);
      }
    }
    for (const write of writes) {
      if (!write.key.pk.startsWith('LEASE#') || write.key.sk !== 'LEASE' || write.do === 'check') continue;
      const next = write.do === 'put' ? String(write.attributes['planId']) : undefined;
      const because = holder === undefined || holder === next ? undefined : whyNotFree(holder);
      if (because !== undefined) violate('lease_freed', `the lease of ${holder} was freed, and ${because}`);
      holder = next;
    }
  }

  /** Before it leaves: was it decided, by whom, and is it on record? */
  function onSend(task: Task, call: Call): void {
    const { method, target } = call;
    const what = `${method}${call.dryRun ? ' (dry run)' : ''} to ${target.name} for ${task.planId}`;
    const plan = planOf(task.planId);
    const other = plans().find((one) => one.id !== task.planId && AT_WORK.includes(one.status) && one.holdsLease);
    if (other !== undefined) violate('two_at_once', `${what}, while ${other.id} (${other.action}) is ${other.status}`);
    if (call.wipes !== undefined && !isNamed(call.wipes))
      violate('no_partition', `${what} wipes ${JSON.stringify(call.wipes)}`);
    if (call.dryRun) return;
    counts.calls += 1;
    add(counts.methods, method);
    if (plan === undefined) {
      violate('not_audited_first', `${what}, of which no event tells`);
      return;
    }
    if (plan.status !== 'executing') violate('void_plan', `${what}, which is ${plan.status}`);
    const step = plan.steps.find((one) => one.method === method && one.status === 'intended');
    const key = `${task.planId} ${step?.n}`;
    const times = (sent.get(key) ?? 0) + 1;
    sent.set(key, times);
    if (step === undefined || times > step.attempt) {
      const intents = step?.attempt ?? 0;
      violate('not_audited_first', `${what} is sent ${times} times with ${intents} events that say so before`);
    }
    const role = frozen.get(task.planId)?.role ?? 'controlplane';
    const may = entitled(plan.action);
    const yeses = new Set(plan.approvals.map(({ id }) => id).filter((id) => may.includes(id)));
    const needed = yesesFor(plan.action, role);
    if (yeses.size < needed) violate('no_right', `${what} with ${yeses.size} of ${needed} yeses of people who may`);
  }

  function onArrive(task: Task, call: Call, machine: Machine): void {
    const { method, target } = call;
    const what = `${method} at ${machine.name} (${target.address}) for ${task.planId}`;
    if (call.dryRun) {
      tries(task, machine, what);
      return;
    }
    whichMachine(task, call, machine, what);
    quorum(task, call, machine, what);
  }

  /** What others do while the task is under way nobody can know; what was so before its look it has to see. */
  const isNews = (task: Task, ...about: readonly (keyof Cluster['worldChanged'])[]): boolean =>
    about.some((each) => cluster.worldChanged[each] >= task.lookFrom);

  function tries(task: Task, { tried }: Machine, what: string): void {
    if (tried === undefined) return;
    if (tried.by === 'world' && cluster.worldChanged.config >= task.readFrom) return;
    violate('try_cancelled', `${what}, a dry run, ended what ${tried.by === 'world' ? 'somebody' : 'Medic'} tried out`);
  }

  function whichMachine(task: Task, call: Call, machine: Machine, what: string): void {
    const plan = frozen.get(task.planId);
    if (plan === undefined) return;
    const known = cluster.entries.find(({ name }) => name === call.target.name)?.identity.uuid;
    const isNewsToUs = call.spki === undefined && isNews(task, 'identity', 'boot');
    const isAnyones = call.memberId !== undefined; // every member of etcd can carry it out
    if (machine.uuid !== known && !isNewsToUs && !isAnyones)
      violate('other_machine', `${what} is not the machine of the inventory`);
    const step = plan.steps.find(
      ({ method, node }) => method === call.method && (node ?? plan.node) === call.target.name,
    );
    if (step === undefined) {
      violate('other_machine', `${what}: the plan names no such call to ${call.target.name}`);
      return;
    }
    if (call.memberId !== undefined && call.memberId !== step.request['memberId'])
      violate('other_machine', `${what} removes member ${call.memberId}, not ${step.request['memberId']}`);
    if (call.target.name !== plan.node || step.boot === 'later' || isNewsToUs) return;
    const hasBegun = planOf(task.planId)?.steps.some(({ n, attempt }) => n < step.n && attempt > 0) === true;
    const planned = parseBoot(plan.boot);
    const isSame =
      call.spki === undefined ? planned.bootId === `${machine.uuid}-${machine.boot}` : planned.spki === machine.spki;
    if (!isSame && !hasBegun) violate('other_machine', `${what} is in another boot than ${plan.boot}`);
  }

  function quorum(task: Task, call: Call, machine: Machine, what: string): void {
    const now = nowMs();
    if (!hasQuorum(cluster, now) || isNews(task, 'etcd', 'identity', 'boot')) return;
    const voters = cluster.members.length;
    if (call.memberId !== undefined) {
      const left = healthyMembers(cluster, now).filter(({ id }) => id !== call.memberId).length;
      const needed = quorumOf(voters - (cluster.members.some(({ id }) => id === call.memberId) ? 1 : 0));
      if (left < needed) violate('quorum_lost', `${what} leaves ${left} voters, ${needed} are needed`);
      return;
    }
    const isVoter = cluster.members.some(({ id }) => id === machine.memberId);
    if (call.stops === 'nothing' || !isVoter) return;
    const left = healthyMembers(cluster, now, machine).length;
    if (left < quorumOf(voters)) violate('quorum_lost', `${what} leaves ${left} of ${voters} voters`);
  }

  return { violations, states, counts, violate, onCommit, onSend, onArrive, planOf };
}

const SAYS_ON_PLANS: readonly string[] = [
  'plan_requested',
  'plan_submitted',
  'approval_given',
  'plan_approved',
  'plan_denied',
];
const AT_WORK: readonly string[] = ['preparing', 'executing', 'verifying'];
const MAY_GO: readonly string[] = ['STATE', 'EPHEMERAL'];
const isNamed = (wipes: readonly string[]): boolean =>
  wipes.length > 0 && wipes.every((label) => MAY_GO.includes(label));
const add = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
