import { parseDocument } from 'yaml';
import { err, ok, type Result } from '../result.ts';
import { isNestedBeyondReason, MAX_DEPTH, unsafeTree } from '../yaml/nesting.ts';

/** The parser needs about 2 s for a megabyte of short lines. No spec that we read has a quarter of this. */
const MAX_CHARS = 32 * 1024;
const PROBLEMS = { too_deep: `YAML nested more than ${MAX_DEPTH} levels deep`, alias: 'YAML with an alias' };

/**
 * YAML that a node sent: one document of the core schema, no aliases (a few lines can unfold into gigabytes), at most 64
 * levels deep. The error is a short text. Keys are not checked for being unique, because that takes quadratic time.
 */
export function parseSafeYaml(text: string): Result<unknown, string> {
  if (text.length > MAX_CHARS) return err(`YAML of ${text.length} characters`);
  if (isNestedBeyondReason(text)) return err(PROBLEMS.too_deep);
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
    const problem = unsafeTree(doc.contents);
    return problem === undefined ? ok(doc.toJS({ maxAliasCount: 0 })) : err(PROBLEMS[problem]);
  } catch (error) {
    return err(`YAML: ${String(error).slice(0, 200)}`);
  }
}
