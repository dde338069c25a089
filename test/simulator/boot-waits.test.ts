import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { seenForThisFile } from './seen.ts';
import { applyRequest, NO_TAIL, sequencesIn } from './simulated.ts';

/** A boot sequence waits for all services: what that looks like, how it ends, and what helps. */
const { clock, seen, world } = await seenForThisFile();

const patched = (name: string, more: string) =>
  world.to(name, 'admin').call(change.applyConfiguration, applyRequest(`${world.stored(name)}${more}`));
const isUp = (name: string, id: string) => async () => /^Running: /.test(await seen.service(name, id));
const isStage = (name: string, stage: string) => async () => (await seen.stage(name)) === stage;

const ZFS = 'extensions: [{ name: zfs, version: v2.3.1 }]';
const TIMEOUT_S = 70 * 60;

test('a service that waits for ever reboots the node after its boot timeout, again and again', async () => {
  await world.load(`version: v1.9.2\nbootedAgo: 40m\nnodes: { w-1: { ${ZFS} } }`);
  const first = await seen.bootTime('w-1');
  expect(await seen.stage('w-1')).toBe('booting');
  expect(await seen.service('w-1', 'ext-zfs-service')).toBe('Waiting: Waiting for file "/dev/zfs" to exist');
  expect(await seen.service('w-1', 'kubelet')).toBe('Running: Health check successful');
  const waits = 'task startAllServices (1/1): service "ext-zfs-service" to be "up"';
  const said = (await seen.kernelLog('w-1')).filter((line) => line.includes(waits));
  expect(said.length).toBeGreaterThan(100); // every 15 s for about 40 min
  await seen.until(async () => (await seen.bootTime('w-1')) > first, { stepS: 30, maxS: TIMEOUT_S });
  const second = await seen.bootTime('w-1');
  // the boot until then, the countdown of 10 s, firmware and boot loader are on top of the 70 minutes
  expect(second - first).toBeGreaterThanOrEqual(TIMEOUT_S);
  expect(second - first).toBeLessThan(TIMEOUT_S + 120);
  await seen.until(async () => (await seen.bootTime('w-1')) > second, { stepS: 60, maxS: TIMEOUT_S + 180 });
  const third = await seen.bootTime('w-1');
  expect(Math.abs(third - second - (second - first))).toBeLessThanOrEqual(1);
});

test('before it reboots it says why: the task, the phase, the sequence, and an event with the cause', async () => {
  await world.load(`version: v1.9.2\nbootedAgo: 70m\nnodes: { w-1: { ${ZFS} } }`);
  const failed = async () => (await seen.kernelLog('w-1')).some((line) => line.includes('rebooting in 10 seconds'));
  await seen.until(failed, { stepS: 1 });
  const log = (await seen.kernelLog('w-1')).join('\n');
  expect(log).toMatch(/task startAllServices \(1\/1\): failed: 1 error occurred:/);
  expect(log).toContain('* context deadline exceeded');
  expect(log).toMatch(/phase startEverything \(15\/15\): failed/);
  expect(log).toContain('[talos] boot sequence: failed');
  const events = await world
    .to('w-1', 'reader', { deadlineMs: 1_500 })
    .frames(m.events, { ...NO_TAIL, tailEvents: -1 }, (frames) => sequencesIn(frames).some(({ error }) => error));
  const errors = 'reply' in events ? sequencesIn(events.reply).filter(({ error }) => error) : [];
  expect(errors).toMatchObject([
    {
      sequence: 'boot',
      action: 'NOOP',
      error: { code: 'FATAL', message: expect.stringContaining('deadline exceeded') },
    },
  ]);
});

test('the module that a config loads ends the wait, without a reboot', async () => {
  await world.load(`version: v1.9.2\nbootedAgo: 20m\nnodes: { w-1: { ${ZFS} } }`);
  const booted = await seen.bootTime('w-1');
  const text = world.stored('w-1').toString();
  const data = text.replace(/^machine:\n/m, 'machine:\n  kernel: { modules: [{ name: zfs }] }\n');
  const applied = await world.to('w-1', 'admin').call(change.applyConfiguration, applyRequest(data));
  expect(applied).toMatchObject({ reply: { messages: [{ mode: 'NO_REBOOT' }] } });
  await seen.until(isStage('w-1', 'running'));
  expect(await seen.service('w-1', 'ext-zfs-service')).toMatch(/^Running: Started task ext-zfs-service/);
  expect(await seen.bootTime('w-1')).toBe(booted);
});

test('the config that an extension service waits for ends the wait; one for another service does not', async () => {
  const lldpd = 'extensions: [{ name: lldpd, version: 1.0.20 }]';
  await world.load(`version: v1.11.5\nbootedAgo: 20m\nnodes: { w-1: { ${lldpd} } }`);
  expect(await seen.service('w-1', 'ext-lldpd')).toBe('Waiting: Waiting for extension service config');
  const document = (name: string) => `---\napiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: ${name}\n`;
  await patched('w-1', document('nut-client'));
  clock.advance(60_000);
  expect(await seen.service('w-1', 'ext-lldpd')).toBe('Waiting: Waiting for extension service config');
  await patched('w-1', document('lldpd'));
  await seen.until(isUp('w-1', 'ext-lldpd'));
  await seen.until(isStage('w-1', 'running'));
});

test('an extension service that crashes is started again every few seconds, and the boot waits for it', async () => {
  const cause = 'task "ext-iscsid" failed: exit code 127';
  const crashes = `crashes: { cause: '${cause}', log: ["/usr/local/sbin/iscsid: not found"] }`;
  await world.load(`nodes: { w-1: { extensions: [{ name: iscsi-tools, version: v0.1.1, ${crashes} }] } }`);
  const events = (await seen.services('w-1')).find(({ id }) => id === 'ext-iscsid')?.events?.events ?? [];
  const restarts = events.filter(
    ({ msg }) => msg === `Error running Containerd(ext-iscsid), going to restart forever: ${cause}`,
  );
  expect(restarts.length).toBeGreaterThan(20);
  expect(await seen.stage('w-1')).toBe('booting');
  const logs = { namespace: 'system', id: 'ext-iscsid', driver: 'CONTAINERD' as const, follow: false, tailLines: 20 };
  const log = await world.to('w-1', 'reader').frames(m.logs, logs);
  const lines = 'reply' in log ? log.reply.map(({ bytes }) => Buffer.from(bytes).toString()) : [];
  expect(lines.join('\n')).toContain('/usr/local/sbin/iscsid: not found');
});

test('without the time nothing of Kubernetes starts, until a server that answers is configured', async () => {
  await world.load('version: v1.10.7\nbootedAgo: 15m\nnodes: { cp-3: { timeServersAnswering: [ntp.demo.test] } }');
  expect(await seen.service('cp-3', 'kubelet')).toBe('Waiting: Waiting for time sync');
  expect(await seen.service('cp-3', 'etcd')).toBe('Waiting: Waiting for time sync');
  const status = await seen.resources('cp-3', 'runtime', 'MachineStatuses.runtime.talos.dev');
  expect(JSON.stringify(status)).toContain('time is not synced');
  const text = world.stored('cp-3').toString();
  const data = text.replace(/^machine:\n/m, 'machine:\n  time: { servers: [ntp.demo.test] }\n');
  await world.to('cp-3', 'admin').call(change.applyConfiguration, applyRequest(data));
  await seen.until(isStage('cp-3', 'running'));
  expect(await seen.service('cp-3', 'etcd')).toBe('Running: Health check successful');
});

test('an image that could not be pulled at boot: kubelet runs after a restart by the API, etcd after a reboot', async () => {
  const registry = (id: string) => `registry: { unreachableFor: [90s, 0s], needs: [${id}], cause: server misbehaving }`;
  await world.load(`version: v1.10.7\nnodes: { w-1: { ${registry('kubelet')} }, cp-2: { ${registry('etcd')} } }`);
  const failed = /^Failed: Failed to run pre stage: failed to pull image "[^"]+": server misbehaving$/;
  expect(await seen.service('w-1', 'kubelet')).toMatch(failed);
  expect(await seen.service('cp-2', 'etcd')).toMatch(failed);
  expect(await world.to('cp-2', 'operator').call(change.serviceRestart, { id: 'etcd' })).toMatchObject({
    text: 'service "etcd" doesn\'t support start operation via API',
  });
  await world.to('w-1', 'operator').call(change.serviceRestart, { id: 'kubelet' });
  await seen.until(isStage('w-1', 'running'));
  await world.to('cp-2', 'operator').call(change.reboot, { mode: 'DEFAULT' });
  await seen.until(isStage('cp-2', 'running'));
  expect(await seen.service('cp-2', 'etcd')).toBe('Running: Health check successful');
});
