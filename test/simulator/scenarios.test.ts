import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineService as m } from '../../lib/talos/methods.ts';
import { readScenario } from '../../simulator/nodes/read-scenario.ts';
import { NodePart } from '../../simulator/nodes/scenario-schema.ts';
import { type Simulated, simulate } from './simulated.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterAll(() => world.end());

const REST = 'alerts: []\nexpect: { finding: healthy, offers: [], refused: [] }\n';
const file = (name: string, text: string) => {
  mkdirSync(world.folder, { recursive: true });
  const path = join(world.folder, name);
  writeFileSync(path, text);
  return path;
};
/** Problems without the folder. */
const problems = (text: string): readonly string[] => {
  const read = readScenario(file('bad.yaml', text));
  return read.ok ? [] : read.error.map((line) => line.replace(`${world.folder}/`, ''));
};

test.for<[what: string, text: string, problem: string]>([
  ['an unknown key', `summary: x\nnode: {}\n${REST}`, 'bad.yaml:2:1 (top): unknown key "node"'],
  [
    'a node that the cluster does not have',
    `summary: x\nnodes:\n  w-9: {}\n${REST}`,
    'bad.yaml:3:3 nodes: unknown node "w-9", there are cp-1 to cp-3 and w-1 to w-3',
  ],
  [
    'a name that no node can have',
    `summary: x\nnodes:\n  box: {}\n${REST}`,
    'bad.yaml:3:3 nodes.box: expected the name of a node',
  ],
  [
    'too many control planes',
    `summary: x\ncluster: { controlPlanes: 8 }\n${REST}`,
    'bad.yaml:2:27 cluster.controlPlanes: ',
  ],
  [
    'a file that is extended and speaks of more nodes',
    `summary: x\nextends: node-silent\ncluster: { workers: 1 }\n${REST}`,
    'bad.yaml:3:1 (top): unknown node "w-2", there are cp-1 to cp-3 and w-1, but node-silent says something about it',
  ],
  [
    'an expectation of an unknown node',
    'summary: x\ncluster: { controlPlanes: 1, workers: 0 }\nalerts: []\nexpect: { node: w-1, finding: healthy, offers: [], refused: [] }\n',
    'bad.yaml:4:17 expect.node: unknown node "w-1", there are cp-1',
  ],
  [
    'an alert about an unknown node',
    'summary: x\nalerts:\n  - labels: { alertname: A, severity: info, node: cp-4 }\nexpect: { finding: healthy, offers: [], refused: [] }\n',
    'bad.yaml:3:51 alerts.0.labels.node: unknown node "cp-4", there are cp-1 to cp-3 and w-1 to w-3',
  ],
  ['no unit', `summary: x\nbootedAgo: 4\n${REST}`, 'bad.yaml:2:12 bootedAgo: '],
  ['an old version', `summary: x\nversion: v1.7.0\n${REST}`, 'bad.yaml:2:10 version: expected a Talos version'],
  [
    'a fault that cannot be played',
    `summary: x\nnodes:\n  w-1:\n    faults:\n      - { fault: black_hole }\n${REST}`,
    'bad.yaml:5:18 nodes.w-1.faults.0.fault: ',
  ],
  [
    'no entry per boot',
    `summary: x\nnodes:\n  w-1: { systemDisk: { attachesAfter: [] } }\n${REST}`,
    'bad.yaml:3:39 nodes.w-1.systemDisk.attachesAfter: one entry per boot',
  ],
  ['what would follow from it', `summary: x\nnodes:\n  w-1: { stage: running }\n${REST}`, 'unknown key "stage"'],
  [
    'more memory than there is',
    `summary: x\nnodes:\n  w-1:\n    memory: { totalMiB: 1, availableMiB: 2 }\n${REST}`,
    'bad.yaml:4:42 nodes.w-1.memory.availableMiB: more is available than there is',
  ],
  [
    'a load of two numbers',
    `summary: x\nnodes:\n  w-1: { load: [1, 2] }\n${REST}`,
    'bad.yaml:3:16 nodes.w-1.load: expected three numbers',
  ],
  [
    'a clock offset without a unit',
    `summary: x\nnodes:\n  w-1: { clockOffset: -4 }\n${REST}`,
    'bad.yaml:3:23 nodes.w-1.clockOffset: ',
  ],
  [
    'a META key that is none',
    `summary: x\nnodes:\n  w-1: { metaKeys: { upgrade: A } }\n${REST}`,
    'nodes.w-1.metaKeys.upgrade: ',
  ],
  [
    'an unknown static pod',
    `summary: x\nnodes:\n  cp-1: { staticPods: { etcd: { waiting: x, restarts: 0 } } }\n${REST}`,
    'bad.yaml:3:25 nodes.cp-1.staticPods: unknown key "etcd"',
  ],
  [
    'a module with a blank in its name',
    `summary: x\nnodes:\n  w-1: { kernelModules: { configured: ["a b"] } }\n${REST}`,
    'bad.yaml:3:40 nodes.w-1.kernelModules.configured.0: expected the name of a kernel module',
  ],
  ['no alerts', `summary: x\nexpect: { finding: healthy, offers: [], refused: [] }\n`, 'bad.yaml:1:1 alerts: '],
  ['broken YAML', `summary: x\nnodes: {\n${REST}`, 'bad.yaml:'],
  ['an alias', `summary: &a x\nextends: *a\n${REST}`, 'aliases are not allowed, use "extends"'],
])('%s is refused with file, line, column and path', ([, text, problem]) => {
  expect(problems(text)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
});

test('the example in the documentation is a scenario, and names every key of a node', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/scenarios.md', 'utf8')) ?? [];
  const read = readScenario(file('example.yaml', example));
  expect(read).toMatchObject({ ok: true });
  const documented = read.ok ? Object.keys(read.value.nodes['w-2'] ?? {}) : [];
  expect(documented.sort()).toEqual(Object.keys(NodePart.shape).sort());
});

test('a file that is not there, a folder and a circle are named', () => {
  expect(readScenario('no-such-scenario')).toEqual({
    ok: false,
    error: [expect.stringMatching(/no-such-scenario\.yaml: there is no such scenario file$/)],
  });
  expect(readScenario(`${world.folder}/configs`)).toMatchObject({ ok: false });
  file('round.yaml', `summary: x\nextends: about\n${REST}`);
  const round = readScenario(file('about.yaml', `summary: x\nextends: round\n${REST}`));
  expect(round).toMatchObject({ ok: false, error: [expect.stringContaining('is there a circle?')] });
});

test('a bad file leaves the cluster as it is', async () => {
  await world.load('c04-state-not-found-in-time');
  const before = JSON.stringify(world.cluster.state);
  const loaded = await world.cluster.loadScenario(file('bad.yaml', `summary: x\nversion: v2.0.0\n${REST}`));
  expect(loaded.ok).toBe(false);
  expect(JSON.stringify(world.cluster.state)).toBe(before);
});

test('what a file extends is taken over, key by key', () => {
  file('base.yaml', `summary: x\nversion: v1.11.2\nnodes:\n  w-1: { systemDisk: { attachesAfter: [5s] } }\n${REST}`);
  const over = 'nodes:\n  w-1: { systemDisk: { partitions: { STATE: absent } } }\n  w-3: { power: "off" }\n';
  const read = readScenario(file('over.yaml', `summary: y\nextends: base\n${over}${REST}`));
  expect(read).toMatchObject({
    ok: true,
    value: {
      name: 'over',
      version: 'v1.11.2',
      nodes: {
        'w-1': { systemDisk: { attachesAfter: [5_000], partitions: { STATE: 'absent' } } },
        'w-3': { power: 'off' },
      },
    },
  });
});

test('from one scenario to the next the cluster keeps its identity, its addresses and its stored configs', async () => {
  const identity = async () => ({
    nodes: world.cluster.world.nodes,
    cidr: world.cluster.world.nodeCidr,
    ca: world.cluster.state.own.ca.certPem,
    configs: world.cluster.world.nodes.map(({ name }) => world.stored(name).toString()),
    machines: await Promise.all(
      ['w-1', 'w-2', 'cp-2'].map((name) =>
        world.to(name, 'reader').list('hardware', 'SystemInformations.hardware.talos.dev'),
      ),
    ),
    ids: await world.to('w-2', 'reader').list('cluster', 'Identities.cluster.talos.dev'),
    etcd: await world.to('cp-2', 'reader').call(m.etcdMemberList, { queryLocal: true }),
  });
  await world.load('healthy');
  const before = await identity();
  for (const name of ['c04-state-not-found-in-time', 'fresh-machine', 'foreign-node-at-address', 'node-silent']) {
    await world.load(name);
  }
  await world.load('c05-etcd-under-temporary-hostname');
  await world.load('healthy');
  expect(await identity()).toEqual(before);
});

test('nodes that a scenario leaves alone do not boot for it', async () => {
  await world.load('healthy');
  const before = await world.bootTime('w-1');
  await world.load('nodes: { w-2: { systemDisk: { attachesAfter: [41s] } } }');
  expect(await world.bootTime('w-1')).toBe(before);
  expect(await world.stage('w-2', 'maintenance')).toBe('maintenance');
});

test('a machine that is switched off is silent, and boots when it is switched on', async () => {
  await world.load('healthy');
  const before = await world.bootTime('cp-3');
  await world.cluster.setPower('cp-3', 'off');
  expect(await world.to('cp-3', 'reader', { deadlineMs: 300 }).call(m.version, {})).toMatchObject({ code: 4 });
  const { leader } = world.cluster.state.etcd;
  expect(world.cluster.state.etcd.members.find(({ id }) => id === leader)?.node).not.toBe('cp-3');
  await world.cluster.setPower('cp-3', 'on');
  await expect.poll(() => world.stage('cp-3'), { timeout: 20_000 }).toBe('running');
  expect(await world.bootTime('cp-3')).toBeGreaterThan(before);
});
