import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { listScenarios } from '../../simulator/nodes/read-scenario.ts';
import { startCluster } from '../../simulator/nodes/start-cluster.ts';
import type { World } from '../../simulator/world.ts';
import { panelOf } from './panel.ts';
import { machineSeen } from './seen-machine.ts';
import { addressOf, talos } from './talos-calls.ts';

const fingerprint = (address: string) =>
  new Promise<string | undefined>((resolve, reject) => {
    const socket = connect({ host: address, port: 50_000, ALPNProtocols: ['h2'], rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });

/** A machine in maintenance mode shows its boot by its certificate alone. */
async function bootsOf(folder: string, world: World) {
  const seen = machineSeen((name, identity = 'reader') => talos(folder, world, name, identity));
  return Promise.all(
    world.nodes.map(async ({ name }) => ({
      name,
      stage: (await seen.stage(name)) || (await seen.stage(name, 'maintenance')),
      at: await seen.bootTime(name),
    })),
  );
}

test('a simulator that is started again has the same cluster, addresses and boots', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-restart-'));
  const first = await startCluster({ folder, scenario: 'c04-state-not-found-in-time', factor: 20 });
  const before = await bootsOf(folder, first.world);
  expect(before).toHaveLength(6);
  expect(before.filter(({ stage }) => stage === 'running')).toHaveLength(5);
  const { nodes } = first.world;
  const config = readFileSync(join(folder, 'talosconfig-reader'), 'utf8');
  const spki = await fingerprint(addressOf(first.world, 'w-2'));
  await first.stop();
  const second = await startCluster({ folder, scenario: 'healthy', factor: 20 });
  expect(await bootsOf(folder, second.world)).toEqual(before);
  expect(second.world.nodes).toEqual(nodes);
  expect(readFileSync(join(folder, 'talosconfig-reader'), 'utf8')).toBe(config);
  expect(await fingerprint(addressOf(second.world, 'w-2'))).toBe(spki);
  await second.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('calls are counted over restarts, the newest are at hand, and half a line does not spoil the next', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-journal-'));
  const file = join(folder, 'journal.jsonl');
  const once = async (calls: number) => {
    const cluster = await startCluster({ folder, scenario: 'healthy', factor: 20 });
    const w1 = talos(folder, cluster.world, 'w-1', 'reader');
    for (let n = 0; n < calls; n += 1) await w1.call(machineChanges.reboot, { mode: 'DEFAULT' });
    const told = cluster.newestCalls();
    expect(cluster.journal()).toHaveLength(told.total);
    await cluster.stop();
    return told;
  };
  expect((await once(2)).total).toBe(2);
  appendFileSync(file, '{"at":"2026-11-20T03:');
  const after = await once(60);
  expect(after.total).toBe(62);
  expect(after.lines).toHaveLength(50);
  expect(after.lines.at(-1)).toMatchObject({ node: 'w-1', method: 'Reboot', roles: ['os:reader'] });
  expect((await once(0)).lines).toEqual(after.lines);
  rmSync(folder, { recursive: true, force: true });
});

test('every scenario of the library loads, and the control API wants its token', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-library-'));
  const cluster = await startCluster({ folder, scenario: 'healthy', factor: 20 });
  const panel = await panelOf(cluster);
  expect((await fetch(`${panel.control}/state`)).status).toBe(401);
  for (const { name, nodes } of listScenarios()) {
    const reply = await panel.post('/scenario', { name });
    expect([name, reply.status]).toEqual([name, 200]);
    const others = (await panel.state()).nodes.filter((node) => nodes[node.name] === undefined);
    expect(others.map(({ stage }) => stage)).toEqual(others.map(() => 'running'));
  }
  expect(panel.isStopAsked()).toBe(false);
  expect((await panel.post('/stop', {})).status).toBe(200);
  await expect.poll(() => panel.isStopAsked()).toBe(true);
  panel.close();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});
