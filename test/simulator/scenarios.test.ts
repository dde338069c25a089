import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineService as m } from '../../lib/talos/methods.ts';
import { readScenario } from '../../simulator/nodes/read-scenario.ts';
import { NodePart } from '../../simulator/nodes/scenario-schema.ts';
import { panelOf } from './panel.ts';
import { etcdSeen } from './seen-etcd.ts';
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

test.for<[what: string, text: string, problem: string]>([
  ['no key at all', '', 'bad.yaml:1:1 (top): the file is empty'],
  ['nothing but a comment', '# later\n', 'bad.yaml:1:1 (top): the file is empty'],
  ['a list', '- summary: x\n', 'bad.yaml:1:1 (top): expected a map, not a list'],
  ['a sentence', 'w-2 is broken\n', 'bad.yaml:1:1 (top): expected a map, not "w-2 is broken"'],
  ['a key twice', `summary: x\nsummary: y\n${REST}`, 'bad.yaml:2:1 summary: this key is there twice'],
  [
    'a node twice',
    `summary: x\nnodes:\n  w-1: { power: "on" }\n  w-1: { power: "off" }\n${REST}`,
    'bad.yaml:4:3 nodes.w-1: this key is there twice',
  ],
  ['the prototype', `summary: x\n__proto__: { a: 1 }\n${REST}`, 'bad.yaml:2:1 __proto__: no key has this name'],
  [
    'a second document',
    `summary: x\n${REST}---\nsummary: y\n`,
    'bad.yaml:4:1 a second document begins; a scenario is one',
  ],
  ['a tag', `summary: !secret x\n${REST}`, 'bad.yaml:1:10 Unresolved tag: !secret'],
  ['a list as a key', `summary: x\n? [a]\n: b\n${REST}`, 'bad.yaml:2:3 With stringKeys, all keys must be strings'],
  ['a tab', `summary: x\nnodes:\n\tw-1: {}\n${REST}`, 'bad.yaml:3:1 Tabs are not allowed as indentation'],
  [
    'a node without anything',
    `summary: x\nnodes:\n  w-1:\n${REST}`,
    'bad.yaml:3:7 nodes.w-1: expected a map, not nothing',
  ],
  ['no expectation', 'summary: x\nalerts: []\n', 'bad.yaml:1:1 expect: expected a map, which is missing'],
  [
    'a word that is none of two',
    `summary: x\nnodes: { w-1: { power: true } }\n${REST}`,
    'bad.yaml:2:24 nodes.w-1.power: expected "on" or "off", not true',
  ],
  [
    'a word near one of many',
    'summary: x\nalerts: []\nexpect: { finding: state_mising, offers: [], refused: [] }\n',
    'bad.yaml:3:20 expect.finding: there is no "state_mising" here; did you mean "state_missing"?',
  ],
  [
    'a duration in words',
    `summary: x\nbootedAgo: 4 minutes\n${REST}`,
    'bad.yaml:2:12 bootedAgo: expected a duration such as "95s", "4m" or "2h", up to "366d", not "4 minutes"',
  ],
  ['a duration of centuries', `summary: x\nbootedAgo: 40000d\n${REST}`, 'bad.yaml:2:12 bootedAgo: expected a duration'],
  ['a negative duration', `summary: x\nbootedAgo: -4m\n${REST}`, 'bad.yaml:2:12 bootedAgo: expected a duration'],
  [
    'neither of two kinds',
    `summary: x\nnodes: { w-1: { systemDisk: { partitions: gone } } }\n${REST}`,
    'bad.yaml:2:43 nodes.w-1.systemDisk.partitions: expected "none", or a map, not "gone"',
  ],
  [
    'a mistake inside one of two kinds',
    `summary: x\nnodes: { w-1: { systemDisk: { partitions: { STATE: gone } } } }\n${REST}`,
    'bad.yaml:2:52 nodes.w-1.systemDisk.partitions.STATE: expected "intact" or "absent", not "gone"',
  ],
  [
    'an unknown key inside one of two kinds',
    `summary: x\nnodes: { w-1: { systemDisk: { partitions: { STAT: absent } } } }\n${REST}`,
    'bad.yaml:2:45 nodes.w-1.systemDisk.partitions: unknown key "STAT"',
  ],
  [
    'never misspelt',
    `summary: x\nnodes: { w-1: { systemDisk: { diesAfter: [nevr] } } }\n${REST}`,
    'bad.yaml:2:43 nodes.w-1.systemDisk.diesAfter.0: expected "never", or a duration such as',
  ],
  [
    'a port that cannot be cut',
    `summary: x\nnetwork: { cuts: [{ between: [w-1, w-2], port: 22 }] }\n${REST}`,
    'bad.yaml:2:48 network.cuts.0.port: expected 50000, 2380 or 51820, not 22',
  ],
  [
    'a call that does not exist',
    `summary: x\nnodes: { w-1: { faults: [{ fault: slow, method: Versoin }] } }\n${REST}`,
    'bad.yaml:2:49 nodes.w-1.faults.0.method: there is no "Versoin" here; did you mean "Version"?',
  ],
  [
    'a fault of the port for one call',
    `summary: x\nnodes: { w-1: { faults: [{ fault: refuse, method: Version }] } }\n${REST}`,
    'bad.yaml:2:51 nodes.w-1.faults.0.method: this fault is one of the port',
  ],
  [
    'a delay of what is not slow',
    `summary: x\nnodes: { w-1: { faults: [{ fault: drop, delay: 1s }] } }\n${REST}`,
    'bad.yaml:2:48 nodes.w-1.faults.0.delay: only "slow" takes a delay',
  ],
  [
    'etcd on a worker',
    `summary: x\nnodes:\n  w-1: { etcd: { alarm: NOSPACE } }\n${REST}`,
    'bad.yaml:3:10 nodes.w-1: w-1 is a worker, "etcd" is for control planes',
  ],
  [
    'what is extended is nowhere',
    `summary: x\nextends: nonsense\n${REST}`,
    'bad.yaml:2:10 extends: there is no scenario "nonsense", neither beside this file nor in the library',
  ],
  [
    'what is extended is elsewhere',
    `summary: x\nextends: ../healthy\n${REST}`,
    'bad.yaml:2:10 extends: expected the name of a scenario, without folder and ending, not "../healthy"',
  ],
  ['itself', `summary: x\nextends: bad\n${REST}`, 'bad.yaml:2:10 extends: goes round in a circle: bad -> bad'],
])('%s is refused in words of YAML', ([, text, problem]) => {
  expect(problems(text)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
});

test('a circle of files is named with all of them, at the place where it closes', () => {
  file('round.yaml', `summary: x\nextends: about\n${REST}`);
  const round = readScenario(file('about.yaml', `summary: x\nextends: round\n${REST}`));
  const says = `${world.folder}/round.yaml:2:10 extends: goes round in a circle: about -> round -> about`;
  expect(round).toEqual({ ok: false, error: [says] });
});

test('a mistake in what is extended is told with the file that has it', () => {
  file('wrong.yaml', `summary: x\nversion: v1.0\n${REST}`);
  expect(problems(`summary: x\nextends: wrong\n${REST}`)).toEqual([
    'wrong.yaml:2:10 version: expected a Talos version from v1.8.0 to v1.14.x, not "v1.0"',
  ]);
});

/** Seconds, on a machine that has much else to do; unguarded, each of these takes minutes or the whole process. */
const AT_ONCE_MS = 20_000;
test('what is no scenario is refused at once: folders, binaries, ten megabytes, and YAML that wants to burst', () => {
  const refused = (content: string | Buffer) => {
    const path = join(world.folder, 'odd.yaml');
    writeFileSync(path, content);
    const read = readScenario(path);
    if (read.ok) throw new Error('it was read');
    expect(read.error.length).toBeLessThanOrEqual(20);
    return read.error[0]?.replace(`${world.folder}/`, '');
  };
  const began = performance.now();
  expect(readScenario('no-such-scenario')).toEqual({
    ok: false,
    error: [expect.stringMatching(/no-such-scenario\.yaml: there is no such file$/)],
  });
  expect(readScenario(`${world.folder}/configs`)).toMatchObject({
    error: [expect.stringMatching(/: this is a folder$/)],
  });
  expect(readScenario('/dev/zero')).toEqual({ ok: false, error: ['/dev/zero: this is no file'] });
  expect(refused(Buffer.from([0xff, 0xfe, 0, 1, 2, 3]))).toBe('odd.yaml: this is no text in UTF-8');
  expect(refused(Buffer.from('summary: x\n', 'utf16le'))).toBe('odd.yaml: this is no text');
  expect(refused(Buffer.from('summary: K\xf6ln\n', 'latin1'))).toBe('odd.yaml: this is no text in UTF-8');
  expect(refused(`# ${'x'.repeat(10_000_000)}`)).toBe('odd.yaml: 10000002 bytes; a scenario has 262144 at most');
  for (const deep of ['['.repeat(100_000), '{a: '.repeat(40_000), '- '.repeat(100_000), '? '.repeat(100_000)]) {
    expect(refused(deep)).toBe('odd.yaml:1:1 (top): nested too deeply');
  }
  const laughs = [
    'a: &a [x, x]',
    ...[...'bcdefghi'].map((letter, n) => `${letter}: &${letter} [*${'abcdefghi'[n]}, *${'abcdefghi'[n]}]`),
  ];
  expect(refused(laughs.join('\n'))).toBe('odd.yaml:2:8 b.0: aliases are not allowed, use "extends"');
  const many = Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n');
  expect(refused(many)).toMatch(/^odd\.yaml:1:1 /);
  expect(refused(`a: 1\n${'a: 1\n'.repeat(20_000)}`)).toBe('odd.yaml:2:1 a: this key is there twice');
  expect(performance.now() - began).toBeLessThan(AT_ONCE_MS);
});

test('the example in the documentation is a scenario, and names every key of a node', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/scenarios.md', 'utf8')) ?? [];
  const read = readScenario(file('example.yaml', example));
  expect(read).toMatchObject({ ok: true });
  const documented = read.ok ? Object.values(read.value.nodes).flatMap((part) => Object.keys(part ?? {})) : [];
  expect([...new Set(documented)].sort()).toEqual(Object.keys(NodePart.shape).sort());
});

test('a bad file leaves the cluster as it is', async () => {
  await world.load('c04-state-not-found-in-time');
  const panel = await panelOf(world.cluster);
  const cluster = async () => ({
    shown: await panel.state(),
    boots: await Promise.all(world.cluster.world.nodes.map(({ name }) => world.bootTime(name))),
    journal: world.cluster.journal(),
    published: readFileSync(join(world.folder, 'world.json'), 'utf8'),
  });
  const before = await cluster();
  const loaded = await world.cluster.loadScenario(file('bad.yaml', `summary: x\nversion: v2.0.0\n${REST}`));
  expect(loaded.ok).toBe(false);
  expect(await cluster()).toEqual(before);
  panel.close();
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
    talosconfig: readFileSync(join(world.folder, 'talosconfig-reader'), 'utf8'),
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
  const etcd = etcdSeen((name, identity = 'reader') => world.to(name, identity));
  const leader = await etcd.leader('cp-1');
  const leading = (await etcd.members('cp-1')).find(({ id }) => id === leader);
  expect(['cp-1', 'cp-2']).toContain(leading?.name);
  await world.cluster.setPower('cp-3', 'on');
  await expect.poll(() => world.stage('cp-3'), { timeout: 20_000 }).toBe('running');
  expect(await world.bootTime('cp-3')).toBeGreaterThan(before);
});
