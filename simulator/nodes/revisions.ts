import type { CosiResource } from './resource.ts';
import type { Boot } from './state.ts';

/** Counts the changes of resources that follow from something else, so that a watch and a Get tell the same version. */
export type Revision = {
  readonly text: string;
  readonly version: number;
  readonly created: number;
  readonly updated: number;
};

const seen = new WeakMap<Boot, Map<string, ReadonlyMap<string, Revision>>>();

/**
 * Every resource of one type and namespace as it is now, with its spec as text. A version goes up by one where the text
 * is another than the last time somebody looked; a resource that was gone begins anew.
 */
export function revise(
  boot: Boot,
  key: string,
  resources: readonly { readonly resource: CosiResource; readonly text: string }[],
  now: number,
): ReadonlyMap<string, Revision> {
  const known = seen.get(boot) ?? new Map<string, ReadonlyMap<string, Revision>>();
  seen.set(boot, known);
  const before = known.get(key);
  const after = new Map(
    resources.map(({ resource, text }) => [resource.id, next(before?.get(resource.id), resource, text)] as const),
  );
  known.set(key, after);
  return after;

  function next(last: Revision | undefined, { version = 1, updatedAt }: CosiResource, text: string): Revision {
    if (last === undefined) {
      const created = before === undefined ? boot.startedAt : (updatedAt ?? now);
      return { text, version, created, updated: Math.max(created, updatedAt ?? created) };
    }
    if (last.text === text && version <= last.version) return last;
    const isCounted = version > last.version;
    const updated = isCounted ? (updatedAt ?? now) : now;
    return { text, version: isCounted ? version : last.version + 1, created: last.created, updated };
  }
}
