import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, YAMLSeq } from 'yaml';
import { pathText } from './config-path.ts';
import { type ConfigProblem, problem } from './config-problem.ts';
import { type MergeRule, mergeRule } from './list-rules.ts';
import type { DocumentId } from './machine-config.ts';
import { titleOf } from './machine-config.ts';
import { keyText, readValue } from './read-value.ts';

type Place = { readonly id: DocumentId; readonly path: readonly string[] };
const inside = ({ id, path }: Place, key: string): Place => ({ id, path: [...path, key] });
const refuse = ({ id, path }: Place, code: ConfigProblem['code']) => problem(code, titleOf(id), pathText(path));

/**
 * Merges a patch into a document, in place, as Talos does: mappings are merged, lists appended, single values replaced,
 * with the exceptions of `mergeRule`. Source: siderolabs/talos, pkg/machinery/config/merge/merge.go.
 */
export function mergeMapping(target: YAMLMap, patch: YAMLMap, place: Place): ConfigProblem | undefined {
  for (const { key, value } of patch.items) {
    const name = keyText(key);
    const at = inside(place, name);
    const existing = target.get(name, true);
    const isThere = existing !== undefined && !isNothing(existing);
    if (isThere) {
      const wrong = mergeValue(target, name, existing, value, at);
      if (wrong !== undefined) return wrong;
    } else if (!isNothing(value)) {
      const wrong = put(target, name, value, at);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

function put(target: YAMLMap, name: string, value: unknown, place: Place): ConfigProblem | undefined {
  const rule = mergeRule(place.id.kind, place.path);
  if (!isSeq(value) || rule?.how !== 'by_key') {
    target.set(name, copy(value));
    return undefined;
  }
  const list = new YAMLSeq();
  target.set(name, list);
  return mergeEntries(list, value, rule, place);
}

function mergeValue(
  target: YAMLMap,
  name: string,
  existing: unknown,
  value: unknown,
  place: Place,
): ConfigProblem | undefined {
  const rule = mergeRule(place.id.kind, place.path);
  if (isNothing(value)) return refuse(place, 'would_change_nothing');
  // arguments of Kubernetes' programs: one text or a list of texts, never merged with each other
  if (place.path.at(-2) === 'extraArgs') {
    target.set(name, copy(value));
    return undefined;
  }
  if (isMap(existing) && isMap(value)) {
    if (rule?.how !== 'replace') return mergeMapping(existing, value, place);
    target.set(name, copy(value));
    return undefined;
  }
  if (isSeq(existing) && isSeq(value)) {
    if (rule?.how === 'by_key') return mergeEntries(existing, value, rule, place);
    if (rule?.how === 'replace') target.set(name, copy(value));
    else existing.items.push(...value.items.map(copy));
    return undefined;
  }
  if (!isScalar(existing) || !isScalar(value)) return refuse(place, 'shape');
  if (isZero(value) && String(existing.value) !== String(value.value)) return refuse(place, 'would_change_nothing');
  existing.value = value.value;
  existing.type = value.type ?? 'PLAIN';
  return undefined;
}

function mergeEntries(
  list: YAMLSeq,
  entries: YAMLSeq,
  rule: Extract<MergeRule, { how: 'by_key' }>,
  place: Place,
): ConfigProblem | undefined {
  for (const [n, entry] of entries.items.entries()) {
    if (!isMap(entry)) return refuse(inside(place, `[${n}]`), 'not_a_mapping');
    const key = rule.keys.find((one) => !isNothing(entry.get(one, true)));
    const wanted = key === undefined ? undefined : readValue(entry.get(key, true));
    const at = list.items.findIndex(
      (item) => key !== undefined && isMap(item) && isDeepStrictEqual(readValue(item.get(key, true)), wanted),
    );
    const existing = list.items[at];
    if (!isMap(existing)) list.items.push(copy(entry));
    else if (rule.entry === 'replace') list.items[at] = copy(entry);
    else {
      const wrong = mergeMapping(existing, entry, inside(place, `[${key}=${scalarText(wanted)}]`));
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}
const scalarText = (value: unknown): string => (typeof value === 'object' ? '…' : String(value));

const isPlain = (node: Scalar): boolean => node.type === 'PLAIN' || node.type === undefined;
/** A key without a value, or `null`. */
const isNothing = (node: unknown): boolean =>
  node === undefined ||
  node === null ||
  (isScalar(node) && isPlain(node) && /^(?:|~|null|Null|NULL)$/.test(String(node.value ?? '')));
/** Talos leaves the old value where the new one is Go's zero value; `false` counts as a value. */
const isZero = (node: Scalar): boolean =>
  String(node.value) === '' || (isPlain(node) && /^[-+]?0+(?:\.0*)?$/.test(String(node.value)));

/** Nodes of the patch are never shared with a config. */
const copy = (node: unknown): unknown => (isNode(node) ? node.clone() : node);
const isNode = (node: unknown): node is Node => isMap(node) || isSeq(node) || isScalar(node);
