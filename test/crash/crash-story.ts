import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { apiOf, peopleOf, textOf } from '../e2e/people.ts';
import { cleanUp, mutations, newFolder, startMedic, until, worldOf } from '../e2e/running-medic.ts';
import type { Point } from './points.ts';
import type { Story } from './stories.ts';

/** `waits`: the call may still be under way as far as Medic can know, for longer than a test stands. */
export type Ending = 'verdict' | 'waits';

export type Outcome = {
  readonly point: string;
  readonly ending: Ending;
  readonly verdict: string;
  readonly because: string;
  /** How often each call of the story reached its node, in the story's order; then whatever else changed something. */
  readonly calls: readonly number[];
  readonly others: number;
  readonly cards: number;
  readonly isChainValid: boolean;
  readonly isLeaseFree: boolean;
  readonly wasKilled: boolean;
};

/** A simulated world of its own and the Medic beside it, which is started again whenever it was killed. */
export type Stage = {
  run(story: Story, crash: Point): Promise<Outcome>;
  record(story: Story): Promise<readonly string[]>;
  close(): Promise<void>;
};

/** A call that may be under way for longer than this is not waited for: its proof is only there when its time is over. */
const PATIENCE_MS = 60_000;
/** What has arrived is found out sooner than that. */
const PROBED_FOR_MS = 20_000;
const VERDICT_MS = 150_000;

export async function openStage(clockFactor: string): Promise<Stage> {
  const folder = await newFolder();
  const armed = join(folder, 'armed');
  const env = {
    MEDIC_CLOCK_FACTOR: clockFactor,
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

  async function run(story: Story, crash: Point): Promise<Outcome> {
    rmSync(armed, { force: true });
    const sentBefore = mutations(folder).length;
    if (crash === 'held') await fault(folder, nodeOf(story), 'hold_reply');
    const incident = await approve(story, crash === 'held' ? 'dynamo.Never#1:before' : crash);
    const sent = () => mutations(folder).slice(sentBefore);
    if (crash === 'held') {
      await until('the node has the call', () => sent().length > 0);
      await medic.kill();
      await fault(folder, nodeOf(story), 'none');
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
    let waitsSince: number | undefined;
    await until(
      `a verdict and a free lease after ${crash}`,
      async () => {
        const plan = await planOf(incident);
        if (waitsFor(plan) < PATIENCE_MS) waitsSince = undefined;
        else waitsSince ??= performance.now();
        const isWaiting = waitsSince !== undefined && performance.now() - waitsSince > PROBED_FOR_MS;
        return isWaiting || (plan?.verdict !== undefined && !plan.holdsLease);
      },
      VERDICT_MS,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(await planOf(incident))}`, { cause: error });
    });
    const plan = await planOf(incident);
    const calls = story.calls.map(
      ({ node, method }) => sent().filter((call) => call.node === node && call.method === method).length,
    );
    const others = sent().length - calls.reduce((sum, times) => sum + times, 0);
    const api = apiOf(medic);
    const ending: Ending = plan?.verdict === undefined ? 'waits' : 'verdict';
    await api.resolve();
    await until(
      `the incident closes after ${crash}`,
      async () => (await api.incident(incident)).head.status === 'closed' || plan?.verdict !== 'verified',
    );
    const cards = (await people.cards()).filter((card) => textOf(card).includes(incident)).length;
    const { chain } = await api.incident(incident);
    const said = { verdict: plan?.verdict ?? '', because: plan?.because ?? '' };
    const isLeaseFree = plan?.holdsLease === false;
    return { point: crash, ending, ...said, calls, others, cards, isChainValid: chain.ok, isLeaseFree, wasKilled };
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

const nodeOf = ({ calls }: Story): string => calls[0]?.node ?? '';

/** Of the call whose outcome nobody knows: how much longer it may be under way. 0: there is none. */
function waitsFor(plan: Readonly<Record<string, unknown>> | undefined): number {
  const steps = Steps.safeParse(plan?.['steps']);
  const open = steps.success ? steps.data.find(({ status }) => status === 'intended') : undefined;
  const isCall = open?.method !== undefined && open.method !== 'wait_until';
  return isCall ? Date.parse(open.deadlineAt ?? '') - Date.now() : 0;
}
const Steps = z.array(z.object({ method: z.string(), status: z.string(), deadlineAt: z.string().optional() }));

async function fault(folder: string, node: string, name: string): Promise<void> {
  const { control, controlToken } = worldOf(folder);
  const response = await fetch(`${control}/fault`, {
    method: 'POST',
    headers: { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ node, fault: name }),
  });
  if (!response.ok) throw new Error(`fault ${name}: ${response.status} ${await response.text()}`);
}
