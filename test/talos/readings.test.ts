import type * as grpc from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { createReader } from '../../lib/talos/reader.ts';
import type { NodeTarget } from '../../lib/talos/talos.ts';
import { answers, bytes, frames, refuses, targetAt } from './fake-node.ts';
import { nodesForThisFile, type Parts } from './nodes-for-this-file.ts';

/** Readings of which a healthy simulated node cannot show every side. */
const here = nodesForThisFile();
const OPTIONS = { peers: [], mayEnterMaintenance: false };
async function readingsOf(tag: string, parts: Parts, change: Partial<NodeTarget> = {}) {
  const node = await here.startVersion(tag, parts);
  const { readings } = await createReader(here.cluster.access).collect(targetAt(node.address, change), OPTIONS);
  return { readings, calls: node.calls };
}

const mount = (mountedOn: string, available: string) => ({
  filesystem: '/dev/sda6',
  mountedOn,
  size: '1000',
  available,
});
test('what fills /var is asked only where it is nearly full, and told the largest first', async () => {
  const usage = frames(
    { name: '/var/log', size: '10', error: '', relativeName: 'log' },
    { name: '/var/lib', size: '900', error: '', relativeName: 'lib' },
    { name: '/var/broken', size: '5000', error: 'no such file', relativeName: 'broken' },
  );
  const full = answers({ messages: [{ stats: [mount('/', '0'), mount('/var', '149')] }] });
  const { readings } = await readingsOf('v1.13.9', { machine: { mounts: full, diskUsage: usage } });
  expect(readings.diskUsage).toMatchObject({
    ok: true,
    value: [
      { path: '/var/lib', sizeBytes: 900 },
      { path: '/var/log', sizeBytes: 10 },
    ],
  });
  const fine = answers({ messages: [{ stats: [mount('/', '0'), mount('/var', '150')] }] });
  const other = await readingsOf('v1.13.9', { machine: { mounts: fine, diskUsage: usage } });
  expect(other.readings.diskUsage).toBeUndefined();
  expect(other.calls).not.toContain('machine.MachineService/DiskUsage');
});

const stat = (idle: number, user: number, iowait = 0) => ({
  messages: [
    {
      bootTime: '1763672400',
      processRunning: '3',
      processBlocked: '1',
      cpuTotal: { user, nice: 0, system: 0, idle, iowait, irq: 0, softIrq: 0, steal: 0 },
    },
  ],
});
/** The counters as they are asked for, one after another: boot time and processors are read at once. */
const counting = (...stats: readonly unknown[]) => {
  let asked = 0;
  return (_: unknown, reply: grpc.sendUnaryData<unknown>) => {
    reply(null, stats[Math.min(asked, stats.length - 1)]);
    asked += 1;
  };
};
test('processors: shares of what was spent between two looks', async () => {
  const systemStat = counting(stat(100, 100), stat(100, 100), stat(102, 106, 2));
  const { readings } = await readingsOf('v1.13.9', { machine: { systemStat } });
  expect(readings.systemStat).toMatchObject({ ok: true, value: { bootTimeS: 1_763_672_400 } });
  expect(readings.cpu).toMatchObject({ ok: true, value: { busyShare: 0.6, iowaitShare: 0.2, running: 3, blocked: 1 } });
});
test('counters that stand still or run backwards are no measure', async () => {
  const back = await readingsOf('v1.13.9', { machine: { systemStat: counting(stat(9, 9), stat(9, 9), stat(8, 12)) } });
  expect(back.readings.cpu).toMatchObject({ ok: false, error: { code: 'malformed_reply' } });
  const still = await readingsOf('v1.13.9', { machine: { systemStat: counting(stat(9, 9)) } });
  expect(still.readings.cpu).toMatchObject({ ok: false, error: { code: 'malformed_reply' } });
});

test('processes: the largest and the busiest, without their arguments', async () => {
  const info = (pid: number, cpuTime: number, residentMemory: string) => ({
    pid,
    ppid: 1,
    state: 'S',
    threads: 1,
    cpuTime,
    virtualMemory: '0',
    residentMemory,
    command: `cmd-${pid}`,
    executable: '/bin/x',
    args: '--token hunter22',
  });
  const processes = Array.from({ length: 40 }, (_, n) => info(n + 1, n === 7 ? 9_000 : 1, String(n === 9 ? 5_000 : n)));
  const { readings } = await readingsOf('v1.13.9', { machine: { processes: answers({ messages: [{ processes }] }) } });
  const { processes: read } = readings;
  expect(read).toMatchObject({ ok: true, cut: expect.stringMatching(/of 40$/) });
  if (!read?.ok) throw new Error('not read');
  expect(read.value[0]).toEqual({ pid: 10, command: 'cmd-10', state: 'S', cpuTimeS: 1, residentBytes: 5_000 });
  expect(read.value.map(({ pid }) => pid)).toContain(8);
  expect(JSON.stringify(read)).not.toContain('hunter22');
});

test('kernel modules up to 1.10 are the folders of /sys/module', async () => {
  const list = frames(
    { name: '/sys/module', relativeName: '.', isDir: true, size: '0', mode: 0, modified: '0', error: '', link: '' },
    {
      name: '/sys/module/nvme-core',
      relativeName: 'nvme-core',
      isDir: true,
      size: '0',
      mode: 0,
      modified: '0',
      error: '',
      link: '',
    },
    {
      name: '/sys/module/file',
      relativeName: 'file',
      isDir: false,
      size: '0',
      mode: 0,
      modified: '0',
      error: '',
      link: '',
    },
  );
  const { readings } = await readingsOf('v1.10.7', { machine: { list } });
  expect(readings.kernelModules).toMatchObject({ ok: true, value: [{ name: 'nvme_core', state: 'live' }] });
});

test('the clock of a node that is 90 s behind', async () => {
  const times = { server: 'time.example', localtime: new Date(1_000_000), remotetime: new Date(1_090_000) };
  const { readings } = await readingsOf('v1.13.9', { time: { time: answers({ messages: [times] }) } });
  expect(readings.clock).toMatchObject({ ok: true, value: { server: 'time.example', offsetMs: 90_000 } });
});

test('the log of a container that does not run stands beside the others, under its name', async () => {
  const yaml = `phase: Running
containerStatuses:
  - {name: kube-apiserver, ready: false, restartCount: 3, containerID: "containerd://0123456789abcdef", state: {waiting: {reason: CrashLoopBackOff}}}
`;
  const asked: unknown[] = [];
  const logs = (call: grpc.ServerWritableStream<{ id: string; namespace: string }, unknown>) => {
    asked.push([call.request.namespace, call.request.id]);
    call.write(bytes(`log of ${call.request.id}\n`));
    call.end();
  };
  const resources = { 'StaticPodStatuses.kubernetes.talos.dev': [{ id: 'kube-system/kube-apiserver-cp-1', yaml }] };
  const { readings } = await readingsOf('v1.13.9', { machine: { logs }, resources }, { role: 'controlplane' });
  expect(readings.staticPods).toMatchObject({ ok: true, value: [{ phase: 'Running' }] });
  expect(readings.logs?.['kube-system/kube-apiserver-cp-1:kube-apiserver']).toMatchObject({
    ok: true,
    value: ['log of kube-system/kube-apiserver-cp-1:kube-apiserver:0123456789ab'],
  });
  expect(readings.logs?.['machined']).toMatchObject({ ok: true });
  expect(asked).toContainEqual(['k8s.io', 'kube-system/kube-apiserver-cp-1:kube-apiserver:0123456789ab']);
});

test('logs are read of extensions, and of what ends again and again, also in the second in which it runs', async () => {
  const event = (state: string, msg: string) => ({ state, msg, ts: new Date(1_763_672_401_000) });
  const ends = [event('Running', 'Started task'), event('Waiting', 'Error running it, going to restart forever: 1')];
  const is = (id: string, ...events: ReturnType<typeof event>[]) => ({
    id,
    state: 'Running',
    health: { unknown: true, healthy: false, lastMessage: '' },
    events: { events: [...events, event('Running', 'Started task')] },
  });
  const services = [is('cri', ...ends, ...ends), is('containerd', ...ends), is('udevd'), is('ext-iscsid')];
  const serviceList = answers({ messages: [{ services }] });
  const logs = frames(bytes('a line\n'));
  const { readings } = await readingsOf('v1.13.9', { machine: { serviceList, logs } });
  expect(Object.keys(readings.logs ?? {}).toSorted()).toEqual([
    'controller-runtime',
    'cri',
    'ext-iscsid',
    'kubelet',
    'machined',
  ]);
});

test('a version that was only guessed does not cost the modules', async () => {
  const folder = { size: '0', mode: 0, modified: '0', error: '', link: '', isDir: true };
  const list = frames({ ...folder, name: 'x', relativeName: 'nvme' });
  const machine = { list, memory: refuses(2, 'x') };
  const { readings } = await readingsOf('v1.10.7', { machine }, { lastKnownVersion: 'v1.14.0' });
  expect(readings.kernelModules).toMatchObject({ ok: true, value: [{ name: 'nvme' }] });
  expect(readings.memory).toMatchObject({ ok: false, error: { code: 'failed' } });
});
