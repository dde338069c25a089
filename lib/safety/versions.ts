/** Talos versions that Medic knows well enough to change a node: v1.8 to v1.14. */
const OLDEST = 8;
const NEWEST = 14;

export type KnownVersion = { readonly minor: number } | { readonly unknown: string };

/** `v1.8.4` and pre-releases of known minors; anything else is unknown, and unknown versions are only read. */
export function knownVersion(tag: string | undefined): KnownVersion {
  const minor = /^v1\.(\d{1,3})\.\d{1,3}(?:-[0-9a-z.-]{1,40})?$/.exec(tag ?? '')?.[1];
  if (minor === undefined)
    return { unknown: tag === undefined ? 'no version is known' : 'its version is not one of v1.x' };
  const number = Number(minor);
  if (number < OLDEST) return { unknown: `v1.${number} is older than v1.${OLDEST}` };
  if (number > NEWEST) return { unknown: `v1.${number} is newer than v1.${NEWEST}, the newest that Medic knows` };
  return { minor: number };
}
