import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { SequenceEvent } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { type RunningCluster, startCluster } from '../../simulator/nodes/start-cluster.ts';
import { type Identity, talos, until } from './talos-calls.ts';

const folder = mkdtempSync(join(tmpdir(), 'medic-nodes-'));
let cluster: RunningCluster;
beforeAll(async () => {
  cluster = await startCluster({ folder, scenario: 'healthy', factor: 30 });
});
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

const to = (name: string, identity: Identity, via?: string) =>
  talos(folder, cluster.world, name, identity, via === undefined ? {} : { via });
const load = async (name: string) => {
  const loaded = await cluster.loadScenario(name);
  if (!loaded.ok) throw new Error(loaded.error.join('\n'));
  return loaded.value;
};
const stored = (name: string) => readFileSync(join(folder, 'configs', `${name}.yaml`));
const applyRequest = (data: Buffer, dryRun = false) => ({ data, mode: 'AUTO' as const, dryRun });
const stageOf = (name: string, identity: Identity = 'reader') =>
  to(name, identity).list('runtime', 'MachineStatuses.runtime.talos.dev');
const isRunning = (seen: object) =>
  JSON.stringify(seen).includes('"stage":"running"') && JSON.stringify(seen).includes('"ready":true');
const kernelLog = async (name: string, identity: Identity) => {
  const seen = await to(name, identity).frames(m.dmesg, { follow: false, tail: false });
  if (!('reply' in seen)) throw new Error(seen.text);
  return seen.reply.map(({ bytes }) => Buffer.from(bytes).toString());
};

test('a healthy cluster: six nodes run, three etcd members agree on a leader', async () => {
  await load('healthy');
  for (const { name } of cluster.world.nodes) expect(isRunning(await stageOf(name))).toBe(true);
  const leaders = new Set<string>();
  for (const name of ['cp-1', 'cp-2', 'cp-3']) {
    const seen = await to(name, 'reader').call(m.etcdStatus, {});
    leaders.add('reply' in seen ? (seen.reply.messages[0]?.memberStatus?.leader ?? '') : seen.text);
  }
  expect(leaders.size).toBe(1);
  const members = await to('cp-1', 'reader').call(m.etcdMemberList, { queryLocal: true });
  const names = 'reply' in members ? members.reply.messages[0]?.members.map(({ hostname }) => hostname) : members;
  expect(names).toEqual(['cp-1', 'cp-2', 'cp-3']);
});

test('a late disk on 1.8: maintenance mode offers next to nothing, shows STATE, and refuses a reboot', async () => {
  await load('c04-state-not-found-in-time');
  expect(await to('w-2', 'reader').call(m.version, {})).toMatchObject({ code: 14 });
  const node = to('w-2', 'maintenance');
  expect(await stageOf('w-2', 'maintenance')).toEqual({
    reply: { machine: { stage: 'maintenance', status: { ready: true, unmetConditions: [] } } },
  });
  expect(await node.call(m.version, {})).toEqual({ code: 12, text: 'API is not implemented in maintenance mode' });
  expect(await node.call(m.serviceList, {})).toEqual({ code: 12, text: 'method ServiceList not implemented' });
  expect(await node.call(machineChanges.reboot, { mode: 'DEFAULT' })).toEqual({
    code: 12,
    text: 'method Reboot not implemented',
  });
  expect(await node.list('runtime', 'VolumeStatuses.block.talos.dev')).toMatchObject({
    reply: { STATE: { phase: 'ready', location: '/dev/sda5' } },
  });
  expect(await node.list('runtime', 'DiscoveredVolumes.block.talos.dev')).toMatchObject({
    reply: { sda5: { partition_label: 'STATE', type: 'partition' } },
  });
  expect(await node.list('runtime', 'Versions.runtime.talos.dev')).toEqual({
    code: 7,
    text: 'resource type "Versions.runtime.talos.dev" is not supported',
  });
});

test('the stored config brings the node back, under the certificate of the cluster; the journal has both calls', async () => {
  await load('c04-state-not-found-in-time');
  const before = cluster.journal().length;
  const node = to('w-2', 'maintenance');
  const tried = await node.call(machineChanges.applyConfiguration, applyRequest(stored('w-2'), true));
  expect(JSON.stringify(tried)).toContain('Node is running in maintenance mode and does not have a config yet.');
  expect(await stageOf('w-2', 'maintenance')).toMatchObject({ reply: { machine: { stage: 'maintenance' } } });
  expect(
    await node.call(machineChanges.applyConfiguration, applyRequest(Buffer.from('kind: KmsgLogConfig\n'))),
  ).toEqual({ code: 2, text: 'failed to parse config: missing apiVersion' });
  expect(await node.call(machineChanges.applyConfiguration, applyRequest(stored('w-2')))).toHaveProperty('reply');
  await until(() => stageOf('w-2'), isRunning);
  const lines = cluster.journal().slice(before);
  expect(lines.map(({ dryRun, outcome }) => [dryRun, outcome.slice(0, 8)])).toEqual([
    [true, 'accepted'],
    [false, '2 failed'],
    [false, 'accepted'],
  ]);
  expect(JSON.stringify(lines)).not.toContain('BEGIN');
});

test('a late disk on 1.13: the kernel log tells the order, a reader may look, a reboot is not authorized', async () => {
  await load('c04-state-not-found-in-time-1.13');
  const node = to('w-2', 'maintenance');
  expect(await node.call(m.version, {})).toMatchObject({
    reply: { messages: [{ version: { tag: 'v1.13.9' } }] },
  });
  expect(await node.call(machineChanges.reboot, { mode: 'DEFAULT' })).toEqual({ code: 7, text: 'not authorized' });
  const lines = await kernelLog('w-2', 'maintenance');
  const at = (text: string) => lines.findIndex((line) => line.includes(text));
  expect(at('"volume": "STATE", "phase": "waiting -> missing"')).toBeGreaterThan(-1);
  expect(at('entering maintenance service')).toBeGreaterThan(at('waiting -> missing'));
  expect(at('upload configuration using talosctl')).toBeGreaterThan(at('entering maintenance service'));
  expect(at('[sda] Attached SCSI disk')).toBeGreaterThan(at('upload configuration using talosctl'));
  expect(at('"phase": "missing -> located"')).toBeGreaterThan(at('[sda] Attached SCSI disk'));
  expect(lines[0]).toMatch(/^kern: {2}notice: \[\d{4}-\d\d-\d\dT[\d:.]+Z\]: Linux version /);
});

test('late metadata: etcd runs under the generated name until a reboot takes the name of now', async () => {
  await load('c05-etcd-under-temporary-hostname');
  const etcdNames = async () => {
    const seen = await to('cp-1', 'reader').call(m.etcdMemberList, { queryLocal: false });
    return 'reply' in seen ? (seen.reply.messages[0]?.members.map(({ hostname }) => hostname) ?? []) : [];
  };
  expect((await etcdNames())[1]).toMatch(/^talos-[a-z0-9]{3}-[a-z0-9]{3}$/);
  const lines = await kernelLog('cp-2', 'reader');
  const started = lines.findIndex((line) => line.includes('service[etcd](Starting): Starting service'));
  const named = lines.findIndex((line) => line.includes('"hostname": "cp-2"'));
  expect(started).toBeGreaterThan(-1);
  expect(named).toBeGreaterThan(started);
  const bootTime = async () => JSON.stringify(await to('cp-2', 'reader').call(m.systemStat, {}));
  const before = await bootTime();

  const events = to('cp-2', 'reader').frames(
    m.events,
    { tailEvents: 0, tailId: '', tailSeconds: 0, withActorId: '' },
    (seen) =>
      seen.some(({ data }) =>
        Boolean(
          data?.typeUrl.endsWith('SequenceEvent') &&
            SequenceEvent.decode(data.value).error?.message.includes('unix.Reboot('),
        ),
      ),
  );
  expect(await to('cp-2', 'reader').call(machineChanges.reboot, { mode: 'DEFAULT' })).toEqual({
    code: 7,
    text: 'not authorized',
  });
  const accepted = await to('cp-2', 'operator').call(machineChanges.reboot, { mode: 'DEFAULT' });
  expect(JSON.stringify(accepted)).toMatch(/"actorId":"[0-9a-f-]{36}"/);
  const seen = await events;
  expect('reply' in seen && seen.reply[0]).toMatchObject({ id: '', actorId: '' });
  await until(() => stageOf('cp-2'), isRunning);
  expect(await bootTime()).not.toBe(before);
  expect(await etcdNames()).toEqual(['cp-1', 'cp-2', 'cp-3']);
});

test('control planes forward, workers do not, and a dead target is named', async () => {
  await load('node-silent');
  expect(await to('w-1', 'reader', 'cp-1').call(m.version, {})).toHaveProperty('reply');
  expect(await to('w-1', 'reader', 'w-3').call(m.version, {})).toEqual({ code: 7, text: 'no request forwarding' });
  const dead = await to('w-2', 'reader', 'cp-1').call(m.version, {});
  expect(dead).toMatchObject({ code: 14, text: expect.stringContaining('no route to host') });
});

test('roles: etcd status of 1.8 is not for readers, the machine config only for an admin', async () => {
  await load('c04-state-not-found-in-time');
  expect(await to('cp-1', 'reader').call(m.etcdStatus, {})).toEqual({ code: 7, text: 'not authorized' });
  expect(await to('cp-1', 'operator').call(m.etcdStatus, {})).toHaveProperty('reply');
  expect(await to('w-1', 'operator').call(m.etcdStatus, {})).toMatchObject({ code: 12 });
  const configs = (identity: Identity) => to('w-1', identity).list('config', 'MachineConfigs.config.talos.dev');
  expect(await configs('operator')).toEqual({ code: 7, text: 'not authorized' });
  expect(JSON.stringify(await configs('admin'))).toContain('clusterName');
});

test('faults: refused, foreign certificate, dropped, and a reply that is held back after the call was journalled', async () => {
  await load('healthy');
  await cluster.setFault('w-1', { fault: 'refuse' });
  expect(await to('w-1', 'reader').call(m.version, {})).toMatchObject({
    text: expect.stringContaining('ECONNREFUSED'),
  });
  await cluster.setFault('w-1', undefined);
  await cluster.setFault('w-1', { fault: 'wrong_certificate' });
  expect(await to('w-1', 'reader').call(m.version, {})).toMatchObject({ text: expect.stringContaining('certificate') });
  await cluster.setFault('w-1', undefined);
  await cluster.setFault('w-1', { fault: 'drop' });
  expect(await to('w-1', 'reader').call(m.version, {})).toMatchObject({ code: 14 });
  await cluster.setFault('w-1', undefined);
  await cluster.setFault('w-1', { fault: 'hold_reply' });
  const held = talos(folder, cluster.world, 'w-1', 'operator', { deadlineMs: 500 });
  const before = cluster.journal().length;
  const outcome = await held.call(machineChanges.reboot, { mode: 'DEFAULT' });
  expect([4, 14]).toContain('code' in outcome ? outcome.code : 0);
  expect(cluster.journal().slice(before)).toMatchObject([{ node: 'w-1', method: 'Reboot', outcome: 'accepted' }]);
  await cluster.setFault('w-1', undefined);
  await until(() => stageOf('w-1'), isRunning);
});

test('a scenario file with faults is refused with file, line and path, and changes nothing', async () => {
  const file = join(folder, 'bad.yaml');
  writeFileSync(file, 'summary: bad\nnodes:\n  w-2:\n    systemDsik: {}\n    power: maybe\nalerts: []\nexpect: {}\n');
  const loaded = await cluster.loadScenario(file);
  const text = loaded.ok ? '' : loaded.error.join('\n');
  expect(text).toContain(`${file}:4:5 nodes.w-2: unknown key "systemDsik"`);
  expect(text).toContain(`${file}:5:12 nodes.w-2.power: `);
  expect(text).toContain(`${file}:7:9 expect.finding: `);
});
