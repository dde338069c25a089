import { expect, test } from 'vitest';
import { apply, changed, withDocument } from './applying.ts';
import { seenForThisFile } from './seen.ts';

const { seen, world } = await seenForThisFile();

const NODE = 'w-1';
const own = () => world.stored(NODE).toString();
const send = (text: string, more: Parameters<typeof apply>[3] = {}) => apply(world, NODE, text, more);

const UNKNOWN = 'unknown keys found during decoding:\n';
const ROOT = 'error decoding document /v1alpha1/ (line 1): ';
test.for<[version: string, values: Record<string, unknown>, text: string]>([
  [
    'v1.8.4',
    { 'machine.features.imageCache.localEnabled': true },
    `${UNKNOWN}machine:\n    features:\n        imageCache:\n            localEnabled: true\n`,
  ],
  [
    'v1.11.5',
    { 'machine.install.grubUseUKICmdline': true },
    `${UNKNOWN}machine:\n    install:\n        grubUseUKICmdline: true\n`,
  ],
  [
    'v1.12.11',
    { 'cluster.network.cni': { name: 'flannel', flannel: { kubeNetworkPoliciesEnabled: true } } },
    `${ROOT}${UNKNOWN}cluster:\n    network:\n        cni:\n            flannel:\n                kubeNetworkPoliciesEnabled: true\n`,
  ],
  [
    'v1.14.0',
    { 'machine.nodelabels': { a: 'b' }, clutser: {} },
    `${ROOT}${UNKNOWN}machine:\n    nodelabels:\n        a: b\nclutser: {}\n`,
  ],
])('%s: a key that this version does not know is refused with its place: %j', async ([version, values, text]) => {
  await world.load(`version: ${version}`);
  expect(await send(changed(own(), values))).toEqual({ code: 3, text });
  expect(await seen.config(NODE)).toBe(own());
});

test.for([
  ['v1.9.6', { 'machine.features.imageCache.localEnabled': true }],
  ['v1.12.11', { 'machine.install.grubUseUKICmdline': true }],
  ['v1.13.9', { 'cluster.network.cni': { name: 'flannel', flannel: { kubeNetworkPoliciesEnabled: true } } }],
] as const)('%s: the version that brought a key takes it: %j', async ([version, values]) => {
  await world.load(`version: ${version}`);
  expect(await send(changed(own(), values), { dryRun: true })).toHaveProperty('modeDetails');
});

test.for([
  ['v1.9.6', 'v1.10.7', 'UserVolumeConfig'],
  ['v1.10.7', 'v1.11.5', 'ZswapConfig'],
  ['v1.11.5', 'v1.12.11', 'HostnameConfig'],
  ['v1.12.11', 'v1.13.9', 'EnvironmentConfig'],
  ['v1.13.9', 'v1.14.0', 'KubeNodeConfig'],
] as const)('%s does not know what %s knows: %s', async ([old, fresh, kind]) => {
  const text = withDocument(own(), { kind });
  await world.load(`version: ${old}`);
  expect(await send(text)).toEqual({
    code: 3,
    text: expect.stringMatching(new RegExp(`(^|: )"${kind}" "v1alpha1": not registered$`)),
  });
  await world.load(`version: ${fresh}`);
  expect(await send(text, { dryRun: true })).toHaveProperty('modeDetails');
});

test.for<[what: string, text: (own: string) => string, problem: string]>([
  ['no YAML', () => 'machine: {', 'decode error: yaml: line 1: '],
  ['nothing', () => '---\n', 'config not found'],
  ['a list', () => '- machine\n', 'expected a YAML document at line 1'],
  ['no kind', (text) => `${text}---\nname: x\n`, 'missing kind'],
  ['no apiVersion', (text) => `${text}---\nkind: KmsgLogConfig\n`, 'missing apiVersion'],
  [
    'two of a name',
    (text) => `${text}---\n${text.split('---\n')[1]}`,
    'duplicate document v1alpha1/KmsgLogConfig/remote-log is not allowed (line ',
  ],
  [
    'an unknown key of a document',
    (text) => withDocument(text, { kind: 'HostnameConfig', hostnam: 'x' }),
    `${UNKNOWN}hostnam: x\n`,
  ],
  ['no machine', () => 'cluster: {}\n', '1 error occurred:\n\t* machine instructions are required\n\n'],
  [
    'no type',
    (text) => changed(text, { 'machine.type': undefined }),
    '1 error occurred:\n\t* unknown machine type ""\n\n',
  ],
  [
    'no CA',
    (text) => changed(text, { 'machine.ca': undefined }),
    '1 error occurred:\n\t* issuing CA or some accepted CAs are required',
  ],
])('refused: %s', async ([, text, problem]) => {
  await world.load('version: v1.13.9');
  expect(await send(text(own()))).toEqual({ code: 3, text: expect.stringContaining(problem) });
});

const PARTIAL = 'apiVersion: v1alpha1\nkind: WatchdogTimerConfig\ndevice: /dev/watchdog0\n';
test.for(['v1.10.7', 'v1.13.9', 'v1.14.0'])('%s: documents without the v1alpha1 one are refused', async (version) => {
  await world.load(`version: ${version}`);
  const text =
    "the applied machine configuration doesn't contain v1alpha1 config, did you mean to patch the machine config instead?";
  expect(await send(PARTIAL)).toEqual({ code: 3, text });
});

test('up to 1.9 such documents replace the config: the node reboots for them, into maintenance mode', async () => {
  await world.load('version: v1.9.6');
  expect(await send(PARTIAL, { mode: 'NO_REBOOT' })).toEqual({ code: 3, text: 'new config is not v1alpha1' });
  expect(await send(PARTIAL)).toMatchObject({
    mode: 'REBOOT',
    modeDetails: 'Applied configuration with a reboot: new config is not v1alpha1',
  });
  await seen.until(async () => (await seen.stage(NODE, 'maintenance')) === 'maintenance');
});

test.for([
  ['v1.11.5', false],
  ['v1.12.11', true],
] as const)(
  '%s: of two configs at once the second is refused: %s',
  { timeout: 30_000 },
  async ([version, isRefused]) => {
    const slow = '{ fault: slow, method: ApplyConfiguration, delay: 2s }';
    await world.load(`version: ${version}\nnodes: { ${NODE}: { faults: [${slow}] } }`);
    const answers = await Promise.all([send(own()), send(own())]);
    const refused = answers.filter((answer) => 'code' in answer);
    const busy = { code: 9, text: 'another apply configuration is already in progress' };
    expect(refused).toEqual(isRefused ? [busy] : []);
    expect(await send(own())).toHaveProperty('modeDetails');
  },
);

test.for(['reader', 'operator'] as const)('a config is for admins: %s', async (identity) => {
  await world.load('version: v1.13.9');
  expect(await send(own(), { identity })).toEqual({ code: 7, text: 'not authorized' });
});
