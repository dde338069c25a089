import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { Citation } from './finding.ts';
import { fieldOf, minuteOf, talosSays } from './log-lines.ts';

/** A volume that Talos gave up on, and why. `from`: its status now, or (where that cannot be read) the log of this boot. */
export type FailedVolume = {
  readonly id: string;
  readonly error: string;
  readonly from: Extract<Citation['reading'], 'volumes' | 'kernelLog'>;
  /** When the log says that it failed first; undefined: it does not say. */
  readonly since: string | undefined;
};

/** A node says how many volumes it has; nobody reads more findings than these. */
const MAX_VOLUMES = 4;

/** Printed form: `[talos] volume failed {… "volume": "EPHEMERAL", "error": "…"}`. */
export const failedVolumes = (evidence: Evidence): readonly FailedVolume[] =>
  allFailed(evidence)
    .toSorted((a, b) => Number(isOfTalos(b)) - Number(isOfTalos(a)))
    .slice(0, MAX_VOLUMES);
const isOfTalos = ({ id }: FailedVolume): boolean => id === 'STATE' || id === 'EPHEMERAL';

function allFailed(evidence: Evidence): readonly FailedVolume[] {
  const logged = loggedFailures(evidence);
  const volumes = readValue(evidence.readings.volumes);
  if (volumes === undefined) return logged;
  return volumes
    .filter(({ phase }) => phase === 'failed')
    .map(({ id, errorMessage }) => ({
      id,
      error: errorMessage,
      from: 'volumes',
      since: logged.find((one) => one.id === id)?.since,
    }));
}

function loggedFailures(evidence: Evidence): readonly FailedVolume[] {
  const found = talosSays(evidence).flatMap(({ at, message }) => {
    if (!message.includes('volume failed')) return [];
    const id = fieldOf(message, 'volume');
    const error = fieldOf(message, 'error');
    return id === undefined || error === undefined
      ? []
      : [{ id, error, from: 'kernelLog' as const, since: minuteOf(at) }];
  });
  return found.filter(({ id }, n) => found.findIndex((one) => one.id === id) === n);
}

/** Talos names the format that is there first: `filesystem type mismatch: xfs != luks`. */
const MISMATCH = /filesystem type mismatch: (\S{1,20}) != (\S{1,20})/;

/** What is on the disk, and what the config asks for; undefined: the volume failed for another reason. */
export function formatMismatch(error: string): { readonly found: string; readonly wanted: string } | undefined {
  const [, found, wanted] = MISMATCH.exec(error) ?? [];
  return found === undefined || wanted === undefined ? undefined : { found, wanted };
}
