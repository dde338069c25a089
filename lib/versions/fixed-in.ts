import { parseMinor } from './talos-version.ts';

/** A release of Talos, as its tags are written. */
type Release = `v${number}.${number}.${number}`;

/**
 * Whether a version has a fix that came with the first of these releases on each line. Lines after the last named one
 * have it, lines before the first one do not; a pre-release of a named release is older than it. undefined: no version.
 */
export function hasFix(tag: string | undefined, releases: readonly Release[]): boolean | undefined {
  const version = parse(tag);
  if (version === undefined) return undefined;
  const fixed = releases.flatMap((release) => parse(release) ?? []);
  const onLine = fixed.find(({ line }) => line === version.line);
  if (onLine === undefined) return fixed.length > 0 && fixed.every(({ line }) => line < version.line);
  return version.patch > onLine.patch || (version.patch === onLine.patch && !version.isEarly);
}

/**
 * The release to upgrade to for such a fix: the one of the same line, else of the next, because Talos goes from one line to
 * the next only. undefined: it has the fix, or no release is near enough.
 */
export function nearestFix(tag: string | undefined, releases: readonly Release[]): Release | undefined {
  const version = parse(tag);
  if (version === undefined || hasFix(tag, releases) !== false) return undefined;
  const linesOn = (release: Release) => (parse(release)?.line ?? 0) - version.line;
  return releases.find((release) => linesOn(release) === 0) ?? releases.find((release) => linesOn(release) === 1);
}

/** `line`: major and minor as one number that can be compared. */
function parse(tag: string | undefined): { line: number; patch: number; isEarly: boolean } | undefined {
  const minor = parseMinor(tag);
  const match = /^v?\d{1,4}\.\d{1,4}\.(\d{1,4})(-.{1,40})?$/.exec(tag ?? '');
  if (minor === undefined || match === null) return undefined;
  return { line: minor.major * 10_000 + minor.minor, patch: Number(match[1]), isEarly: match[2] !== undefined };
}
