import { plainText } from '../evidence/plain-text.ts';
import type { Citation } from './finding.ts';

const MAX_CITATION = 300;

export const cite = (reading: Citation['reading'], says: string): Citation => ({
  reading,
  says: plainText(says, { maxLength: MAX_CITATION }),
});

/** A name or value from outside, short enough to stand in a sentence. */
export const quote = (text: string): string => plainText(text, { maxLength: 80 });

/** Drops what does not apply, so that a list of citations reads as one expression. */
export const present = <T>(items: readonly (T | undefined)[]): readonly T[] =>
  items.filter((item) => item !== undefined);

export const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const FEW = 5;
/** Names from outside in a sentence: however many somebody sends, it stays one. */
export const few = (names: readonly string[]): string =>
  list(
    names.length <= FEW ? names.map(quote) : [...names.slice(0, FEW - 1).map(quote), `${names.length - FEW + 1} more`],
  );
