/** Major and minor of a Talos tag such as `v1.13.0-rc.1`; undefined where the text is none. */
export function parseMinor(tag: string | undefined): { readonly major: number; readonly minor: number } | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:\.|-|$)/.exec(tag ?? '');
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** A release line of Talos. */
export type Minor = `${number}.${number}`;

/** From here on machined itself answers in maintenance mode: calls for readers, logs, the kernel log. */
export const SECOND_MAINTENANCE: Minor = '1.13';

/** Whether `tag` is at least `wanted` (`1.13`). An unknown version is at least nothing. */
export function isAtLeast(tag: string | undefined, wanted: Minor): boolean {
  const have = parseMinor(tag);
  const want = parseMinor(wanted);
  if (have === undefined || want === undefined) return false;
  return have.major === want.major ? have.minor >= want.minor : have.major > want.major;
}
