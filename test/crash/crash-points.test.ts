import { writeSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Outcome, openStage, type Stage, type Story, stories } from './crash-story.ts';

/** Worlds side by side. More do not help on two cores. */
const STAGES = 3;
/** `all`: also at calls that only read. A kill there leaves the world as the kill after the write before it does. */
// biome-ignore lint/style/noProcessEnv: chosen from outside, as everything about how long a test may take
const isEverything = process.env['MEDIC_CRASH_POINTS'] === 'all';
const READS = /^(?:dynamo\.(?:GetItem|Query|Scan)Command|reader\.|configs\.|slack\.(?:user|findCard)|blobs\.get)/;

let stages: Stage[];
beforeAll(async () => {
  stages = await Promise.all(Array.from({ length: STAGES }, openStage));
});
afterAll(async () => {
  await Promise.all(stages.map((stage) => stage.close()));
});

/** One point on one stage. What went wrong is an outcome like any other, and the stage is replaced. */
async function runOn(at: number, story: Story, point: string): Promise<Outcome | Failed> {
  const stage = stages[at];
  if (stage === undefined) throw new Error(`there is no stage ${at}`);
  try {
    return await stage.run(story, point);
  } catch (error) {
    say(`${story.scenario}: ${point}: ${String(error)}`);
    await stage.close();
    stages[at] = await openStage();
    return { point, failed: String(error), wasKilled: false };
  }
}
type Failed = Pick<Outcome, 'point' | 'wasKilled'> & { readonly failed: string };

test.for(stories)(
  '$scenario: killed at every call that changes something between approval and verdict, the repair ends once and proven',
  async (story) => {
    const recorded = (await stages[0]?.record(story)) ?? [];
    const calls = isEverything ? recorded : recorded.filter((call) => !READS.test(call));
    expect(calls.length).toBeGreaterThan(20);
    const points = ['held', ...calls.flatMap((call) => ['before', 'sent', 'replied'].map((when) => `${call}:${when}`))];
    const outcomes = await runAll(story, points);
    const killed = outcomes.filter(({ wasKilled }) => wasKilled);
    say(`${story.scenario}: ${recorded.length} calls, killed at ${killed.length} of ${points.length} points`);
    const wrong = outcomes.filter((outcome) => !isRight(outcome));
    expect(wrong).toEqual([]);
    // the order of concurrent calls varies, so a few points of the recording are not reached again
    expect(killed.length).toBeGreaterThan(points.length / 2);
  },
);

/** Exactly one call, a proven end, one card, a whole chain, and nobody left holding the cluster. */
const isRight = (outcome: Outcome | Failed): boolean => {
  if ('failed' in outcome) return false;
  const { verdict, calls, cards, isChainValid, isLeaseFree } = outcome;
  return verdict === 'verified' && calls === 1 && cards === 1 && isChainValid && isLeaseFree;
};

async function runAll(story: Story, points: readonly string[]): Promise<readonly (Outcome | Failed)[]> {
  const waiting = [...points];
  const outcomes: (Outcome | Failed)[] = [];
  const work = async (at: number) => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
      outcomes.push(await runOn(at, story, point));
      if (outcomes.length % 25 === 0) say(`${story.scenario}: ${outcomes.length} of ${points.length}`);
    }
  };
  await Promise.all([...stages.keys()].map(work));
  return outcomes;
}

/** Progress of minutes, straight to the terminal. */
const say = (line: string) => writeSync(2, `${line}\n`);
