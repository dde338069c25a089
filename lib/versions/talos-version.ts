import { err, ok, type Result } from '../result.ts';

/** A release line of Talos. */
export type Minor = `${number}.${number}`;

/** The lines that Medic knows well enough to change a node. Newer ones are read, and left alone. */
export const OLDEST: Minor = '1.8';
export const NEWEST: Minor = '1.14';

/** Major and minor of a Talos tag such as `v1.13.0-rc.1`; undefined where the text is none. */
export function parseMinor(tag: string | undefined): { readonly major: number; readonly minor: number } | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:\.|-|$)/.exec(tag ?? '');
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** Whether `tag` is at least `wanted` (`1.13`). An unknown version is at least nothing. */
export function isAtLeast(tag: string | undefined, wanted: Minor): boolean {
  const have = parseMinor(tag);
  const want = parseMinor(wanted);
  if (have === undefined || want === undefined) return false;
  return have.major === want.major ? have.minor >= want.minor : have.major > want.major;
}

/** Whether a whole tag (`v1.9.6`) is older than another; a pre-release is taken for its release. Unknown: not older. */
export function isOlder(tag: string | undefined, than: string | undefined): boolean {
  const [a, b] = [numbersOf(tag), numbersOf(than)];
  if (a === undefined || b === undefined) return false;
  const at = a.findIndex((number, n) => number !== b[n]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

const numbersOf = (tag: string | undefined): readonly number[] | undefined =>
  /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:-|$)/
    .exec(tag ?? '')
    ?.slice(1)
    .map(Number);

/** The line of a whole tag (`v1.8.4`, `v1.14.0-rc.1`) that may be changed, or why a node of it is only read. */
export function knownMinor(tag: string | undefined): Result<Minor, string> {
  if (tag === undefined) return err('no version is known');
  const minor = /^v1\.(\d{1,3})\.\d{1,3}(?:-[0-9a-z.-]{1,40})?$/.exec(tag)?.[1];
  if (minor === undefined) return err('its version is not one of v1.x');
  const line: Minor = `1.${Number(minor)}`;
  if (!isAtLeast(line, OLDEST)) return err(`v${line} is older than v${OLDEST}, the oldest that Medic knows`);
  if (!isAtLeast(NEWEST, line)) return err(`v${line} is newer than v${NEWEST}, the newest that Medic knows`);
  return ok(line);
}
