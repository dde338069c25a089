import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cosiState, machineService as m, timeService } from '../../lib/talos/methods.ts';
import { type Simulated, simulate } from './simulated.ts';
import type { Identity, Seen } from './talos-calls.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterAll(() => world.end());

const NAMESPACE = 'runtime';
const STATUS = 'MachineStatuses.runtime.talos.dev';
const FILES = { root: '/sys/module', recurse: false, recursionDepth: 0, types: [] };
const USAGE = { recursionDepth: 1, all: false, threshold: '0', paths: ['/var'] };
const isOne = (frames: readonly unknown[]): boolean => frames.length === 1;

const CALLS: readonly [name: string, ask: (node: string, identity: Identity) => Promise<Seen<unknown>>][] = [
  ['Memory', (node, as) => world.to(node, as).call(m.memory, {})],
  ['LoadAvg', (node, as) => world.to(node, as).call(m.loadAvg, {})],
  ['Processes', (node, as) => world.to(node, as).call(m.processes, {})],
  ['SystemStat', (node, as) => world.to(node, as).call(m.systemStat, {})],
  ['List', (node, as) => world.to(node, as).frames(m.list, FILES)],
  ['DiskUsage', (node, as) => world.to(node, as).frames(m.diskUsage, USAGE)],
  ['Time', (node, as) => world.to(node, as).call(timeService.time, {})],
  ['TimeCheck', (node, as) => world.to(node, as).call(timeService.timeCheck, { server: 'pool.ntp.org' })],
  [
    'Watch',
    (node, as) =>
      world.to(node, as).frames(cosiState.watch, { namespace: NAMESPACE, type: STATUS, apiVersion: 1 }, isOne),
  ],
];
const answers = async (node: string, identity: Identity) =>
  Object.fromEntries(
    await Promise.all(
      CALLS.map(async ([name, ask]) => {
        const seen = await ask(node, identity);
        return [name, 'reply' in seen ? 'answered' : `${seen.code} ${seen.text}`] as const;
      }),
    ),
  );
const ALL_ANSWERED = Object.fromEntries(CALLS.map(([name]) => [name, 'answered']));

describe.for(['v1.8.4', 'v1.9.6', 'v1.10.7', 'v1.11.5', 'v1.12.11', 'v1.13.9', 'v1.14.0'])('Talos %s', (version) => {
  test('a running node answers every call of a reader', async () => {
    await world.load(`version: ${version}`);
    expect(await answers('w-1', 'reader')).toEqual(ALL_ANSWERED);
    expect(await answers('cp-1', 'operator')).toEqual(ALL_ANSWERED);
  });

  test('in maintenance mode up to 1.12 only resources are answered, from 1.13 on all of it', async () => {
    await world.load(`version: ${version}\nnodes: { w-2: { systemDisk: { partitions: { STATE: absent } } } }`);
    const isOld = Number(version.split('.')[1]) <= 12;
    const methods = ['Memory', 'LoadAvg', 'Processes', 'SystemStat', 'List', 'DiskUsage'];
    const refused = Object.fromEntries(methods.map((name) => [name, `12 method ${name} not implemented`]));
    const unknown = '12 unknown service time.TimeService';
    const old = { ...ALL_ANSWERED, ...refused, Time: unknown, TimeCheck: unknown };
    expect(await answers('w-2', 'maintenance')).toEqual(isOld ? old : ALL_ANSWERED);
    const config = await world.to('w-2', 'maintenance').list(NAMESPACE, 'APIServiceConfigs.runtime.talos.dev');
    const type = 'resource type "APIServiceConfigs.runtime.talos.dev" is not supported';
    expect(config).toEqual(
      isOld
        ? { code: 7, text: type }
        : {
            reply: {
              apid: {
                listenAddress: ':50000',
                nodeRoutingDisabled: true,
                readonlyRoleMode: true,
                skipVerifyingClientCert: true,
              },
            },
          },
    );
  });
});

const one = <T>(seen: Seen<{ readonly messages: readonly T[] }>): T => {
  const [message] = 'reply' in seen ? seen.reply.messages : [];
  if (message === undefined) throw new Error(JSON.stringify(seen));
  return message;
};

test('the time of the processors advances with the clock of the node, and adds up to its uptime', async () => {
  await world.load('healthy');
  const look = async () => {
    const { bootTime, cpuTotal } = one(await world.to('w-1', 'reader').call(m.systemStat, {}));
    const total = Object.values(cpuTotal ?? {}).reduce((sum, seconds) => sum + seconds, 0);
    return { total, upS: Date.now() / 1000 - Number(bootTime) };
  };
  const first = await look();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const second = await look();
  expect(first.total / first.upS).toBeCloseTo(32, 1); // the rack servers have 32 processors
  expect(second.total - first.total).toBeGreaterThan(32 * 0.25);
});

test('memory in KiB, processes in bytes: the processes take no more than is in use', async () => {
  const { meminfo } = one(await world.to('cp-1', 'reader').call(m.memory, {}));
  const { processes } = one(await world.to('cp-1', 'reader').call(m.processes, {}));
  expect(meminfo).toMatchObject({ memtotal: String(7753 * 1024), swaptotal: '0' });
  const usedKib = Number(meminfo?.memtotal) - Number(meminfo?.memavailable);
  const resident = processes.reduce((sum, { residentMemory }) => sum + Number(residentMemory) / 1024, 0);
  expect(resident).toBeGreaterThan(usedKib * 0.9);
  expect(resident).toBeLessThan(usedKib * 1.1);
  expect(processes[0]).toMatchObject({ pid: 1, ppid: 0, executable: '/sbin/init' });
  expect(processes.map(({ command }) => command)).toEqual(expect.arrayContaining(['etcd', 'kubelet', 'kthreadd']));
});

test('a time server: the configured one, any other, none, and one that has no address', async () => {
  const node = world.to('w-1', 'reader');
  const { server, localtime, remotetime } = one(await node.call(timeService.time, {}));
  expect(server).toBe('time.cloudflare.com');
  expect(remotetime).toEqual(localtime);
  expect(one(await node.call(timeService.timeCheck, { server: 'pool.ntp.org' })).server).toBe('pool.ntp.org');
  expect(await node.call(timeService.timeCheck, { server: '' })).toEqual({ code: 3, text: 'ntp server is required' });
  expect(await node.call(timeService.timeCheck, { server: 'ntp.invalid' })).toEqual({
    code: 2,
    text: expect.stringMatching(/^error querying NTP server "ntp\.invalid": lookup ntp\.invalid .*no such host$/),
  });
});
