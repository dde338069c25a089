import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { cosiState, machineService as m } from '../../lib/talos/methods.ts';
import { type Simulated, simulate } from './simulated.ts';
import { addressOf, type Identity, type Seen } from './talos-calls.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterAll(() => world.end());

const codeOf = (seen: Seen<unknown>): number => ('reply' in seen ? 0 : seen.code);
const DENIED = { code: 7, text: 'not authorized' };

test.for<[version: string, reader: number]>([
  ['v1.8.4', 7],
  ['v1.9.6', 0],
  ['v1.14.0', 0],
])('%s: EtcdStatus and EtcdAlarmList give a reader %i, an operator always an answer', async ([version, reader]) => {
  await world.load(`version: ${version}`);
  const ask = async (identity: Identity) => [
    codeOf(await world.to('cp-1', identity).call(m.etcdStatus, {})),
    codeOf(await world.to('cp-1', identity).call(m.etcdAlarmList, {})),
    codeOf(await world.to('cp-1', identity).call(m.etcdMemberList, { queryLocal: true })),
  ];
  expect(await ask('reader')).toEqual([reader, reader, 0]);
  expect(await ask('operator')).toEqual([0, 0, 0]);
  expect(await ask('admin')).toEqual([0, 0, 0]);
});

test('only an operator or an admin may reboot, only an admin may apply a config, nobody without a certificate may ask', async () => {
  await world.load('healthy');
  const apply = (identity: Identity) =>
    world
      .to('w-1', identity)
      .call(machineChanges.applyConfiguration, { data: Buffer.from(''), mode: 'AUTO', dryRun: true });
  expect(await world.to('w-1', 'reader').call(machineChanges.reboot, { mode: 'DEFAULT' })).toEqual(DENIED);
  expect([await apply('reader'), await apply('operator')]).toEqual([DENIED, DENIED]);
  expect(await apply('admin')).toMatchObject({ code: 3 });
  expect(await world.to('w-1', 'maintenance').call(m.version, {})).toMatchObject({ code: 14 });
});

test('etcd is asked on control planes only', async () => {
  await world.load('healthy');
  const worker = world.to('w-1', 'operator');
  const only = (api: string) => ({ code: 12, text: `${api} is only available on control plane nodes` });
  expect(await worker.call(m.etcdStatus, {})).toEqual(only('etcd status'));
  expect(await worker.call(m.etcdAlarmList, {})).toEqual(only('etcd alarm list'));
  expect(await worker.call(m.etcdMemberList, { queryLocal: true })).toEqual(only('member list'));
});

test.for<[type: string, namespace: string, version: string, code: number]>([
  ['MachineConfigs.config.talos.dev', 'config', 'v1.8.4', 7],
  ['KubeletSpecs.kubernetes.talos.dev', 'k8s', 'v1.11.0', 0],
  ['KubeletSpecs.kubernetes.talos.dev', 'k8s', 'v1.12.0', 7],
  ['Versions.runtime.talos.dev', 'runtime', 'v1.9.6', 7],
  ['Versions.runtime.talos.dev', 'runtime', 'v1.10.0', 0],
  ['BootIDs.runtime.talos.dev', 'runtime', 'v1.13.9', 7],
  ['BootIDs.runtime.talos.dev', 'runtime', 'v1.14.0', 0],
])('a reader asks for %s in %s of %s: %i', async ([type, namespace, version, code]) => {
  await world.load(`version: ${version}`);
  expect(codeOf(await world.to('w-1', 'reader').list(namespace, type))).toBe(code);
});

test('a resource that is not there is named, a type without instances is an empty list', async () => {
  await world.load('healthy');
  const request = { namespace: 'etcd', type: 'EtcdMembers.etcd.talos.dev', id: 'local' };
  expect(await world.to('w-1', 'reader').call(cosiState.get, request)).toEqual({
    code: 5,
    text: "resource EtcdMembers.etcd.talos.dev(etcd/local@undefined) doesn't exist",
  });
  expect(await world.to('w-1', 'reader').list('etcd', 'EtcdMembers.etcd.talos.dev')).toEqual({ reply: {} });
});

test('a control plane forwards every kind of call to the node that the header names', async () => {
  await world.load('healthy');
  const through = world.to('w-2', 'reader', { via: 'cp-2' });
  const direct = world.to('w-2', 'reader');
  const identity = ['hardware', 'SystemInformations.hardware.talos.dev'] as const;
  expect(await through.list(...identity)).toEqual(await direct.list(...identity));
  expect(await through.call(m.mounts, {})).toEqual(await direct.call(m.mounts, {}));
  expect(await through.call(machineChanges.reboot, { mode: 'DEFAULT' })).toEqual(DENIED);
  expect(world.cluster.journal().at(-1)).toMatchObject({ node: 'w-2', method: 'Reboot', roles: ['os:reader'] });
});

test('a worker forwards nothing, except to itself', async () => {
  await world.load('healthy');
  expect(await world.to('w-2', 'reader', { via: 'w-1' }).call(m.version, {})).toEqual({
    code: 7,
    text: 'no request forwarding',
  });
  expect(await world.to('w-1', 'reader', { via: 'w-1' }).call(m.version, {})).toHaveProperty('reply');
});

test('a node in maintenance mode is no target for a control plane, and looks at no header itself', async () => {
  await world.load('c04-state-not-found-in-time-1.13');
  expect(await world.to('w-2', 'reader', { via: 'cp-1' }).call(m.version, {})).toEqual({
    code: 14,
    text: expect.stringContaining('x509: certificate signed by unknown authority'),
  });
  expect(addressOf(world.cluster.world, 'w-1')).not.toBe(addressOf(world.cluster.world, 'w-2'));
  const list = await world
    .to('w-1', 'maintenance', { via: 'w-2' })
    .list('hardware', 'SystemInformations.hardware.talos.dev');
  const own = await world.to('w-2', 'maintenance').list('hardware', 'SystemInformations.hardware.talos.dev');
  expect(list).toEqual(own);
});
