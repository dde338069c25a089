import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiOf, peopleOf, textOf } from '../e2e/people.ts';
import { cleanUp, mutations, newFolder, startMedic, until, worldOf } from '../e2e/running-medic.ts';

/** One repair, from the alert to the verdict, in which Medic is killed somewhere between approval and verdict. */
export type Story = {
  readonly scenario: string;
  readonly node: string;
  readonly action: 'restore_config' | 'reboot';
  readonly method: 'ApplyConfiguration' | 'Reboot';
  /** Stands in the form once the plan is ready. */
  readonly shows: string;
  /** Values of the requester's form, and of the second person's; undefined: one person is enough. */
  readonly typed: Readonly<Record<string, string>>;
  readonly approves: Readonly<Record<string, string>> | undefined;
};

export const stories: readonly Story[] = [
  {
    scenario: 'c04-state-not-found-in-time',
    node: 'w-2',
    action: 'restore_config',
    method: 'ApplyConfiguration',
    shows: 'SHA-256',
    typed: { node_name: 'w-2', reason: 'crash test' },
    approves: { node_name: 'w-2' },
  },
  {
    scenario: 'c05-etcd-under-temporary-hostname',
    node: 'cp-2',
    action: 'reboot',
    method: 'Reboot',
    shows: 'DEFAULT',
    typed: { reason: 'crash test' },
    approves: undefined,
  },
];

export type Outcome = {
  readonly point: string;
  readonly verdict: string;
  readonly because: string;
  readonly calls: number;
  readonly cards: number;
  readonly isChainValid: boolean;
  readonly isLeaseFree: boolean;
  readonly wasKilled: boolean;
};

/** A simulated world of its own and the Medic beside it, which is started again whenever it was killed. */
export type Stage = {
  run(story: Story, crash: Crash): Promise<Outcome>;
  record(story: Story): Promise<readonly string[]>;
  close(): Promise<void>;
};
/** A point as local/crash-ports.ts has it, or `held`: the node takes the call, never answers, and Medic is killed then. */
export type Crash = string;

export async function openStage(): Promise<Stage> {
  const folder = await newFolder();
  const armed = join(folder, 'armed');
  const env = {
    MEDIC_CLOCK_FACTOR: '200',
    MEDIC_LOOK_AGAIN_MS: '150',
    MEDIC_SWEEP_MS: '3000',
    MEDIC_PATROL_MS: '0',
    MEDIC_CRASH_FILE: armed,
  };
  let medic = await startMedic(folder, env);
  const people = peopleOf(folder);

  /** Up to the last yes, which is given while the crash is armed. Returns the incident. */
  async function approve(story: Story, order: string): Promise<string> {
    const api = apiOf(medic);
    const known = new Set((await api.incidents()).map(({ id }) => id));
    await api.scenario(story.scenario);
    const fresh = async () => (await api.incidents()).find(({ id }) => !known.has(id))?.id;
    await until('a new incident', async () => (await fresh()) !== undefined);
    const incident = (await fresh()) ?? '';
    const card = async () => textOf((await people.cards()).at(-1) ?? { ts: '' });
    await until('the offer on the card', async () => {
      const text = await card();
      return text.includes(incident) && text.includes(`offer:${story.action}`);
    });
    await people.click('U0ONCALL', `offer:${story.action}`);
    if (story.approves === undefined) {
      await until('the plan in the form', async () => (await formOf('U0ONCALL')).includes(story.shows));
      writeFileSync(armed, order);
      await people.submitWhen('U0ONCALL', story.shows, story.typed).catch(unlessKilled);
      return incident;
    }
    await people.submitWhen('U0ONCALL', story.shows, story.typed);
    await until('one yes of two on the card', async () => (await card()).includes('1 of 2 said yes'));
    await people.click('U0SECOND', 'review');
    await until('the plan in the form', async () => (await formOf('U0SECOND')).includes(story.shows));
    writeFileSync(armed, order);
    await people.submitWhen('U0SECOND', story.shows, story.approves).catch(unlessKilled);
    return incident;
  }
  const formOf = async (user: string) => JSON.stringify((await people.views(user)).at(-1) ?? '');
  /** A click that Medic did not survive is no failure of the click. */
  const unlessKilled = (error: unknown) => {
    if (medic.isAlive()) throw error;
  };
  const planOf = async (incident: string) => Object.values((await apiOf(medic).incident(incident)).head.plans).at(-1);
  const hasVerdict = async (incident: string) => (await planOf(incident).catch(() => undefined))?.verdict !== undefined;

  /** The person whose yes was lost with the crash gives it again, as a person would. */
  async function sayYesAgain(story: Story, incident: string): Promise<void> {
    const plan = await planOf(incident);
    const user = story.approves === undefined ? 'U0ONCALL' : 'U0SECOND';
    if (plan?.status !== 'ready' && plan?.status !== 'awaiting') return;
    await until('the card offers the review', async () =>
      textOf((await people.cards()).at(-1) ?? { ts: '' }).includes('"review"'),
    );
    await people.click(user, 'review');
    await people.submitWhen(user, story.shows, story.approves ?? story.typed);
  }

  /** Asks Medic itself: it may have been killed a moment ago, and the system has not told us yet. */
  const isThere = async () => {
    if (medic.isAlive() && (await fetch(`${medic.address}/healthz`).catch(() => undefined)) !== undefined) return true;
    await medic.ended;
    return false;
  };

  async function run(story: Story, crash: Crash): Promise<Outcome> {
    rmSync(armed, { force: true });
    const sentBefore = mutations(folder).length;
    if (crash === 'held') await fault(folder, story.node, 'hold_reply');
    const incident = await approve(story, crash === 'held' ? 'dynamo.Never#1:before' : crash);
    const sent = () =>
      mutations(folder)
        .slice(sentBefore)
        .filter(({ node, method }) => node === story.node && method === story.method);
    if (crash === 'held') {
      await until('the node has the call', () => sent().length > 0);
      await medic.kill();
      await fault(folder, story.node, 'none');
    }
    await until(
      `a kill at ${crash}, or a verdict`,
      async () => !medic.isAlive() || (await hasVerdict(incident)),
      60_000,
    );
    rmSync(armed, { force: true });
    const wasKilled = !(await isThere());
    if (wasKilled) medic = await startMedic(folder, env);
    await sayYesAgain(story, incident);
    await until(
      `a verdict and a free lease after ${crash}`,
      async () => {
        const plan = await planOf(incident);
        return plan?.verdict !== undefined && !plan.holdsLease;
      },
      60_000,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(await planOf(incident))}`, { cause: error });
    });
    const plan = await planOf(incident);
    const calls = sent().length;
    const api = apiOf(medic);
    await api.resolve();
    await until(
      `the incident closes after ${crash}`,
      async () => (await api.incident(incident)).head.status === 'closed' || plan?.verdict !== 'verified',
    );
    const cards = (await people.cards()).filter((card) => textOf(card).includes(incident)).length;
    const { chain } = await api.incident(incident);
    const ending = {
      verdict: plan?.verdict ?? '',
      because: plan?.because ?? '',
      isLeaseFree: plan?.holdsLease === false,
    };
    return { point: crash, calls, cards, isChainValid: chain.ok, wasKilled, ...ending };
  }

  return {
    run,
    async record(story) {
      const log = join(folder, 'calls.log');
      rmSync(log, { force: true });
      const outcome = await run(story, `record ${log}`);
      if (outcome.verdict !== 'verified')
        throw new Error(`the recorded run ended ${outcome.verdict}: ${outcome.because}`);
      return existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
    },
    async close() {
      if (medic.isAlive()) await medic.stop();
      await cleanUp(folder);
    },
  };
}

async function fault(folder: string, node: string, name: string): Promise<void> {
  const { control, controlToken } = worldOf(folder);
  const response = await fetch(`${control}/fault`, {
    method: 'POST',
    headers: { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ node, fault: name }),
  });
  if (!response.ok) throw new Error(`fault ${name}: ${response.status} ${await response.text()}`);
}
