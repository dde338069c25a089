import { isDeepStrictEqual } from 'node:util';
import { entryKey } from './list-rules.ts';
import type { ConfigMapping, ConfigValue } from './machine-config.ts';

/** With values: not for anybody's eyes before `diffConfigs` took out what is secret. */
export type Difference = {
  readonly keys: readonly string[];
  readonly kind: 'added' | 'removed' | 'changed' | 'reordered';
  readonly before: ConfigValue | undefined;
  readonly after: ConfigValue | undefined;
};
type Keys = readonly string[];

/** `documentKind` says which lists have entries that are known by a name. */
export function diffValues(documentKind: string, before: ConfigValue, after: ConfigValue): readonly Difference[] {
  return differences(before, after, []);

  function differences(old: ConfigValue, fresh: ConfigValue, keys: Keys): readonly Difference[] {
    if (isDeepStrictEqual(old, fresh)) return [];
    if (isMapping(old) && isMapping(fresh)) return ofMappings(old, fresh, keys);
    if (isList(old) && isList(fresh)) return ofLists(old, fresh, keys);
    if (isLeaf(old) && isLeaf(fresh)) return [{ keys, kind: 'changed', before: old, after: fresh }];
    return [...leaves(old, keys, 'removed'), ...leaves(fresh, keys, 'added')];
  }

  function ofMappings(old: ConfigMapping, fresh: ConfigMapping, keys: Keys): readonly Difference[] {
    const names = [...Object.keys(fresh), ...Object.keys(old).filter((name) => !Object.hasOwn(fresh, name))];
    return names.flatMap((name) => either(old[name], fresh[name], [...keys, name]));
  }

  function either(old: ConfigValue | undefined, fresh: ConfigValue | undefined, keys: Keys): readonly Difference[] {
    if (old === undefined) return fresh === undefined ? [] : leaves(fresh, keys, 'added');
    return fresh === undefined ? leaves(old, keys, 'removed') : differences(old, fresh, keys);
  }

  function ofLists(old: readonly ConfigValue[], fresh: readonly ConfigValue[], keys: Keys): readonly Difference[] {
    const key = entryKey(documentKind, keys);
    const [oldNames, freshNames] = [namesOf(old, key), namesOf(fresh, key)];
    if (oldNames !== undefined && freshNames !== undefined) {
      const at = (name: string) => [...keys, `[${key}=${name}]`];
      const found = [
        ...freshNames.flatMap((name, n) => either(old[oldNames.indexOf(name)], fresh[n], at(name))),
        ...oldNames.flatMap((name, n) => (freshNames.includes(name) ? [] : either(old[n], undefined, at(name)))),
      ];
      return [...found, ...reordered(oldNames, freshNames, keys)];
    }
    if ([...old, ...fresh].every((entry) => !isList(entry) && !isMapping(entry))) return ofTexts(old, fresh, keys);
    return byPlace(old, fresh, keys);
  }

  /** What both lists begin and end with is left out, the rest is compared place by place. */
  function byPlace(old: readonly ConfigValue[], fresh: readonly ConfigValue[], keys: Keys): readonly Difference[] {
    const shorter = Math.min(old.length, fresh.length);
    let start = 0;
    while (start < shorter && isDeepStrictEqual(old[start], fresh[start])) start += 1;
    let end = 0;
    while (end < shorter - start && isDeepStrictEqual(old.at(-1 - end), fresh.at(-1 - end))) end += 1;
    const places = Math.max(old.length, fresh.length) - start - end;
    return Array.from({ length: places }, (_, n) => start + n).flatMap((n) =>
      either(n < old.length - end ? old[n] : undefined, n < fresh.length - end ? fresh[n] : undefined, [
        ...keys,
        `[${n}]`,
      ]),
    );
  }
}

/** Every single value below; what is empty is one itself. */
function leaves(value: ConfigValue, keys: Keys, kind: 'added' | 'removed'): readonly Difference[] {
  const below = childrenOf(value, keys);
  if (below.length > 0) return below.flatMap((child) => leaves(child.value, child.keys, kind));
  return [{ keys, kind, before: kind === 'removed' ? value : undefined, after: kind === 'added' ? value : undefined }];
}

function childrenOf(value: ConfigValue, keys: Keys): readonly { readonly keys: Keys; readonly value: ConfigValue }[] {
  if (isMapping(value)) return Object.entries(value).map(([name, child]) => ({ keys: [...keys, name], value: child }));
  if (!isList(value)) return [];
  return value.map((child, n) => ({ keys: [...keys, isLeaf(child) ? '[]' : `[${n}]`], value: child }));
}

/** Single values have no names: what is new, what is gone, and whether the rest stands in another order. */
function ofTexts(old: readonly ConfigValue[], fresh: readonly ConfigValue[], keys: Keys): readonly Difference[] {
  const [gone, added] = [without(old, fresh), without(fresh, old)];
  return [
    ...added.map((after): Difference => ({ keys: [...keys, '[]'], kind: 'added', before: undefined, after })),
    ...gone.map((before): Difference => ({ keys: [...keys, '[]'], kind: 'removed', before, after: undefined })),
    ...reordered(without(old, gone), without(fresh, added), keys),
  ];
}

function without(list: readonly ConfigValue[], others: readonly ConfigValue[]): readonly ConfigValue[] {
  const left = new Map<ConfigValue, number>();
  for (const other of others) left.set(other, (left.get(other) ?? 0) + 1);
  return list.filter((entry) => {
    const count = left.get(entry) ?? 0;
    if (count > 0) left.set(entry, count - 1);
    return count === 0;
  });
}

function reordered(old: readonly ConfigValue[], fresh: readonly ConfigValue[], keys: Keys): readonly Difference[] {
  const common = new Set(old.filter((entry) => fresh.includes(entry)));
  const isSame = isDeepStrictEqual(
    old.filter((entry) => common.has(entry)),
    fresh.filter((entry) => common.has(entry)),
  );
  return isSame ? [] : [{ keys, kind: 'reordered', before: undefined, after: undefined }];
}

/** undefined: not every entry has a name of its own. */
function namesOf(list: readonly ConfigValue[], key: string | undefined): readonly string[] | undefined {
  if (key === undefined) return undefined;
  const names = list.map((entry) => (isMapping(entry) ? entry[key] : undefined));
  if (!names.every((name) => typeof name === 'string' || typeof name === 'number')) return undefined;
  return new Set(names.map(String)).size === names.length ? names.map(String) : undefined;
}

const isList = (value: ConfigValue | undefined): value is readonly ConfigValue[] => Array.isArray(value);
const isMapping = (value: ConfigValue | undefined): value is ConfigMapping =>
  typeof value === 'object' && value !== null && !isList(value);
const isLeaf = (value: ConfigValue): boolean => !isList(value) && !isMapping(value);
