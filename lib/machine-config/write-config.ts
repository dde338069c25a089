import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'yaml';
import { err, ok, type Result } from '../result.ts';
import { type ConfigProblem, problem } from './config-problem.ts';
import type { MachineConfig } from './machine-config.ts';
import { parseMachineConfig } from './parse-config.ts';
import { readValue } from './read-value.ts';

/** `source` as long as nobody changed the tree. */
export type Draft = { readonly tree: Document; readonly source: string | undefined };

/**
 * The text of a changed config: untouched documents as they were, the others written again with their comments. It is
 * read once more, and has to say what the trees say.
 */
export function writeConfig(drafts: readonly Draft[]): Result<MachineConfig, ConfigProblem> {
  const text = drafts.map(({ tree, source }, n) => separated(source ?? write(tree), n)).join('');
  const parsed = parseMachineConfig(text);
  if (!parsed.ok) return parsed;
  const said = parsed.value.documents.map(({ content }) => content);
  const meant = drafts.map(({ tree }) => readValue(tree.contents));
  return isDeepStrictEqual(said, meant) ? ok(parsed.value) : err(problem('not_exact'));
}

function separated(text: string, n: number): string {
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  return n === 0 || MARKED.test(whole) ? whole : `---\n${whole}`;
}
/** A document that says itself where it begins, after comments and empty lines at most. */
const MARKED = /^(?:[ \t]*(?:#[^\n]*)?\n)*---(?:[ \t\n]|$)/;

function write(tree: Document): string {
  const copy = tree.clone();
  if (copy.directives) {
    copy.directives.docStart = null;
    copy.directives.docEnd = false;
  }
  return copy.toString({ lineWidth: 0, indent: 4 });
}
