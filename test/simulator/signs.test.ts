import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { machineService as m, timeService } from '../../lib/talos/methods.ts';
import { applyRequest, type Simulated, simulate } from './simulated.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterAll(() => world.end());

const listed = async (type: string, node = 'w-1', namespace = 'runtime'): Promise<Record<string, unknown>> => {
  const seen = await world.to(node, 'reader').list(namespace, type);
  return 'reply' in seen ? seen.reply : { refused: seen };
};
const SPECS = 'KernelModuleSpecs.runtime.talos.dev';
const LOADED = 'LoadedKernelModules.runtime.talos.dev';
const kernelLog = async (node: string): Promise<string> => {
  const seen = await world.to(node, 'reader').frames(m.dmesg, { follow: false, tail: false });
  return 'reply' in seen ? seen.reply.map(({ bytes }) => Buffer.from(bytes).toString()).join('\n') : '';
};

test('a configured module that the image lacks never loads, and the kernel log says so', async () => {
  await world.load('version: v1.13.9\nnodes: { w-1: { kernelModules: { configured: [nbd, drbd] } } }');
  expect(await listed(SPECS)).toEqual({
    nbd: { string: 'nbd', parameters: [] },
    drbd: { string: 'drbd', parameters: [] },
  });
  expect(Object.keys(await listed(LOADED))).toEqual(expect.arrayContaining(['nbd', 'ixgbe']));
  expect(await listed(LOADED)).not.toHaveProperty('drbd');
  expect(await kernelLog('w-1')).toContain('error loading module \\"drbd\\": module not found');
  const files = { root: '/sys/module/drbd', recurse: false, recursionDepth: 0, types: [] };
  expect(await world.to('w-1', 'reader').frames(m.list, files)).toMatchObject({ code: 2 });
  const config = await world.to('w-1', 'admin').list('config', 'MachineConfigs.config.talos.dev');
  expect(JSON.stringify(config)).toContain('- name: drbd');
});

test('an extension brings its modules along; a module of two words is loaded under its name in the kernel', async () => {
  await world.load(
    'version: v1.14.0\nnodes: { w-1: { kernelModules: { configured: [drbd, drbd-transport-tcp] }, extensions: [{ name: drbd, version: 9.2.14-v1.14.0 }] } }',
  );
  expect(Object.keys(await listed(SPECS))).toEqual(['drbd', 'drbd-transport-tcp']);
  expect(await listed('KernelModuleStatuses.runtime.talos.dev')).toMatchObject({
    drbd: { type: 'dynamic', state: 'live', referenceCount: 1, dependencies: ['drbd_transport_tcp'] },
    drbd_transport_tcp: { type: 'dynamic', state: 'live', referenceCount: 0 },
    xfs: { type: 'built-in', state: 'built-in' },
  });
  expect(await listed('ExtensionStatuses.runtime.talos.dev')).toMatchObject({
    'modules.dep': { metadata: { name: 'modules.dep' } },
  });
});

test('what a scenario says of the loaded modules counts; a module that left the config stays until the next boot', async () => {
  await world.load('version: v1.13.9\nnodes: { w-1: { kernelModules: { configured: [nbd, tun], loaded: [tun] } } }');
  expect(await listed(LOADED)).toHaveProperty('tun');
  expect(await listed(LOADED)).not.toHaveProperty('nbd');
  await world.load('version: v1.13.9\nnodes: { w-1: { kernelModules: { configured: [nbd] } } }');
  expect(await listed(LOADED)).toHaveProperty('nbd');
  await world
    .to('w-1', 'admin')
    .call(machineChanges.applyConfiguration, applyRequest(world.stored('w-1'), { mode: 'AUTO' }));
  expect(await listed(SPECS)).toEqual({});
  expect(await listed(LOADED)).toHaveProperty('nbd');
});

test('a KernelModuleConfig document counts from 1.14 on', async () => {
  const document = '---\napiVersion: v1alpha1\nkind: KernelModuleConfig\nname: tun\nparameters: [a=1]\n';
  for (const [version, found] of [
    ['v1.13.9', {}],
    ['v1.14.0', { tun: { string: 'tun', parameters: ['a=1'] } }],
  ] as const) {
    await world.load(`version: ${version}`);
    const config = world.stored('w-1').toString() + document;
    await world.to('w-1', 'admin').call(machineChanges.applyConfiguration, applyRequest(config));
    expect(await listed(SPECS)).toEqual(found);
  }
});

test('memory, load and a clock that is off', async () => {
  await world.load(
    'nodes: { w-1: { memory: { totalMiB: 4096, availableMiB: 90 }, load: [71.5, 64, 12.25], clockOffset: -4m } }',
  );
  const node = world.to('w-1', 'reader');
  expect(await node.call(m.memory, {})).toMatchObject({
    reply: { messages: [{ meminfo: { memtotal: String(4096 * 1024), memavailable: String(90 * 1024) } }] },
  });
  expect(await node.call(m.loadAvg, {})).toMatchObject({
    reply: { messages: [{ load1: 71.5, load5: 64, load15: 12.25 }] },
  });
  expect(await node.call(m.systemStat, {})).toMatchObject({
    reply: { messages: [{ processRunning: '32', processBlocked: '40' }] },
  });
  const seen = await node.call(timeService.time, {});
  const [asked] = 'reply' in seen ? seen.reply.messages : [];
  expect(Number(asked?.remotetime) - Number(asked?.localtime)).toBe(-240_000);
  expect(await listed('AdjtimeStatuses.v1alpha1.talos.dev')).toMatchObject({
    node: { syncStatus: false, state: 'TIME_ERROR' },
  });
  expect(await listed('TimeStatuses.v1alpha1.talos.dev')).toMatchObject({ node: { synced: true } });
});

test('diagnostics and META keys are what the scenario says', async () => {
  await world.load(
    `nodes: { w-1: { metaKeys: { '0x06': A }, diagnostics: [{ id: kubelet-csr, message: kubelet server certificate rotation is enabled, details: [pending] }] } }`,
  );
  expect(await listed('Diagnostics.runtime.talos.dev')).toEqual({
    'kubelet-csr': { message: 'kubelet server certificate rotation is enabled', details: ['pending'] },
  });
  expect(await listed('MetaKeys.runtime.talos.dev')).toMatchObject({
    '0x06': { value: 'A' },
    '0x0a': { value: expect.stringContaining('linkName: eno1') },
  });
  expect(await listed('MetaKeys.runtime.talos.dev', 'cp-1')).toEqual({});
});

test('a failing static pod: its container waits, and the machine is not ready', async () => {
  await world.load(
    'nodes: { cp-2: { staticPods: { kube-apiserver: { waiting: CrashLoopBackOff, restarts: 12 }, kube-scheduler: { waiting: ImagePullBackOff, restarts: 0 } } } }',
  );
  const pods = await listed('StaticPodStatuses.kubernetes.talos.dev', 'cp-2', 'k8s');
  expect(pods['kube-system/kube-apiserver-cp-2']).toMatchObject({
    phase: 'Running',
    conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'False' })]),
    containerStatuses: [
      {
        name: 'kube-apiserver',
        ready: false,
        restartCount: 12,
        containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/),
        state: { waiting: { reason: 'CrashLoopBackOff', message: expect.stringContaining('back-off 5m0s') } },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      },
    ],
  });
  expect(pods['kube-system/kube-scheduler-cp-2']).toMatchObject({
    phase: 'Pending',
    containerStatuses: [{ ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff' } } }],
  });
  expect(pods['kube-system/kube-controller-manager-cp-2']).toMatchObject({
    containerStatuses: [{ ready: true, restartCount: 0, state: { running: { startedAt: expect.any(String) } } }],
  });
  expect(await listed('MachineStatuses.runtime.talos.dev', 'cp-2')).toEqual({
    machine: {
      stage: 'running',
      status: {
        ready: false,
        unmetConditions: [
          {
            name: 'staticPods',
            reason: 'kube-system/kube-apiserver-cp-2 not ready, kube-system/kube-scheduler-cp-2 pending',
          },
        ],
      },
    },
  });
});

test('the log of a container of Kubernetes is asked for by the first 12 characters of its id', async () => {
  const logs = async (id: string, namespace = 'k8s.io') => {
    const request = { namespace, id, driver: 'CRI' as const, follow: false, tailLines: -1 };
    const seen = await world.to('cp-2', 'reader').frames(m.logs, request);
    return 'reply' in seen ? Buffer.concat(seen.reply.map(({ bytes }) => bytes)).toString() : seen;
  };
  const pods = await listed('StaticPodStatuses.kubernetes.talos.dev', 'cp-2', 'k8s');
  const [, hex = ''] =
    /containerd:\/\/([0-9a-f]{12})/.exec(JSON.stringify(pods['kube-system/kube-apiserver-cp-2'])) ?? [];
  expect(await logs(`kube-system/kube-apiserver-cp-2:kube-apiserver:${hex}`)).toContain('"command failed"');
  expect(await logs('kube-system/x:x:0')).toEqual({ code: 2, text: 'container "kube-system/x:x:0" not found' });
  expect(await logs('x', 'other')).toEqual({ code: 2, text: 'CRI inspector is supported only for K8s namespace' });
});

test.for([
  ['v1.11.5', /^log "kernel" was not registered$/],
  ['v1.12.11', /^kern: {2}notice: \[.*\]: Linux version/],
] as const)('%s: the kernel log as the log of a service', async ([version, text]) => {
  await world.load(`version: ${version}`);
  const request = { namespace: 'system', id: 'kernel', driver: 'CONTAINERD' as const, follow: false, tailLines: -1 };
  const seen = await world.to('w-1', 'reader').frames(m.logs, request);
  const said = 'reply' in seen ? Buffer.concat(seen.reply.map(({ bytes }) => bytes)).toString() : seen.text;
  expect(said).toMatch(text);
});

test('labels of the machine config are labels of the node', async () => {
  await world.load('version: v1.12.11');
  expect(await listed('NodeStatuses.kubernetes.talos.dev', 'w-2', 'k8s')).toMatchObject({
    'w-2': {
      nodeReady: true,
      labels: { 'kubernetes.io/hostname': 'w-2', 'topology.kubernetes.io/zone': 'rack-2' },
      podCIDRs: ['10.244.22.0/24'],
    },
  });
});
