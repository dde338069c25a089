import { expect, test } from 'vitest';
import { readValue } from '../../../lib/evidence/reading.ts';
import { machineChanges } from '../../../lib/talos/changing-methods.ts';
import { actingForThisFile } from './client.ts';

const here = actingForThisFile();
const deadlineMs = 8_000;

test('a refusal by the lock is an accepted call and an event that names nobody: the follower says refused', async () => {
  await here.world.load('version: v1.13.9\nnodes: { w-1: { faults: [{ fault: locked }] } }\n');
  const order = { wipe: 'ephemeral', graceful: true, deadlineMs } as const;
  const told = await here.acting.followed('w-1', () => here.acting.admin.reset(here.acting.target('w-1'), order));
  expect(told.at(-1)).toEqual({ kind: 'end', how: 'refused', because: 'sequence not started: locked' });
});

test('a reboot takes over a reset, whose follower is told so', async () => {
  await here.load('v1.13.9');
  here.world.cluster.setFactor(4);
  const order = { wipe: 'ephemeral', graceful: true, deadlineMs } as const;
  const target = here.acting.target('w-2');
  const [bootTime, partitions] = [await here.seen.bootTime('w-2'), await here.seen.partitions('w-2')];
  const told = await here.acting.followed('w-2', async () => {
    const answer = await here.acting.admin.reset(target, order);
    await expect.poll(() => here.seen.stage('w-2')).toBe('resetting');
    await here.acting.operator.reboot(target, { mode: 'default', deadlineMs });
    here.world.cluster.setFactor(120);
    return answer;
  });
  expect(told.some((one) => one.kind === 'back' || one.kind === 'end')).toBe(true);
  await expect.poll(() => here.seen.bootTime('w-2'), { timeout: 10_000 }).toBeGreaterThan(bootTime);
  await expect.poll(() => here.seen.stage('w-2'), { timeout: 10_000 }).toBe('running');
  expect(await here.seen.partitions('w-2')).toEqual(partitions);
});

test('services: the kubelet restarts, etcd does not, and what is not there is not there', async () => {
  await here.load('v1.13.9');
  const target = here.acting.target('cp-1');
  expect(await here.acting.operator.restartService(target, { service: 'kubelet', deadlineMs })).toEqual({
    ok: true,
    value: { says: 'Service "kubelet" restarted' },
  });
  const services = async () => readValue((await here.acting.look('cp-1')).readings.services) ?? [];
  const kubelet = async () => (await services()).find(({ id }) => id === 'kubelet')?.state;
  await expect.poll(kubelet).toBe('Running');
  const call = (id: string) => here.world.to('cp-1', 'operator').call(machineChanges.serviceRestart, { id });
  expect(await call('etcd')).toEqual({ code: 2, text: `service "etcd" doesn't support restart operation via API` });
  expect(await call('ext-nothing')).toEqual({ code: 2, text: 'service "ext-nothing" not defined' });
});

type As = (identity: 'reader' | 'operator') => Promise<unknown>;
const resetEverything = {
  systemPartitionsToWipe: [],
  userDisksToWipe: [],
  graceful: true,
  reboot: true,
  mode: 'ALL' as const,
};
const upgradeTo = { image: '', preserve: false, stage: false, force: false, rebootMode: 'DEFAULT' as const };
test.for<[string, As]>([
  ['Reset', (identity) => here.world.to('cp-1', identity).call(machineChanges.reset, resetEverything)],
  ['Rollback', (identity) => here.world.to('cp-1', identity).call(machineChanges.rollback, {})],
  ['Upgrade', (identity) => here.world.to('cp-1', identity).call(machineChanges.upgrade, upgradeTo)],
  [
    'EtcdForfeitLeadership',
    (identity) => here.world.to('cp-1', identity).call(machineChanges.etcdForfeitLeadership, {}),
  ],
  [
    'EtcdRemoveMemberByID',
    (identity) => here.world.to('cp-1', identity).call(machineChanges.etcdRemoveMemberById, { memberId: '1' }),
  ],
])('%s is for admins, and a refused one is in the journal', async ([method, ask]) => {
  await here.load('v1.13.9');
  const before = here.world.cluster.journal().length;
  for (const identity of ['reader', 'operator'] as const) {
    expect(await ask(identity)).toEqual({ code: 7, text: 'not authorized' });
  }
  const written = here.world.cluster.journal().slice(before);
  expect(written.map((line) => [line.method, line.outcome])).toEqual([
    [method, '7 not authorized'],
    [method, '7 not authorized'],
  ]);
});
