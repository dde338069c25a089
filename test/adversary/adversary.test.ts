import { expect, test } from 'vitest';
import type { Steps } from '../../bench/adversary/medic.ts';
import type { Rule } from '../../bench/adversary/observer.ts';
import { shrink } from '../../bench/adversary/shrink.ts';
import { type Story, storyOf, type Told, tell } from '../../bench/adversary/story.ts';
import { SABOTAGE } from './sabotage.ts';

const FEW = 40;
/** A Medic that breaks a promise is found out within so many stories. */
const MOST = 200;
const TIMEOUT_MS = 300_000;

test(`${FEW} stories break no promise, and there is something to break in them`, { timeout: TIMEOUT_MS }, async () => {
  const told: Told[] = [];
  for (let seed = 1; seed <= FEW; seed += 1) told.push(await tell(storyOf(seed)));
  expect(told.flatMap(({ violations }) => violations)).toEqual([]);
  expect(told.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThan(10);
  expect(told.reduce((sum, { verdicts }) => sum + (verdicts.get('verified') ?? 0), 0)).toBeGreaterThan(5);
});

test('the same seed tells the same story', async () => {
  expect(await tell(storyOf(7))).toEqual(await tell(storyOf(7)));
});

test.for(SABOTAGE)('a Medic is found out by %s: %s', { timeout: TIMEOUT_MS }, async ([rule, , steps]) => {
  const found = await firstOf(rule, steps);
  expect(found, `no story in ${MOST} shows it`).toBeDefined();
});

test('what is found is told by the acts that it takes, and no more', { timeout: TIMEOUT_MS }, async () => {
  const [, , steps] = SABOTAGE.find(([rule]) => rule === 'void_plan') ?? [];
  if (steps === undefined) throw new Error('the sabotage is gone');
  const found = await firstOf('void_plan', steps);
  if (found === undefined) throw new Error('nothing was found');
  const shortest = await shrink(found, 'void_plan', steps);
  expect(shortest.acts.length).toBeLessThan(found.acts.length / 2);
  expect((await tell(shortest, steps)).violations.map(({ rule }) => rule)).toContain('void_plan');
});

async function firstOf(rule: Rule, steps: Steps): Promise<Story | undefined> {
  for (let seed = 1; seed <= MOST; seed += 1) {
    const { violations } = await tell(storyOf(seed), steps);
    if (violations.some((one) => one.rule === rule)) return storyOf(seed);
  }
  return undefined;
}
