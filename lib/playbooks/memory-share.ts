import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';

/** Share of the memory that is available below which a node is short of it; above `PLENTY` it is not. Our own choice. */
export const SHORT = 0.1;
export const PLENTY = 0.25;
const GIB = 1024 ** 3;

/** Memory of the node as it is now, which is not as it was when something was killed. */
export function memoryNow({ readings }: Evidence): { readonly share: number; readonly says: string } | undefined {
  const memory = readValue(readings.memory);
  if (memory === undefined || memory.totalBytes <= 0) return undefined;
  const share = memory.availableBytes / memory.totalBytes;
  const gib = (bytes: number) => (bytes / GIB).toFixed(1);
  return {
    share,
    says: `${gib(memory.availableBytes)} of ${gib(memory.totalBytes)} GiB (${Math.round(share * 100)} %) are available`,
  };
}
