import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { RebootRequest } from '../../lib/talos/generated/machine/machine.ts';
import { RESET } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { applyRequest } from './simulated.ts';

/** Troubles of the system disk and of the way down: what they look like, what helps, and what does not. */
const { clock, seen, world } = await seenForThisFile();

const admin = (name: string) => world.to(name, 'admin');
const isStage = (name: string, stage: string) => async () => (await seen.stage(name)) === stage;
const resetEphemeral = (name: string) =>
  admin(name).call(change.reset, {
    ...RESET,
    graceful: false,
    systemPartitionsToWipe: [{ label: 'EPHEMERAL', wipe: true }],
  });
const reboot = (name: string, mode: RebootRequest['mode'] = 'DEFAULT') => admin(name).call(change.reboot, { mode });
const ephemeral = async (name: string) =>
  JSON.stringify((await seen.resources(name, 'runtime', 'VolumeStatuses.block.talos.dev'))['EPHEMERAL']);

test('/var that cannot be repaired: the boot fails after the repair, again and again, until EPHEMERAL is wiped', async () => {
  const disk = 'systemDisk: { corruptEphemeral: { repairTakes: 15m } }';
  await world.load(`version: v1.8.4\nbootedAgo: 5m\nnodes: { w-1: { ${disk} } }`);
  const first = await seen.bootTime('w-1');
  const log = (await seen.kernelLog('w-1')).join('\n');
  expect(log).toContain('XFS (sda6): log mount failed');
  expect(await seen.service('w-1', 'kubelet')).toBe('not there');
  await seen.until(async () => (await seen.bootTime('w-1')) > first, { stepS: 20, maxS: 1_200 });
  expect((await seen.kernelLog('w-1')).join('\n')).toContain('XFS (sda6): log mount failed');
  expect(await resetEphemeral('w-1')).toHaveProperty('reply');
  await seen.until(isStage('w-1', 'running'));
  expect(await seen.service('w-1', 'kubelet')).toBe('Running: Health check successful');
});

test('a locked volume stays locked while the key service is back, and opens with the next boot', async () => {
  const disk = 'systemDisk: { encryptedEphemeral: { opensAfter: [never, 20s], error: no key } }';
  await world.load(`version: v1.12.11\nbootedAgo: 30m\nnodes: { w-1: { ${disk} } }`);
  expect(await seen.stage('w-1')).toBe('booting');
  expect(await ephemeral('w-1')).toContain('"phase":"failed"');
  expect(await ephemeral('w-1')).toContain('"errorMessage":"no key"');
  clock.advance(3_600_000);
  expect(await seen.stage('w-1')).toBe('booting');
  await reboot('w-1');
  await seen.until(isStage('w-1', 'running'));
  expect(await ephemeral('w-1')).toContain('"phase":"ready"');
});

test('encryption of a volume that is there: no boot gets past it, a reset is refused, the config before helps', async () => {
  const config = 'config: { merge: { machine: { systemDiskEncryption: { ephemeral: { provider: luks2 } } } } }';
  await world.load(`version: v1.9.6\nbootedAgo: 20m\nnodes: { w-1: { ${config} } }`);
  expect(await seen.stage('w-1')).toBe('booting');
  const log = (await seen.kernelLog('w-1')).join('\n');
  expect(log).toContain('task diskSizeCheck (1/1): starting');
  expect(log).not.toContain('task diskSizeCheck (1/1): done');
  expect(await resetEphemeral('w-1')).toMatchObject({
    text: expect.stringContaining('volume "EPHEMERAL" is not located'),
  });
  const mode = 'STAGED' as const;
  await admin('w-1').call(change.applyConfiguration, applyRequest(world.stored('w-1'), { mode }));
  await reboot('w-1');
  await seen.until(isStage('w-1', 'running'));
});

test('inconsistent records of containers: cri ends at once, kubelet waits for it, a wipe of EPHEMERAL helps', async () => {
  await world.load('version: v1.8.4\nbootedAgo: 9m\nnodes: { w-1: { systemDisk: { containerRecords: corrupt } } }');
  expect(await seen.service('w-1', 'kubelet')).toBe('Waiting: Waiting for service "cri" to be "up"');
  const cri = (await seen.services('w-1')).find(({ id }) => id === 'cri')?.events?.events ?? [];
  expect(cri.filter(({ msg }) => msg.includes('going to restart forever: exit status 1')).length).toBeGreaterThan(10);
  await reboot('w-1');
  await seen.until(async () => (await seen.service('w-1', 'kubelet')).includes('service "cri" to be "up"'));
  await resetEphemeral('w-1');
  await seen.until(isStage('w-1', 'running'));
});

test('a system disk that dies: kubelet is not ready, a graceful reboot hangs, a power cycle brings it back', async () => {
  const disk = 'systemDisk: { bus: nvme, diesAfter: [2m, never] }';
  await world.load(`version: v1.12.11\nbootedAgo: 6m\nnodes: { w-1: { ${disk} } }`);
  expect(Object.keys(await seen.resources('w-1', 'runtime', 'Disks.block.talos.dev'))).not.toContain('nvme1n1');
  const machine = await seen.resources('w-1', 'runtime', 'MachineStatuses.runtime.talos.dev');
  expect(JSON.stringify(machine)).toContain('is not ready');
  const before = await seen.bootTime('w-1');
  await reboot('w-1');
  clock.advance(20 * 60_000);
  expect([await seen.stage('w-1'), await seen.bootTime('w-1')]).toEqual(['rebooting', before]);
  await world.cluster.setPower('w-1', 'off');
  await world.cluster.setPower('w-1', 'on');
  await seen.until(isStage('w-1', 'running'));
  expect(await ephemeral('w-1')).toContain('/dev/nvme1n1p6');
});

test('a service that cannot be stopped holds a reboot up; a forced one gets through', async () => {
  const extensions =
    'extensions: [{ name: zfs, version: v2.4.1, cannotStop: true }], kernelModules: { configured: [zfs] }';
  await world.load(`version: v1.13.1\nnodes: { w-1: { ${extensions} } }`);
  await seen.until(isStage('w-1', 'running'));
  const before = await seen.bootTime('w-1');
  await reboot('w-1');
  clock.advance(20 * 60_000);
  expect([await seen.stage('w-1'), await seen.bootTime('w-1')]).toEqual(['rebooting', before]);
  expect(await seen.service('w-1', 'ext-zfs-service')).toMatch(/^Stopping: Sending SIGKILL to task ext-zfs-service/);
  await reboot('w-1', 'FORCE');
  await seen.until(async () => (await seen.bootTime('w-1')) > before);
});

test('firmware that does not like kexec: silent after a reboot, there after a power cycle by hand', async () => {
  await world.load('version: v1.12.11\nnodes: { w-1: { firmware: { hangsAfter: kexec } } }');
  await reboot('w-1');
  clock.advance(20 * 60_000);
  expect(await seen.port('w-1')).toBe('silent');
  await world.cluster.setPower('w-1', 'off');
  await world.cluster.setPower('w-1', 'on');
  await seen.until(isStage('w-1', 'running'));
  await reboot('w-1', 'POWERCYCLE');
  await seen.until(isStage('w-1', 'running'));
});
