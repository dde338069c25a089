import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { UpgradeRequest } from '../../lib/talos/generated/machine/machine.ts';
import { simulateStepped, UPGRADE } from './acting.ts';

let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
beforeEach(async () => {
  await stepped.world.load('healthy');
  stepped.clock.advance(10_000); // whoever held the mutex gives it back
});
afterAll(() => stepped.world.end());

const IMAGE = 'ghcr.io/siderolabs/installer:v1.11.5';
const ask = (name: string, more: Partial<UpgradeRequest> = {}) =>
  stepped.world.to(name, 'admin').call(change.upgrade, { ...UPGRADE, image: IMAGE, ...more });
const hex = (name: string) => {
  const member = stepped.world.cluster.state.etcd.members.find(({ node }) => node === name);
  return BigInt(member?.id ?? 0)
    .toString(16)
    .padStart(16, '0');
};

test('one control plane at a time: a second one finds the mutex taken', async () => {
  expect(await ask('cp-1')).toHaveProperty('reply');
  expect(await ask('cp-2')).toEqual({
    code: 2,
    text: 'failed to acquire upgrade mutex: error trying to lock etcd upgrade mutex: mutex: Locked by another session',
  });
  expect(await ask('w-1')).toHaveProperty('reply'); // a worker asks etcd nothing
});

test('an etcd that is out of space gives nobody the lease that the mutex needs', async () => {
  await stepped.world.load('nodes: { cp-2: { etcd: { fileMiB: 2048, inUseMiB: 210, alarm: NOSPACE } } }');
  const cause = 'etcdserver: mvcc: database space exceeded';
  expect(await ask('cp-1')).toEqual({
    code: 2,
    text: `failed to acquire upgrade mutex: error establishing etcd concurrency session: ${cause}`,
  });
});

test('every member must be healthy and started, and two of them are too few', async () => {
  await stepped.world.cluster.setPower('cp-3', 'off');
  const member = `etcd member ${hex('cp-3')}`;
  const seen = await ask('cp-1');
  expect(seen).toEqual({
    code: 2,
    text: expect.stringContaining(
      `error validating etcd for upgrade: ${member} is not healthy; all members must be healthy to perform an upgrade`,
    ),
  });
  const { etcd } = stepped.world.cluster.state;
  const third = etcd.members.find(({ node }) => node === 'cp-3');
  if (third) third.name = '';
  expect(await ask('cp-1')).toEqual({
    code: 2,
    text: `error validating etcd for upgrade: ${member} is not started, all members must be running to perform an upgrade`,
  });
  etcd.members = etcd.members.filter((known) => known !== third);
  expect(await ask('cp-1')).toEqual({
    code: 2,
    text: 'error validating etcd for upgrade: etcd member count(2) is insufficient to maintain quorum if upgrade commences',
  });
});

test.for([
  ['v1.11.5', { preserve: true }, false],
  ['v1.12.11', { preserve: true }, true],
  ['v1.11.5', { force: true }, true],
] as const)('%s, %j: goes past the checks: %s', async ([version, more, goesPast]) => {
  await stepped.world.load(`version: ${version}`);
  await stepped.world.cluster.setPower('cp-3', 'off');
  const seen = await ask('cp-1', more);
  if (goesPast) expect(seen).toHaveProperty('reply');
  else expect(seen).toMatchObject({ text: expect.stringContaining('error validating etcd for upgrade') });
});

test('without Kubernetes nobody cordons the node: a minute later the upgrade fails, and the node reboots as it was', async () => {
  await stepped.world.cluster.setPower('cp-2', 'off');
  await stepped.world.cluster.setPower('cp-3', 'off');
  expect(await ask('w-1')).toHaveProperty('reply');
  stepped.clock.advance(50_000);
  expect(stepped.node('w-1').boot?.stage).toBe('upgrading');
  await stepped.pass(() => stepped.node('w-1').bootCount === 2 && stepped.isRunning('w-1')());
  expect(stepped.node('w-1').physical).toMatchObject({ version: 'v1.13.9' });
  expect(stepped.node('w-1').physical.next).toBe(undefined);
});
