import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Outcome, openStage, type Stage } from './crash-story.ts';
import { pointsOf, sampled } from './points.ts';
import { type Story, stories } from './stories.ts';

/** Worlds side by side. More do not help on two cores. */
const STAGES = 3;

// biome-ignore lint/style/noProcessEnv: chosen from outside by run.mjs, as everything about how long a test may take
const chosen = process.env;
const { MEDIC_CRASH_ACTIONS: actions = '', MEDIC_CRASH_SAMPLE: sample = '', MEDIC_CRASH_SEED: seed = '1' } = chosen;
const isWanted = ({ action }: Story) => actions === '' || actions.split(',').includes(action);

test.for(stories.filter(isWanted))(
  '$action, $scenario: killed between approval and verdict, the repair ends once and proven',
  async (story) => {
    const stages = await Promise.all(Array.from({ length: STAGES }, () => openStage(story.clockFactor)));
    try {
      const recorded = (await stages[0]?.record(story)) ?? [];
      const all = pointsOf(recorded);
      const points = sample === '' ? all : sampled(all, Number(sample), Number(seed));
      const outcomes = await runAll(stages, story, points);
      const killed = outcomes.filter(({ wasKilled }) => wasKilled);
      const waiting = outcomes.filter((outcome) => 'ending' in outcome && outcome.ending === 'waits');
      say(
        `${story.action} (${story.scenario}): ${recorded.length} calls, ${all.length} points, killed at ${killed.length} of ${points.length} chosen ones; ${waiting.length} of them wait for the deadline of their call`,
      );
      expect(outcomes.filter((outcome) => !isRight(story, outcome))).toEqual([]);
      // the order of concurrent calls varies, so a few points of the recording are not reached again
      expect(killed.length).toBeGreaterThan(points.length / 2);
    } finally {
      await Promise.all(stages.map((stage) => stage.close()));
    }
  },
);

type Failed = Pick<Outcome, 'point' | 'wasKilled'> & { readonly failed: string };

/** Each call once, a proven end, one card, a whole chain, and nobody left holding the cluster. */
function isRight(story: Story, outcome: Outcome | Failed): boolean {
  if ('failed' in outcome) return false;
  const { ending, verdict, calls, others, cards, isChainValid, isLeaseFree } = outcome;
  if (others > 0 || cards !== 1 || !isChainValid) return false;
  const mayRepeat = (n: number) => story.calls[n]?.times === 'again';
  if (calls.some((times, n) => times > 1 && !mayRepeat(n))) return false;
  if (ending === 'waits') return !isLeaseFree;
  return verdict === 'verified' && isLeaseFree && calls.every((times) => times > 0);
}

async function runAll(
  stages: Stage[],
  story: Story,
  points: readonly string[],
): Promise<readonly (Outcome | Failed)[]> {
  const waiting = [...points];
  const outcomes: (Outcome | Failed)[] = [];
  const work = async (at: number) => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
      outcomes.push(await runOn(stages, at, story, point));
      if (outcomes.length % 25 === 0) say(`${story.scenario}: ${outcomes.length} of ${points.length}`);
    }
  };
  await Promise.all([...stages.keys()].map(work));
  return outcomes;
}

/** One point on one stage. What went wrong is an outcome like any other; a stage that is not done with it is replaced. */
async function runOn(stages: Stage[], at: number, story: Story, point: string): Promise<Outcome | Failed> {
  const stage = stages[at];
  if (stage === undefined) throw new Error(`there is no stage ${at}`);
  const replace = async () => {
    await stage.close();
    stages[at] = await openStage(story.clockFactor);
  };
  try {
    const outcome = await stage.run(story, point);
    if (outcome.ending === 'waits') await replace();
    return outcome;
  } catch (error) {
    const failed = error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error);
    say(`${story.scenario}: ${point}: ${failed}`);
    await replace();
    return { point, failed, wasKilled: false };
  }
}

/** Progress of minutes, straight to the terminal. */
const say = (line: string) => writeSync(2, `${line}\n`);
