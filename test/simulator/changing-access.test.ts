import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change, imageService, lifecycleService } from '../../lib/talos/changing-methods.ts';
import { REBOOT, RESET, UPGRADE } from './acting.ts';
import { type Simulated, simulate } from './simulated.ts';
import type { Identity, Seen } from './talos-calls.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterAll(() => world.end());

/** Every call that would change a node, with a request that every node refuses once it looks at it. */
async function askAll(name: string, identity: Identity): Promise<Readonly<Record<string, string>>> {
  const said = (seen: Seen<unknown>) => ('reply' in seen ? 'answers' : `${seen.code} ${seen.text}`);
  const node = world.to(name, identity);
  const containerd = { driver: 'CONTAINERD', namespace: 'NS_CRI' } as const;
  const request = { containerd, source: { imageName: '' } };
  return {
    Reset: said(await node.call(change.reset, { ...RESET, mode: 'USER_DISKS' })),
    Rollback: said(await node.call(change.rollback, {})),
    Upgrade: said(await node.call(change.upgrade, UPGRADE)),
    ServiceRestart: said(await node.call(change.serviceRestart, { id: 'none' })),
    EtcdDefragment: said(await node.call(change.etcdDefragment, {})),
    EtcdAlarmDisarm: said(await node.call(change.etcdAlarmDisarm, {})),
    EtcdForfeitLeadership: said(await node.call(change.etcdForfeitLeadership, {})),
    EtcdRemoveMemberByID: said(await node.call(change.etcdRemoveMemberById, { memberId: '7' })),
    'ImageService.Pull': said(await node.frames(imageService.pull, { containerd, imageRef: '' })),
    'LifecycleService.Upgrade': said(await node.frames(lifecycleService.upgrade, request)),
  };
}
const OPERATORS = ['ServiceRestart', 'EtcdDefragment', 'EtcdAlarmDisarm', 'ImageService.Pull'];

test.for<[identity: Identity, may: readonly string[]]>([
  ['reader', []],
  ['operator', OPERATORS],
  [
    'admin',
    [
      ...OPERATORS,
      'Reset',
      'Rollback',
      'Upgrade',
      'EtcdForfeitLeadership',
      'EtcdRemoveMemberByID',
      'LifecycleService.Upgrade',
    ],
  ],
])('who may what, and every call is written down: %s', async ([identity, may]) => {
  await world.load('healthy');
  const before = world.cluster.journal().length;
  const seen = await askAll('w-1', identity);
  const passed = Object.entries(seen).filter(([, said]) => said !== '7 not authorized');
  expect(passed.map(([method]) => method).sort()).toEqual([...may].sort());
  const lines = world.cluster.journal().slice(before);
  const asWritten = lines.map(({ method, outcome }) => [method, outcome]);
  expect(asWritten).toEqual(Object.entries(seen));
  expect(new Set(lines.flatMap(({ roles }) => roles))).toEqual(new Set([`os:${identity}`]));
});

test('from 1.13 on nobody is an admin or an operator in maintenance mode', async () => {
  await world.load('c04-state-not-found-in-time-1.13');
  const seen = await askAll('w-2', 'maintenance');
  expect(new Set(Object.values(seen))).toEqual(new Set(['7 not authorized']));
});

test('up to 1.12 maintenance mode knows Reset and Upgrade, for whoever comes through SideroLink', async () => {
  await world.load('c04-state-not-found-in-time');
  const { Reset, Upgrade, ...others } = await askAll('w-2', 'maintenance');
  const notForThis = '12 API is not implemented in maintenance mode';
  expect([Reset, Upgrade]).toEqual([notForThis, notForThis]);
  expect(others).toMatchObject({
    Rollback: '12 method Rollback not implemented',
    EtcdDefragment: '12 method EtcdDefragment not implemented',
    'ImageService.Pull': '12 unknown service machine.ImageService',
    'LifecycleService.Upgrade': '12 unknown service machine.LifecycleService',
  });
});

test('the journal has the facts of a request', async () => {
  await world.load('healthy');
  const before = world.cluster.journal().length;
  await world.to('w-1', 'admin').call(change.etcdRemoveMemberById, { memberId: '7' });
  await world.to('w-1', 'admin').call(change.upgrade, { ...UPGRADE, image: 'x', force: true });
  await world.to('w-1', 'operator').call(change.reboot, REBOOT);
  expect(world.cluster.journal().slice(before)).toMatchObject([
    { request: { memberId: '7' } },
    { request: { image: 'x', force: true, preserve: false, stage: false, rebootMode: 'DEFAULT' } },
    { request: { mode: 'DEFAULT' } },
  ]);
});
