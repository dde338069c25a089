import type * as z from 'zod';

/** What is wrong, for the person who wrote the file. `key`: a key of the map at `path`, or its own, is meant. */
export type Wrong = { readonly path: readonly PropertyKey[]; readonly key?: string; readonly says: string };
type Issue = z.core.$ZodIssue;

/** zod's findings in words about YAML. `value` is what was looked at, to say what stands there instead. */
export const explain = (issues: readonly Issue[], value: unknown): readonly Wrong[] =>
  issues.flatMap((issue) => explainOne(issue, issue.path, value));

function explainOne(issue: Issue, path: readonly PropertyKey[], value: unknown): readonly Wrong[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path, key, says: `unknown key "${key}"` }));
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, key: String(path.at(-1)), says: message }));
    case 'invalid_union':
      return explainUnion(issue.errors, path, value);
    default:
      return [{ path, says: sayPlain(issue, valueAt(value, path)) }];
  }
}

/** More words than these are not listed: the nearest one helps more. */
const MAX_WORDS = 12;

function sayPlain(issue: Issue, found: unknown): string {
  if (issue.code !== 'invalid_value' || issue.values.length <= MAX_WORDS || typeof found !== 'string') {
    return instead(expected(issue), found);
  }
  return `there is no "${found}" here; did you mean "${nearest(found, issue.values.map(String))}"?`;
}

/** The member that what stands there comes closest to; where none does, all of them. */
function explainUnion(
  members: readonly (readonly Issue[])[],
  path: readonly PropertyKey[],
  value: unknown,
): readonly Wrong[] {
  const close = members.find((issues) =>
    issues.some(({ code, path: inside }) => inside.length > 0 || code === 'unrecognized_keys'),
  );
  if (close !== undefined) return close.flatMap((issue) => explainOne(issue, [...path, ...issue.path], value));
  const first = members.flatMap((issues) => issues.slice(0, 1));
  const wanted = first.map((issue) => expected(issue).replace(/^expected /, ''));
  return [{ path, says: instead(`expected ${[...new Set(wanted)].join(', or ')}`, valueAt(value, path)) }];
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** Where the schema says what it wants, that; zod's own texts are about JavaScript. */
function expected(issue: Issue): string {
  if (!issue.message.startsWith('Invalid input') && !issue.message.startsWith('Invalid option')) return issue.message;
  if (issue.code === 'invalid_type') return `expected ${KINDS[issue.expected] ?? issue.expected}`;
  if (issue.code !== 'invalid_value') return issue.message;
  const words = issue.values.map((word) => JSON.stringify(word));
  return `expected ${words.length === 1 ? words[0] : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`}`;
}

function instead(text: string, found: unknown): string {
  if (!text.startsWith('expected ')) return text;
  return `${text}${found === undefined ? ', which is missing' : `, not ${shown(found)}`}`;
}

function shown(found: unknown): string {
  if (found === null) return 'nothing';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'object') return 'a map';
  const text = JSON.stringify(found);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  return valueAt(Object.getOwnPropertyDescriptor(value, first)?.value, rest);
}

export const nearest = (text: string, words: readonly string[]): string =>
  words.toSorted((a, b) => distance(text, a) - distance(text, b))[0] ?? '';

/** Levenshtein: letters to add, to leave out and to replace. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, n) => n);
  for (const letter of from) {
    const next = [(row[0] ?? 0) + 1];
    for (const [n, other] of [...to].entries()) {
      const replaced = (row[n] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[n + 1] ?? 0) + 1, (next[n] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
