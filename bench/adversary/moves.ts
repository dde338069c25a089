import type { ActionName, Parameters } from '../../lib/approvals/action-name.ts';
import { dueWork } from '../../lib/incidents/due-work.ts';
import type { IncidentState, PlanState } from '../../lib/incidents/state.ts';
import type { Typed } from '../../lib/slack/desk.ts';
import { alertOf, payloadOf } from '../../test/flow/alerts.ts';
import { sha256 } from './machines.ts';
import { atDesk, runJob, takeAlerts } from './medic.ts';
import { ADMINS, entitled, OPERATORS, PEOPLE, TEAM } from './people.ts';
import type { Random } from './random.ts';
import type { Scene } from './scene.ts';
import { world } from './world-moves.ts';

/** undefined: there was nothing to do. */
export type Move = { readonly weight: number; readonly make: (scene: Scene) => Promise<string | undefined> };

const incidents = ({ shared }: Scene): readonly IncidentState[] => [...shared.observer.states.values()];
const plansOf = (state: IncidentState): readonly PlanState[] => Object.values(state.plans);
const pickOr = <T>(random: Random, from: readonly T[]): T | undefined =>
  from.length === 0 ? undefined : random.pick(from);

const begin = ({ working }: Scene, work: Promise<unknown>): void => void working.push(work);

async function alert(scene: Scene): Promise<string> {
  const { shared, random, processes } = scene;
  const ill = shared.cluster.entries.filter(({ addresses: [address = ''] }) => {
    const machine = shared.cluster.addresses.get(address);
    return machine?.power !== 'running' || machine.ailments.length > 0;
  });
  const all = shared.cluster.entries.map(({ name }) => name);
  const name = random.chance(0.1)
    ? 'nobody'
    : random.pick(random.chance(0.8) && ill.length > 0 ? ill.map((one) => one.name) : all);
  const status = random.chance(0.85) ? 'firing' : 'resolved';
  const labels = { alertname: 'NodeDown', node: name, severity: 'critical' };
  const startsAt = new Date(shared.scheduler.nowMs() - 60_000 * random.int(0, 3)).toISOString();
  const body = payloadOf([alertOf(status, { labels, startsAt, fingerprint: sha256(`${name} ${random.int(0, 1)}`) })]);
  const times = random.pick([1, 1, 1, 2, 3]);
  for (let n = 0; n < times; n += 1) begin(scene, takeAlerts(shared, random.pick(processes), body));
  return `${status} for ${name}, ${times} times`;
}

/** What is due, delivered up to three times, to whichever process, in any order. */
async function work(scene: Scene): Promise<string | undefined> {
  const { shared, random, processes } = scene;
  const now = new Date(shared.scheduler.nowMs()).toISOString();
  const due = incidents(scene).flatMap((state) =>
    dueWork(state, now)
      .filter(({ notBefore, step }) => notBefore <= now && step !== 'card')
      .map(({ step, planId }) => ({ step, planId, stream: `INCIDENT#${state.id}` })),
  );
  if (due.length === 0) return undefined;
  const messages = due.flatMap((message) => Array<typeof message>(random.pick([0, 1, 1, 1, 2, 3])).fill(message));
  const shuffled = messages.map((message) => ({ message, at: random.next() })).toSorted((a, b) => a.at - b.at);
  for (const { message } of shuffled) begin(scene, runJob(shared, random.pick(processes), message));
  await shared.scheduler.run(random.int(0, 200));
  return shuffled.map(({ message: { step, planId } }) => (planId === '' ? step : `${step} ${planId}`)).join(', ');
}

const typedFor = ({ shared, random }: Scene, state: IncidentState): Typed => {
  const uuid = shared.cluster.entries.find(({ name }) => name === state.node)?.identity.uuid;
  const console = shared.cluster.machines.find((one) => one.uuid === uuid)?.spki ?? '';
  return {
    nodeName: random.chance(0.95) ? state.node : 'cp-9',
    reason: 'it has to',
    consoleFingerprint: random.chance(0.95) ? console.slice(0, 8) : 'AAAAAAAA',
  };
};

/** Somebody clicks what there is to click: mostly who may, and mostly what leads on. */
async function click(scene: Scene): Promise<string | undefined> {
  const { shared, random, processes } = scene;
  const state = pickOr(
    random,
    incidents(scene).filter(({ status }) => status !== 'closed' || random.chance(0.1)),
  );
  if (state === undefined) return undefined;
  const open = plansOf(state).filter(({ status }) => ['ready', 'awaiting'].includes(status));
  const plan = pickOr(random, random.chance(0.9) && open.length > 0 ? open : plansOf(state));
  const offers = state.diagnosis?.offers ?? [];
  const offer = pickOr(random, random.chance(0.9) ? offers.filter(({ answer }) => answer !== 'refused') : offers);
  const asks = offer !== undefined && (plan === undefined || open.length === 0 || random.chance(0.15));
  const action = asks ? offer.action : plan?.action;
  if (action === undefined) return undefined;
  const userId = whoClicks(random, action, plan);
  const clicker = { userId, teamId: random.chance(0.97) ? TEAM : 'T2' };
  const typed = typedFor(scene, state);
  const times = random.chance(0.15) ? 2 : 1;
  const say = asks ? 'request' : sayOf(random, plan);
  const what = `${userId} ${say} ${asks ? offer.id : plan?.id} of ${state.node}${times > 1 ? ' twice' : ''}`;
  for (let n = 0; n < times; n += 1) {
    const at = random.pick(processes);
    if (asks)
      begin(
        scene,
        atDesk(shared, at, (desk) => desk.requestPlan(state.id, offer.id, clicker)),
      );
    else if (plan === undefined) return undefined;
    else if (say === 'submit')
      begin(
        scene,
        atDesk(shared, at, (desk) => desk.submit(state.id, plan.id, clicker, typed)),
      );
    else if (say === 'approve')
      begin(
        scene,
        atDesk(shared, at, (desk) => desk.approve(state.id, plan.id, clicker, typed)),
      );
    else
      begin(
        scene,
        atDesk(shared, at, (desk) => desk.deny(state.id, plan.id, clicker, 'no')),
      );
  }
  await shared.scheduler.run(random.int(0, 60));
  return what;
}

function whoClicks(random: Random, action: ActionName, plan: PlanState | undefined): string {
  if (random.chance(0.12)) return random.pick(PEOPLE).id;
  if (plan?.status === 'ready' && random.chance(0.9)) return plan.requestedBy.id;
  const others = entitled(action).filter((id) => !plan?.approvals.some((one) => one.id === id));
  return random.pick(others.length > 0 ? others : ADMINS);
}

function sayOf(random: Random, plan: PlanState | undefined): 'submit' | 'approve' | 'deny' {
  if (random.chance(0.06)) return 'deny';
  if (random.chance(0.05)) return random.pick(['submit', 'approve']);
  return plan?.status === 'ready' ? 'submit' : 'approve';
}

async function command(scene: Scene): Promise<string | undefined> {
  const { shared, random, processes } = scene;
  const userId = random.chance(0.7) ? random.pick(OPERATORS) : random.pick(PEOPLE).id;
  const clicker = { userId, teamId: TEAM };
  const state = pickOr(random, incidents(scene));
  const name = random.pick(['freeze', 'unfreeze', 'unfreeze', 'takeover', 'close', 'again'] as const);
  const process = random.pick(processes);
  if (name === 'close' || name === 'again') {
    if (state === undefined) return undefined;
    const does = name === 'close' ? 'close' : 'diagnose again';
    begin(
      scene,
      atDesk(shared, process, (desk) =>
        name === 'close' ? desk.close(state.id, clicker, 'enough') : desk.diagnoseAgain(state.id, clicker),
      ),
    );
    return `${userId} ${does} ${state.node}`;
  }
  begin(
    scene,
    atDesk(shared, process, (desk) => desk.command(name, 'test', clicker, 'because')),
  );
  return `${userId} ${name}`;
}

const AILMENTS: readonly (readonly [ActionName, Parameters])[] = [
  ['reboot', {}],
  ['reboot', { mode: 'force' }],
  ['restart_service', { service: 'kubelet' }],
  ['apply_config', { patch: 'machine: {sysctls: {net.ipv4.ip_forward: "1"}}' }],
  ['apply_config', { patch: 'machine: {sysctls: {vm.swappiness: "1"}}', mode: 'try' }],
  ['apply_config', { patch: 'machine: {install: {wipe: true}}', mode: 'staged' }],
  ['reset_ephemeral', {}],
  ['reset_ephemeral', { graceful: 'no' }],
  ['reset_state_and_ephemeral', {}],
  ['reset_state_and_ephemeral', { graceful: 'no' }],
  ['rollback', {}],
  ['forfeit_etcd_leadership', {}],
  ['reboot', {}],
  ['reset_ephemeral', {}],
  ['defragment_etcd', {}],
];

async function fault(scene: Scene): Promise<string> {
  const { shared, random } = scene;
  const machine = random.pick(shared.cluster.machines);
  if (random.chance(0.15)) {
    machine.ailments = [];
    return `${machine.name} is well again`;
  }
  const [action, parameters] = random.pick(AILMENTS);
  if (action === 'defragment_etcd') for (const one of shared.cluster.machines) one.dbBytes = 200_000_000;
  machine.ailments = [...machine.ailments.slice(-1), { action, parameters }];
  return `${machine.name} needs ${action} ${JSON.stringify(parameters)}`;
}

async function kill({ random, processes }: Scene): Promise<string> {
  const at = random.int(0, processes.length - 1);
  const dead = processes[at];
  if (dead === undefined) return 'nobody';
  dead.isAlive = false;
  const skewMs = random.chance(0.5) ? dead.skewMs : 0;
  processes[at] = { name: `medic-${random.hex(6)}`, skewMs, isAlive: true, pausedUntilMs: 0 };
  return `${dead.name} is killed, ${processes[at]?.name} starts`;
}

async function clock({ shared, random, processes }: Scene): Promise<string> {
  const process = random.pick(processes);
  if (random.chance(0.3)) {
    const ms = random.int(5_000, 90_000);
    process.pausedUntilMs = shared.scheduler.nowMs() + ms;
    return `${process.name} stands still for ${ms} ms`;
  }
  process.skewMs = random.pick([0, 0, 1, -1]) * random.int(1_000, 120_000);
  return `the clock of ${process.name} is wrong by ${process.skewMs} ms`;
}

async function time({ shared, random }: Scene): Promise<string> {
  const ms = random.pick([1_000, 5_000, 15_000, 60_000, 180_000, 420_000, 1_200_000]);
  await shared.scheduler.pass(ms);
  return `${ms / 1000} s pass`;
}

/** Everything that is due is done, as often as it takes: most days are like this. */
async function rest(scene: Scene): Promise<string> {
  for (let rounds = 0; rounds < scene.random.int(1, 4); rounds += 1) {
    await work(scene);
    await scene.shared.scheduler.pass(scene.random.int(2_000, 15_000));
  }
  return 'what is due is done';
}

/** One repair from an offer to its end, by people who know what they do; whatever else happens meanwhile. */
async function repair(scene: Scene): Promise<string> {
  const { random, shared } = scene;
  const said: string[] = [];
  for (let rounds = random.int(2, 6); rounds > 0; rounds -= 1) {
    said.push((await click(scene)) ?? 'nobody clicks');
    await work(scene);
    await shared.scheduler.pass(random.int(500, 8_000));
    await work(scene);
    await shared.scheduler.pass(random.int(500, 4_000));
  }
  return said.join('; ');
}

/** A node falls ill, and Alertmanager says so. */
async function illness(scene: Scene): Promise<string> {
  const what = await fault(scene);
  const told = await alert(scene);
  await work(scene);
  await scene.shared.scheduler.pass(scene.random.int(1_000, 5_000));
  await work(scene);
  return `${what}; ${told}`;
}

export const moves: Readonly<Record<string, Move>> = {
  fault: { weight: 2, make: fault },
  alert: { weight: 3, make: alert },
  illness: { weight: 4, make: illness },
  repair: { weight: 12, make: repair },
  work: { weight: 8, make: work },
  rest: { weight: 8, make: rest },
  click: { weight: 10, make: click },
  command: { weight: 1, make: command },
  world: { weight: 4, make: world },
  kill: { weight: 1, make: kill },
  clock: { weight: 1, make: clock },
  time: { weight: 3, make: time },
};
