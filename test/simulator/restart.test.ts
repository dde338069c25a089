import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { controlApi } from '../../simulator/nodes/control-api.ts';
import { listScenarios } from '../../simulator/nodes/read-scenario.ts';
import { startCluster } from '../../simulator/nodes/start-cluster.ts';
import { addressOf, talos } from './talos-calls.ts';

const fingerprint = (address: string) =>
  new Promise<string | undefined>((resolve, reject) => {
    const socket = connect({ host: address, port: 50_000, ALPNProtocols: ['h2'], rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });

test('a simulator that is started again has the same cluster, addresses and boots', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-restart-'));
  const first = await startCluster({ folder, scenario: 'c04-state-not-found-in-time', factor: 20 });
  const boots = () => Object.values(first.state.nodes).map(({ boot }) => [boot?.id, boot?.stage, boot?.startedAt]);
  const before = JSON.stringify([boots(), first.world.nodes]);
  const config = readFileSync(join(folder, 'talosconfig-reader'), 'utf8');
  const spki = await fingerprint(addressOf(first.world, 'w-2'));
  await first.stop();
  const second = await startCluster({ folder, scenario: 'healthy', factor: 20 });
  const after = Object.values(second.state.nodes).map(({ boot }) => [boot?.id, boot?.stage, boot?.startedAt]);
  expect(JSON.stringify([after, second.world.nodes])).toBe(before);
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
  const { controlToken } = cluster.world;
  let isStopAsked = false;
  const api = controlApi(cluster, {
    seen: () => {},
    stop: () => {
      isStopAsked = true;
    },
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', () => resolve()));
  const bound = api.address();
  const control = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  expect((await fetch(`${control}/state`)).status).toBe(401);
  const headers = { authorization: `Bearer ${controlToken}` };
  for (const { name, nodes } of listScenarios()) {
    const body = JSON.stringify({ name });
    const reply = await fetch(`${control}/scenario`, { method: 'POST', headers, body });
    expect([name, reply.status]).toEqual([name, 200]);
    const others = Object.values(cluster.state.nodes).filter((node) => nodes[node.name] === undefined);
    expect(others.map(({ boot }) => boot?.stage)).toEqual(others.map(() => 'running'));
  }
  expect(isStopAsked).toBe(false);
  expect((await fetch(`${control}/stop`, { method: 'POST', headers })).status).toBe(200);
  await expect.poll(() => isStopAsked).toBe(true);
  api.close();
  api.closeAllConnections();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});
