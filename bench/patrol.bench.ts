import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { knowledge } from '../cli/scenario-look.ts';
import { learnEntries } from '../lib/flow/learn-cluster.ts';
import { lookOver } from '../lib/flow/look-over.ts';
import { createReader } from '../lib/talos/reader.ts';
import { accessOf, targetsOf } from '../local/simulated-access.ts';
import { startCluster } from '../simulator/nodes/start-cluster.ts';

/** Workers that are switched off or hang: each costs its deadlines, none may cost those of the others. */
const ILL = { off: ['w-3', 'w-17', 'w-31', 'w-44'], hung: ['w-8', 'w-25', 'w-50'] } as const;
/** A patrol of 50 nodes has to end within this. */
const BUDGET_MS = 60_000;

test('a patrol of 3 control planes and 50 workers, well and with seven of them ill', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-bench-'));
  const cluster = await startCluster({ folder, scenario: 'healthy-50-workers', factor: 10 });
  try {
    const talos = createReader(await accessOf(folder, cluster.world));
    const targets = targetsOf(cluster.world);
    const now = () => new Date();
    const entries = await learnEntries(talos, [], targets, now().toISOString());
    const nodes = targets.map((target) => {
      const entry = entries.find(({ name }) => name === target.name);
      return { target, entry, hasIncident: false, mayEnterMaintenance: false };
    });
    const patrol = async (what: string) => {
      const before = process.cpuUsage();
      const look = await lookOver(
        { ...knowledge(cluster.world.cluster, 'unknown'), talos, now },
        cluster.world.cluster,
        nodes,
        [],
      );
      const { user, system } = process.cpuUsage(before);
      const cpuMs = Math.round((user + system) / 1000);
      const readings = look.nodes.reduce((sum, one) => sum + one.readings.answered, 0);
      writeSync(
        2,
        `patrol, ${what}: ${look.tookMs} ms, ${cpuMs} ms of CPU with the simulated nodes, ${look.nodes.length} nodes, ${readings} readings\n`,
      );
      expect(look.notLooked).toEqual([]);
      expect(look.tookMs).toBeLessThan(BUDGET_MS);
      return look.nodes.filter(({ reach }) => reach.mode === 'silent').map(({ node }) => node);
    };
    expect(await patrol('all well')).toEqual([]);
    for (const name of ILL.off) await cluster.setPower(name, 'off');
    for (const name of ILL.hung) await cluster.setFault(name, { fault: 'hang' });
    expect(await patrol('4 switched off, 3 hanging')).toEqual(['w-3', 'w-8', 'w-17', 'w-25', 'w-31', 'w-44', 'w-50']);
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
