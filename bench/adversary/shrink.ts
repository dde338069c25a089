import type { Steps } from './medic.ts';
import type { Rule } from './observer.ts';
import { type Story, type Told, tell } from './story.ts';

const breaks = ({ violations }: Told, rule: Rule): boolean => violations.some((one) => one.rule === rule);

/** Leaves out whatever the same rule is broken without: halves first, then quarters, then single acts. */
export async function shrink(story: Story, rule: Rule, steps?: Steps, mostTries = 400): Promise<Story> {
  let shortest = story;
  let tries = 0;
  for (let size = Math.ceil(story.acts.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < shortest.acts.length && tries < mostTries; ) {
      tries += 1;
      const acts = shortest.acts.filter((_, n) => n < from || n >= from + size);
      const shorter = { ...shortest, acts };
      if (breaks(await tell(shorter, steps), rule)) shortest = shorter;
      else from += size;
    }
  }
  return shortest;
}
