import { isAlias, isMap, isPair, isSeq, Lexer, parseDocument } from 'yaml';
import { err, ok, type Result } from '../result.ts';

/** The parser needs about 2 s for a megabyte of short lines. No spec that we read has a quarter of this. */
const MAX_CHARS = 32 * 1024;
const MAX_DEPTH = 64;
const TOO_DEEP = `YAML nested more than ${MAX_DEPTH} levels deep`;

/**
 * YAML that a node sent: one document of the core schema, no aliases (a few lines can unfold into gigabytes), at most 64
 * levels deep. The error is a short text. Keys are not checked for being unique, because that takes quadratic time.
 */
export function parseSafeYaml(text: string): Result<unknown, string> {
  if (text.length > MAX_CHARS) return err(`YAML of ${text.length} characters`);
  if (isNestedBeyondReason(text)) return err(TOO_DEEP);
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
    return err(`YAML: ${String(error).slice(0, 200)}`);
  }
}

/**
 * Looks at tokens alone, before the parser: that one recurses, and a few ten thousand brackets end the whole process
 * (V8 runs out of stack inside a regular expression, which no `catch` sees). Nesting by indentation needs no such look,
 * because it grows with the square of its depth.
 */
export function isNestedBeyondReason(text: string): boolean {
  let flow = 0;
  let indicators = 0;
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    if (isScalar) isScalar = false;
    else if (token === SCALAR) {
      isScalar = true;
      indicators = 0;
    } else if (token === '[' || token === '{') flow += 1;
    else if (token === ']' || token === '}') flow -= 1;
    else if (token === '-' || token === '?' || token === ':') indicators += 1;
    else if (token === '\n') indicators = 0;
    if (flow > MAX_DEPTH || indicators > MAX_DEPTH) return true;
  }
  return false;
}
/** What the lexer puts in front of the text of a plain scalar. */
const SCALAR = '\u001f';

function problemOf(root: unknown): string | undefined {
  let level: readonly unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return TOO_DEEP;
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
