import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { cosiState, machineService as m, storageService } from '../../lib/talos/methods.ts';
import { issueCa } from '../../simulator/nodes/pki.ts';
import { changed } from './applying.ts';
import { machineSeen } from './seen-machine.ts';
import { applyRequest, NO_TAIL, type Simulated, sequencesIn, simulate } from './simulated.ts';
import { type Identity, type Seen, type Talos, until } from './talos-calls.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterAll(() => world.end());

const DMESG = { follow: false, tail: false };
const LOGS = { namespace: 'system', id: 'machined', driver: 'CONTAINERD' as const, follow: false, tailLines: 5 };
const STATUS = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev', id: 'machine' };

/** Every method that a node has, once; what is asked changes nothing. */
async function askAll(node: Talos): Promise<Readonly<Record<string, string>>> {
  const said = (seen: Seen<unknown>) => ('reply' in seen ? 'answers' : `${seen.code} ${seen.text}`);
  const first = (frames: readonly unknown[]) => frames.length > 0;
  return {
    Version: said(await node.call(m.version, {})),
    ServiceList: said(await node.call(m.serviceList, {})),
    SystemStat: said(await node.call(m.systemStat, {})),
    Mounts: said(await node.call(m.mounts, {})),
    Dmesg: said(await node.frames(m.dmesg, DMESG)),
    Logs: said(await node.frames(m.logs, LOGS)),
    Events: said(await node.frames(m.events, NO_TAIL, first)),
    EtcdMemberList: said(await node.call(m.etcdMemberList, { queryLocal: true })),
    EtcdStatus: said(await node.call(m.etcdStatus, {})),
    EtcdAlarmList: said(await node.call(m.etcdAlarmList, {})),
    Disks: said(await node.call(storageService.disks, {})),
    Get: said(await node.call(cosiState.get, STATUS)),
    List: said(await node.frames(cosiState.list, STATUS)),
    Reboot: said(await node.call(machineChanges.reboot, { mode: 'DEFAULT' })),
  };
}

const notImplemented = (method: string) => [method, `12 method ${method} not implemented`] as const;

test('up to 1.12 maintenance mode is a server of its own with COSI, Disks and ApplyConfiguration', async () => {
  await world.load('c04-state-not-found-in-time');
  const missing = ['ServiceList', 'SystemStat', 'Mounts', 'Dmesg', 'Logs', 'Events', 'Reboot'];
  const etcd = ['EtcdMemberList', 'EtcdStatus', 'EtcdAlarmList'];
  expect(await askAll(world.to('w-2', 'maintenance'))).toEqual({
    ...Object.fromEntries([...missing, ...etcd].map(notImplemented)),
    Version: '12 API is not implemented in maintenance mode',
    Disks: 'answers',
    Get: 'answers',
    List: 'answers',
  });
});

test('from 1.13 on everybody is a reader in maintenance mode, and nobody may reboot', async () => {
  await world.load('c04-state-not-found-in-time-1.13');
  const noType = (api: string) => `12 machine type is not set, cannot use ${api} API`;
  const seen = await askAll(world.to('w-2', 'maintenance'));
  expect(seen).toMatchObject({
    Reboot: '7 not authorized',
    EtcdMemberList: noType('member list'),
    EtcdStatus: noType('etcd status'),
    EtcdAlarmList: noType('etcd alarm list'),
  });
  const { Reboot, EtcdMemberList, EtcdStatus, EtcdAlarmList, ...read } = seen;
  expect(new Set(Object.values(read))).toEqual(new Set(['answers']));
  expect(Object.keys(read)).toHaveLength(10);
});

const seen = machineSeen((name, identity = 'reader') => world.to(name, identity));
/** Of the machine, whatever runs on it. */
const facts = async (identity: Identity) => ({
  partitions: await seen.partitions('w-2', identity),
  extensions: await seen.extensions('w-2', identity),
  metaKeys: await seen.metaKeys('w-2', identity),
});

test.for(['c04-state-not-found-in-time', 'c04-state-not-found-in-time-1.13'])(
  '%s: no secret and no config may be read in maintenance mode',
  async (scenario) => {
    await world.load(scenario);
    const node = world.to('w-2', 'maintenance');
    const refused = { code: 7, text: 'not authorized' };
    expect(await node.list('config', 'MachineConfigs.config.talos.dev')).toEqual(refused);
    expect(await node.list('secrets', 'OSRoots.secrets.talos.dev')).toEqual(refused);
    expect(await node.list('network', 'LinkSpecs.net.talos.dev')).toEqual(refused);
    expect(await node.list('nowhere', 'Disks.block.talos.dev')).toEqual({
      code: 7,
      text: 'namespace "nowhere" is not supported',
    });
  },
);

const BROKEN = 'version: v1alpha1\nmachine: [';
const NO_CLUSTER = 'version: v1alpha1\nmachine: {}\n';
const UNKNOWN_KEY = 'version: v1alpha1\nmachine: {}\ncluster: {}\nclutser: {}\n';
test.for([
  ['c04-state-not-found-in-time', BROKEN, 2, /^failed to parse config: decode error: yaml: line 2: /],
  [
    'c04-state-not-found-in-time',
    UNKNOWN_KEY,
    2,
    /^failed to parse config: unknown keys found during decoding:\nclutser/,
  ],
  ['c04-state-not-found-in-time', NO_CLUSTER, 3, /^configuration validation failed: 1 error occurred:\n\t\* cluster /],
  ['c04-state-not-found-in-time-1.13', BROKEN, 3, /^decode error: yaml: line 2: /],
  [
    'c04-state-not-found-in-time-1.13',
    UNKNOWN_KEY,
    3,
    /^error decoding document \/v1alpha1\/ \(line 1\): unknown keys found during decoding:\nclutser: \{\}/,
  ],
  ['c04-state-not-found-in-time-1.13', NO_CLUSTER, 3, /^1 error occurred:\n\t\* cluster instructions are required/],
] as const)(
  '%s: a config that is none is refused (%#), and the node stays as it is',
  async ([scenario, text, code, says]) => {
    await world.load(scenario);
    const before = world.cluster.journal().length;
    const seen = await world.to('w-2', 'maintenance').call(machineChanges.applyConfiguration, applyRequest(text));
    expect(seen).toEqual({ code, text: expect.stringMatching(says) });
    expect(await world.stage('w-2', 'maintenance')).toBe('maintenance');
    expect(world.cluster.journal().slice(before)).toMatchObject([
      {
        node: 'w-2',
        method: 'ApplyConfiguration',
        roles: [],
        dryRun: false,
        outcome: expect.stringContaining(`${code} `),
      },
    ]);
  },
);

test('up to 1.12 a config cannot be staged in maintenance mode', async () => {
  await world.load('c04-state-not-found-in-time');
  const node = world.to('w-2', 'maintenance');
  expect(
    await node.call(machineChanges.applyConfiguration, applyRequest(world.stored('w-2'), { mode: 'STAGED' })),
  ).toEqual({
    code: 12,
    text: "apply configuration --mode='staged' is not supported in maintenance mode",
  });
});

test.for(['c04-state-not-found-in-time', 'c04-state-not-found-in-time-1.13'])(
  '%s: a dry run changes nothing, the config itself brings the node back as the one it was',
  async (scenario) => {
    await world.load(scenario);
    await world.load(scenario, { before: true });
    const before = await facts('reader');
    const own = { nodeId: await seen.nodeId('w-2'), config: await seen.config('w-2') };
    expect(Object.keys(before.partitions)).toEqual(['META', 'STATE', 'EPHEMERAL']);
    await world.load(scenario);
    const node = world.to('w-2', 'maintenance');
    expect(await facts('maintenance')).toEqual(before);
    const tried = await node.call(
      machineChanges.applyConfiguration,
      applyRequest(world.stored('w-2'), { dryRun: true }),
    );
    expect('reply' in tried && tried.reply.messages[0]?.modeDetails).toMatch(/^Dry run summary:\n/);
    expect(await facts('maintenance')).toEqual(before);
    expect(await world.stage('w-2', 'maintenance')).toBe('maintenance');

    expect(await node.call(machineChanges.applyConfiguration, applyRequest(world.stored('w-2')))).toHaveProperty(
      'reply',
    );
    await until(
      () => world.stage('w-2'),
      (stage) => stage === 'running',
    );
    expect(await facts('reader')).toEqual(before);
    expect({ nodeId: await seen.nodeId('w-2'), config: await seen.config('w-2') }).toEqual(own);
    expect(await world.to('w-2', 'reader').list('runtime', 'VolumeStatuses.block.talos.dev')).toMatchObject({
      reply: { STATE: { phase: 'ready' }, EPHEMERAL: { phase: 'ready' } },
    });
  },
);

test('the config of another cluster is taken, as Talos takes it, and the node is lost to this one', async () => {
  await world.load('c04-state-not-found-in-time');
  const foreignCa = issueCa(Date.now());
  const foreign = changed(world.stored('w-2').toString(), {
    'machine.ca.crt': Buffer.from(foreignCa.certPem).toString('base64'),
    'cluster.clusterName': 'elsewhere',
  });
  const node = world.to('w-2', 'maintenance');
  expect(await node.call(machineChanges.applyConfiguration, applyRequest(foreign))).toMatchObject({ reply: {} });
  // it asks for certificates, and shows one of that other CA
  const statuses = () => node.list('runtime', 'MachineStatuses.runtime.talos.dev');
  const asReader = () => world.to('w-2', 'reader').call(m.version, {});
  await until(
    async () => [await statuses(), await asReader()] as const,
    ([anonymous, reader]) => 'code' in anonymous && 'code' in reader && /certificate/.test(reader.text),
  );
  expect(await asReader()).toMatchObject({ code: 14, text: expect.stringMatching(/certificate/) });
  const kept = readFileSync(`${world.folder}/configs/w-2.yaml`, 'utf8');
  expect(kept).not.toContain('elsewhere');
});

test('an empty disk is installed first: from 1.13 on a reboot meanwhile is accepted, and then refused as locked', async () => {
  await world.load('fresh-machine');
  world.cluster.setFactor(1); // the installation waits for the test, not the other way round
  const node = world.to('w-2', 'maintenance');
  expect(await node.call(machineChanges.applyConfiguration, applyRequest(world.stored('w-2')))).toHaveProperty('reply');
  await until(
    () => world.stage('w-2'),
    (stage) => stage === 'installing',
  );
  const installing = await world.bootTime('w-2');
  let greet = () => {};
  const greeted = new Promise<void>((resolve) => {
    greet = resolve;
  });
  const watched = world.to('w-2', 'reader').frames(m.events, NO_TAIL, (frames) => {
    greet();
    return sequencesIn(frames).some(({ error }) => error !== undefined);
  });
  await greeted;
  const accepted = await world.to('w-2', 'operator').call(machineChanges.reboot, { mode: 'DEFAULT' });
  expect('reply' in accepted && accepted.reply.messages[0]?.actorId).toMatch(/^[0-9a-f-]{36}$/);
  const frames = await watched;
  const locked = 'reply' in frames ? sequencesIn(frames.reply).at(-1) : undefined;
  expect(locked).toMatchObject({ actorId: '', sequence: 'reboot', action: 'NOOP' });
  expect(locked?.error).toMatchObject({ code: 'LOCKED', message: 'sequence not started: locked' });
  world.cluster.setFactor(30);
  await until(
    () => world.stage('w-2'),
    (stage) => stage === 'running',
  );
  expect(await world.bootTime('w-2')).toBeGreaterThan(installing);
});
