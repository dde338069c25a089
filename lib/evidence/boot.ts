import type { Evidence } from './evidence.ts';
import { readValue } from './reading.ts';

/** What names one boot of a machine. `spki`: of the maintenance certificate, which is new at every boot. */
export type Boot = {
  readonly bootId: string | undefined;
  readonly spki: string | undefined;
  /** Unix seconds, by the clock of the node. */
  readonly bootTimeS: number | undefined;
};

/** Boot times move when the clock is corrected. */
export const SAME_BOOT_WITHIN_S = 30;

export function bootFacts({ reach, readings }: Pick<Evidence, 'reach' | 'readings'>): Boot {
  return {
    bootId: readValue(readings.bootId),
    spki: reach.mode === 'maintenance' ? reach.certificate?.spki : undefined,
    bootTimeS: readValue(readings.systemStat)?.bootTimeS,
  };
}

/** undefined: the two have nothing in common that could be compared, which is no proof of either. */
export function sameBoot(a: Boot, b: Boot): boolean | undefined {
  if (a.bootId !== undefined && b.bootId !== undefined) return a.bootId === b.bootId;
  if (a.spki !== undefined && b.spki !== undefined) return a.spki === b.spki;
  if (a.bootTimeS === undefined || b.bootTimeS === undefined) return undefined;
  return Math.abs(a.bootTimeS - b.bootTimeS) <= SAME_BOOT_WITHIN_S;
}

/** A boot as frozen in plans: every fact that names it, so that later looks find one in common. Empty: none is known. */
export const bootText = ({ bootId, spki, bootTimeS }: Boot): string =>
  [
    ...(bootId === undefined ? [] : [`id:${bootId}`]),
    ...(spki === undefined ? [] : [`spki:${spki}`]),
    ...(bootTimeS === undefined ? [] : [`time:${bootTimeS}`]),
  ].join(' ');

export function parseBoot(text: string): Boot {
  const factOf = (name: string) =>
    text
      .split(' ')
      .find((fact) => fact.startsWith(`${name}:`))
      ?.slice(name.length + 1);
  const time = factOf('time');
  return { bootId: factOf('id'), spki: factOf('spki'), bootTimeS: time === undefined ? undefined : Number(time) };
}
