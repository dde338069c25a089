import { isAlias, isMap, isPair, isSeq, Lexer } from 'yaml';

export const MAX_DEPTH = 64;

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

/** What makes a parsed tree unfit to be turned into values: a few lines of aliases can unfold into gigabytes. */
export function unsafeTree(root: unknown): 'too_deep' | 'alias' | undefined {
  let level: readonly unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return 'too_deep';
    if (level.some(isAlias)) return 'alias';
    level = level.flatMap(childrenOf);
  }
  return undefined;
}

function childrenOf(node: unknown): readonly unknown[] {
  if (isSeq(node)) return node.items;
  if (isMap(node)) return node.items.flatMap((item) => [item.key, item.value]);
  return isPair(node) ? [node.key, node.value] : [];
}
