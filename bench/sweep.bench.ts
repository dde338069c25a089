import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Reading } from '../lib/evidence/reading.ts';
import { createReader } from '../lib/talos/reader.ts';
import { accessOf, targetsOf } from '../local/simulated-access.ts';
import { type Simulated, simulate } from '../test/simulator/simulated.ts';

/** Latency of every call, ms: a node on another continent. */
const DELAY_MS = 50;
const SWEEPS = 20;

let simulated: Simulated;
beforeAll(async () => {
  simulated = await simulate();
  for (const { name } of simulated.cluster.world.nodes) {
    await simulated.cluster.setFault(name, { fault: 'slow', delay: DELAY_MS });
  }
});
afterAll(() => simulated.end());

/** Everything is asked at once, so a sweep should take about as long as its slowest reading. */
test.for(['w-1', 'cp-1'])('a sweep of %s against its slowest reading', async (name) => {
  const { world } = simulated.cluster;
  const reader = createReader(await accessOf(join(simulated.folder), world));
  const targets = targetsOf(world);
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`${name} is not there`);
  const peers = targets.filter((one) => one.role === 'controlplane' && one.name !== name);
  const ratios: number[] = [];
  let last = '';
  for (let n = 0; n <= SWEEPS; n += 1) {
    const known = { ...target, lastKnownVersion: 'v1.13.9' };
    const { tookMs, readings } = await reader.collect(known, { peers, mayEnterMaintenance: true });
    const { logs = {}, ...others } = readings;
    const all: readonly Reading<unknown>[] = [...Object.values(others), ...Object.values(logs)];
    const slowestMs = Math.max(...all.map((reading) => reading.tookMs));
    if (n > 0) ratios.push(tookMs / slowestMs); // the first one warms up
    last = `${tookMs} ms for ${all.length} readings, the slowest ${slowestMs} ms`;
  }
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? Number.NaN;
  writeSync(2, `sweep of ${name}: ${median.toFixed(2)} x its slowest reading (median of ${SWEEPS}; last: ${last})\n`);
  expect(median).toBeLessThanOrEqual(1.5);
});
