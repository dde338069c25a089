import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import * as z from 'zod';
import { err, ok, type Result } from '../result.ts';
import { pathText } from './config-path.ts';
import { type ConfigProblem, problem } from './config-problem.ts';
import { MAIN } from './machine-config.ts';
import { readValue } from './read-value.ts';

/** One operation of RFC 6902. `value` is a node, so that it is written as it was given. */
export type JsonOperation = {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: readonly string[];
  readonly from: readonly string[] | undefined;
  readonly value: Node | undefined;
};

/** The whole document cannot be named: a config without one would be none. */
const Pointer = z.string().regex(/^(?:\/(?:[^~/]|~[01])*)+$/);
const Operation = z.union([
  z.object({ op: z.enum(['add', 'replace', 'test']), path: Pointer }),
  z.object({ op: z.literal('remove'), path: Pointer }),
  z.object({ op: z.enum(['move', 'copy']), path: Pointer, from: Pointer }),
]);

const tokensOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

/** `root`: a JSON patch is a list, in JSON or in YAML. */
export function readJsonPatch(root: YAMLSeq): Result<readonly JsonOperation[], ConfigProblem> {
  const operations: JsonOperation[] = [];
  for (const [n, item] of root.items.entries()) {
    const parsed = Operation.safeParse(readValue(item));
    const value = isMap(item) ? item.get('value', true) : undefined;
    const node = isNode(value) ? value : undefined;
    if (!parsed.success || (NEED_VALUE.has(parsed.data.op) && node === undefined)) {
      return err(problem('not_a_patch', undefined, `[${n}]`));
    }
    const { op, path } = parsed.data;
    const from = 'from' in parsed.data ? tokensOf(parsed.data.from) : undefined;
    operations.push({ op, path: tokensOf(path), from, value: node });
  }
  return ok(operations);
}
const NEED_VALUE: ReadonlySet<string> = new Set(['add', 'replace', 'test']);
const isNode = (node: unknown): node is Node => isMap(node) || isSeq(node) || isScalar(node);

/** In place. */
export function runJsonPatch(tree: Document, operations: readonly JsonOperation[]): ConfigProblem | undefined {
  for (const operation of operations) {
    const wrong = run(tree, operation);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function run(tree: Document, { op, path, from, value }: JsonOperation): ConfigProblem | undefined {
  const missing = (keys: readonly string[]) => problem('nothing_there', MAIN, pathText(keys));
  const found = nodeAt(tree, from ?? path);
  if (op !== 'add' && found === undefined) return missing(from ?? path);
  if (op === 'test') {
    return isDeepStrictEqual(readValue(found), readValue(value))
      ? undefined
      : problem('test_failed', MAIN, pathText(path));
  }
  if (op === 'move' && from !== undefined && from.every((key, n) => key === path[n])) {
    return from.length === path.length ? undefined : missing(path);
  }
  if (op === 'remove' || op === 'move') removeAt(tree, from ?? path);
  if (op === 'remove') return undefined;
  const node = op === 'move' || op === 'copy' ? found : value;
  const isPut = putAt(tree, path, node?.clone(), op === 'replace');
  return isPut ? undefined : missing(path);
}

function childOf(parent: unknown, key: string): Node | undefined {
  let child: unknown;
  if (isMap(parent)) child = parent.get(key, true);
  if (isSeq(parent) && INDEX.test(key)) child = parent.items[Number(key)];
  return isNode(child) ? child : undefined;
}
const INDEX = /^(?:0|[1-9]\d{0,8})$/;

const nodeAt = (tree: Document, path: readonly string[]): Node | undefined =>
  path.reduce<Node | undefined>((node, key) => childOf(node, key), isNode(tree.contents) ? tree.contents : undefined);
const parentOf = (tree: Document, path: readonly string[]): Node | undefined => nodeAt(tree, path.slice(0, -1));

function removeAt(tree: Document, path: readonly string[]): void {
  const parent = parentOf(tree, path);
  const key = path.at(-1) ?? '';
  if (isMap(parent)) parent.delete(key);
  else if (isSeq(parent)) parent.items.splice(Number(key), 1);
}

/** false: there is no such place. */
function putAt(tree: Document, path: readonly string[], node: unknown, isReplacing: boolean): boolean {
  const parent = parentOf(tree, path);
  const key = path.at(-1) ?? '';
  if (isMap(parent)) return setKey(parent, key, node);
  if (!isSeq(parent)) return false;
  const at = key === '-' && !isReplacing ? parent.items.length : Number(INDEX.test(key) ? key : Number.NaN);
  if (!(at <= parent.items.length)) return false;
  parent.items.splice(at, isReplacing ? 1 : 0, node);
  return true;
}
function setKey(parent: YAMLMap, key: string, node: unknown): true {
  parent.set(key, node);
  return true;
}
