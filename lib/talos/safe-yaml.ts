import { isAlias, isMap, isPair, isSeq, parseDocument } from 'yaml';
import { err, ok, type Result } from '../result.ts';

const MAX_CHARS = 512 * 1024;
const MAX_DEPTH = 64;

/**
 * YAML that a node sent: one document of the core schema, no aliases (a few lines can unfold into gigabytes), at most 64
 * levels deep. The error is a short text. Keys are not checked for being unique, because that takes quadratic time.
 */
export function parseSafeYaml(text: string): Result<unknown, string> {
  if (text.length > MAX_CHARS) return err(`YAML of ${text.length} characters`);
  try {
    const doc = parseDocument(text, {
      schema: 'core',
      merge: false,
      uniqueKeys: false,
      prettyErrors: false,
      stringKeys: true,
      logLevel: 'error',
    });
    const [first] = doc.errors;
    if (first !== undefined) return err(`YAML: ${first.message.slice(0, 200)}`);
    const problem = problemOf(doc.contents);
    return problem === undefined ? ok(doc.toJS({ maxAliasCount: 0 })) : err(problem);
  } catch (error) {
    return err(`YAML: ${String(error).slice(0, 200)}`); // nested too deeply for the parser itself
  }
}

function problemOf(root: unknown): string | undefined {
  let level: readonly unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return `YAML nested more than ${MAX_DEPTH} levels deep`;
    if (level.some(isAlias)) return 'YAML with an alias';
    level = level.flatMap(childrenOf);
  }
  return undefined;
}

function childrenOf(node: unknown): readonly unknown[] {
  if (isSeq(node)) return node.items;
  if (isMap(node)) return node.items.flatMap((item) => [item.key, item.value]);
  return isPair(node) ? [node.key, node.value] : [];
}
