import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { err, ok, type Result } from '../result.ts';
import { pathText } from './config-path.ts';
import { type ConfigProblem, problem } from './config-problem.ts';
import { keyText } from './read-value.ts';

/** What a `$patch: delete` points at: a whole document ([]), a key, or the first entry of a list with this key and value. */
export type DeleteSelector = {
  readonly path: readonly string[];
  readonly entry: { readonly key: string; readonly value: string } | undefined;
};

/**
 * Takes the selectors out of a patch, and what is empty without them. Talos deletes first and merges the rest then.
 * Source: siderolabs/talos, configloader/internal/decoder/delete.go.
 */
export function takeSelectors(
  root: YAMLMap,
  document: string,
): Result<{ readonly selectors: readonly DeleteSelector[]; readonly isEmpty: boolean }, ConfigProblem> {
  const selectors: DeleteSelector[] = [];
  let wrong: ConfigProblem | undefined;
  const refuse = (code: ConfigProblem['code'], path: readonly string[]) => {
    wrong ??= problem(code, document, pathText(path));
    return false;
  };

  /** true: nothing is left of the node. */
  const strip = (node: unknown, path: readonly string[], isEntry: boolean): boolean => {
    if (isSeq(node)) {
      const before = node.items.length;
      node.items = node.items.filter((item, n) => !strip(item, [...path, `[${n}]`], true));
      return before > 0 && node.items.length === 0;
    }
    if (!isMap(node)) return false;
    if (node.has(PATCH)) return select(node, path, isEntry);
    const before = node.items.length;
    node.items = node.items.filter(({ key, value }) => !strip(value, [...path, keyText(key)], false));
    return before > 0 && node.items.length === 0;
  };

  const select = (node: YAMLMap, path: readonly string[], isEntry: boolean): boolean => {
    if (node.get(PATCH) !== 'delete') return refuse('not_a_patch', path);
    if (!isEntry) {
      if (path.some((key) => key.startsWith('['))) return refuse('not_deletable', path);
      selectors.push({ path, entry: undefined });
      return true;
    }
    const by = node.items.find(({ key }) => keyText(key) !== PATCH);
    const list = path.slice(0, -1);
    if (by === undefined || !isScalar(by.value) || list.some((key) => key.startsWith('['))) {
      return refuse('not_deletable', path);
    }
    selectors.push({ path: list, entry: { key: keyText(by.key), value: String(by.value.value ?? '') } });
    return true;
  };

  const isEmpty = strip(root, [], false);
  return wrong === undefined ? ok({ selectors, isEmpty }) : err(wrong);
}
const PATCH = '$patch';

/** Talos refuses what it cannot find, so that no misspelled name passes. */
export function deleteSelected(
  root: YAMLMap,
  { path, entry }: DeleteSelector,
  document: string,
): ConfigProblem | undefined {
  const missing = problem('nothing_there', document, pathText(path));
  if (entry === undefined) {
    const parent = path.length === 1 ? root : root.getIn(path.slice(0, -1), true);
    return isMap(parent) && parent.delete(path.at(-1)) ? undefined : missing;
  }
  const list = root.getIn(path, true);
  if (!isSeq(list)) return missing;
  const at = list.items.findIndex((item) => isMap(item) && textAt(item, entry.key) === entry.value);
  if (at < 0) return problem('nothing_there', document, pathText([...path, `[${entry.key}]`]));
  list.items.splice(at, 1);
  return undefined;
}

function textAt(node: YAMLMap, key: string): string | undefined {
  const value = node.get(key, true);
  return isScalar(value) ? String(value.value ?? '') : undefined;
}
