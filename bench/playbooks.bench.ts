import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lookAtScenario } from '../cli/scenario-look.ts';
import type { Evidence } from '../lib/evidence/evidence.ts';
import type { KernelLine } from '../lib/evidence/values.ts';
import { runPlaybooks } from '../lib/playbooks/diagnose.ts';

const LINES = [1_000, 5_000, 25_000] as const;
const RUNS = 30;
/** Linear is 5 for five times as many lines. */
const MAX_GROWTH = 10;

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** A kernel log as long as that, made of the lines that are there. */
function withLines(evidence: Evidence, count: number): Evidence {
  const { kernelLog } = evidence.readings;
  if (!kernelLog?.ok) throw new Error('the kernel log was not read');
  const value: KernelLine[] = [];
  while (value.length < count) value.push(...kernelLog.value.slice(0, count - value.length));
  return { ...evidence, readings: { ...evidence.readings, kernelLog: { ...kernelLog, value } } };
}

test('from evidence to findings, by the length of the kernel log', async () => {
  const found = await lookAtScenario('c02-kernel-module-not-loaded', 'w-2');
  if (!('look' in found)) throw new Error('w-2 is not there');
  const facts = { inventory: found.look.entry, ordered: [] };
  const times = LINES.map((count) => {
    const evidence = withLines(found.look.evidence, count);
    const all = Array.from({ length: RUNS }, () => {
      const started = performance.now();
      runPlaybooks(evidence, facts);
      return performance.now() - started;
    });
    return median(all);
  });
  const said = LINES.map((count, n) => `${count} lines ${times[n]?.toFixed(2)} ms`).join(', ');
  const growth = (times[2] ?? Number.NaN) / (times[1] ?? Number.NaN);
  writeSync(2, `playbooks: ${said}; five times the lines take ${growth.toFixed(1)} x as long\n`);
  expect(growth).toBeLessThanOrEqual(MAX_GROWTH);
});
