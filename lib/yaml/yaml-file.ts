import { readFileSync, statSync } from 'node:fs';
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { err, ok, type Result } from '../result.ts';
import { isNestedBeyondReason } from './nesting.ts';

/** Four times what the largest file that somebody writes by hand needs; the parser takes half a second for it. */
const MAX_BYTES = 256 * 1024;

/** A problem as `file:line:column path: text`. `key`: it is the one of the map at `path`, or the one that `path` ends with. */
export type ProblemAt = (path: readonly PropertyKey[], key: string | undefined, text: string) => string;
export type YamlFile = { readonly value: unknown; readonly problemAt: ProblemAt };
type Read<T> = Result<T, readonly string[]>;

/** What the file is, with its article (`a scenario`), and what people do instead of an alias, where there is something. */
export type Kind = { readonly is: string; readonly insteadOfAlias?: string };

/** The YAML of a file, whoever wrote it: one document, no aliases, no tags, no key twice, nothing that eats memory. */
export function readYamlFile(file: string, kind: Kind): Read<YamlFile> {
  const text = readText(file, kind);
  return text.ok ? parseText(file, text.value, kind) : text;
}

function readText(file: string, { is }: Kind): Read<string> {
  const refused = (because: string) => err([`${file}: ${because}`]);
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return refused('there is no such file');
    if (!found.isFile()) return refused(found.isDirectory() ? 'this is a folder' : 'this is no file');
    if (found.size > MAX_BYTES) return refused(`${found.size} bytes; ${is} has ${MAX_BYTES} at most`);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    return text.includes('\0') ? refused('this is no text') : ok(text);
  } catch (error) {
    if (error instanceof TypeError) return refused('this is no text in UTF-8');
    return refused(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseText(file: string, text: string, kind: Kind): Read<YamlFile> {
  if (isNestedBeyondReason(text)) return err([`${file}:1:1 (top): nested too deeply`]);
  const lines = new LineCounter();
  // keys are compared below: the parser needs quadratic time for it, and does not know their path
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, stringKeys: true } as const;
  const document = parseDocument(text, { ...options, logLevel: 'error' });
  const where = (offset: number) => `${file}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`;
  const at = (offset: number, path: readonly PropertyKey[], says: string) =>
    `${where(offset)} ${path.join('.') || '(top)'}: ${says}`;
  const [syntax] = [...document.errors, ...document.warnings];
  if (syntax !== undefined) {
    const isSecond = syntax.code === 'MULTIPLE_DOCS';
    return err([
      `${where(syntax.pos[0])} ${isSecond ? `a second document begins; ${kind.is} is one` : syntax.message}`,
    ]);
  }
  if (document.contents === null) return err([`${file}:1:1 (top): the file is empty`]);
  const refused = refusedIn(document.contents, [], kind).map(({ offset, path, says }) => at(offset, path, says));
  if (refused.length > 0) return err(atMost(refused));
  const problemAt: ProblemAt = (path, key, says) => {
    const isLast = key !== undefined && key === path.at(-1);
    return at(offsetOf(document, isLast ? path.slice(0, -1) : path, key), path, says);
  };
  return ok({ value: document.toJS({ maxAliasCount: 0 }), problemAt });
}

const MAX_PROBLEMS = 20;
/** The first ones; nobody reads a thousand, and each costs a search. */
export const atMost = <T>(problems: readonly T[]): readonly T[] => problems.slice(0, MAX_PROBLEMS);

type Refused = { readonly offset: number; readonly path: readonly PropertyKey[]; readonly says: string };
const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

function refusedIn(node: unknown, path: readonly PropertyKey[], kind: Kind): readonly Refused[] {
  if (isAlias(node)) {
    const instead = kind.insteadOfAlias === undefined ? '' : `, ${kind.insteadOfAlias}`;
    return [{ offset: startOf(node), path, says: `aliases are not allowed${instead}` }];
  }
  if (isSeq(node)) return node.items.flatMap((item, n) => refusedIn(item, [...path, n], kind));
  if (!isMap(node)) return [];
  const seen = new Set<string>();
  return node.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const says = seen.has(name) ? 'this key is there twice' : 'no key has this name';
    const isRefused = seen.has(name) || name === '__proto__';
    seen.add(name);
    const own = isRefused ? [{ offset: startOf(key), path: [...path, name], says }] : [];
    return [...own, ...refusedIn(value, [...path, name], kind)];
  });
}

function offsetOf(document: Document, path: readonly PropertyKey[], key: string | undefined): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isNode(node)) return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1), undefined);
  const entry = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
  return startOf(entry?.key ?? node);
}
