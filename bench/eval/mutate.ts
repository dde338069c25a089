import fc from 'fast-check';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import type { Reading } from '../../lib/evidence/reading.ts';
import type { KernelLine } from '../../lib/evidence/values.ts';
import type { Facts } from '../../lib/playbooks/finding.ts';

/** Changes of evidence that do not change what the cause is. Pure: a property test makes the choices. */
export type Case = { readonly evidence: Evidence; readonly facts: Facts };
type Mutation = (one: Case) => Case;

/** What a kernel says on a good day. */
const NOISE: readonly KernelLine[] = [
  ['kern', 'cni0: port 3(veth5f1c2a90) entered forwarding state'],
  ['kern', 'IPv6: ADDRCONF(NETDEV_CHANGE): veth5f1c2a90: link becomes ready'],
  ['kern', 'nf_conntrack: default automatic helper assignment has been turned off for security reasons'],
  ['kern', 'usb 1-1: new high-speed USB device number 3 using xhci_hcd'],
  ['kern', 'perf: interrupt took too long (2510 > 2500), lowering kernel.perf_event_max_sample_rate to 79000'],
  ['user', '[talos] created route {"component": "controller-runtime", "controller": "network.RouteSpecController"}'],
  ['user', '[talos] service[kubelet](Running): Health check successful'],
  ['daemon', 'audit: type=1400 audit(1772365800.123:4): apparmor="STATUS" operation="profile_load"'],
].map(([facility = 'kern', message = '']) => ({ at: undefined, facility, message }));

const changed = <T>(reading: Reading<T> | undefined, change: (value: T) => T): Reading<T> | undefined =>
  reading?.ok ? { ...reading, value: change(reading.value) } : reading;

/** `places`: where each line goes, as a share of the log's length. */
const withNoise =
  (places: readonly (readonly [line: number, share: number])[]): Mutation =>
  ({ evidence, facts }) => {
    const kernelLog = changed(evidence.readings.kernelLog, (lines) => {
      const noisy = [...lines];
      for (const [n, share] of places) {
        const at = Math.floor(share * noisy.length);
        const line = NOISE[n % NOISE.length];
        if (line) noisy.splice(at, 0, { ...line, at: noisy[at]?.at });
      }
      return noisy;
    });
    return { facts, evidence: { ...evidence, readings: withReading(evidence.readings, 'kernelLog', kernelLog) } };
  };

function withReading<K extends keyof Readings>(readings: Readings, name: K, reading: Readings[K]): Readings {
  return reading === undefined ? readings : { ...readings, [name]: reading };
}

/** What services say on a good day. Two of them sound bad and are not. */
const CHATTER = [
  'level=info msg="starting" version=1.2.3',
  '{"level":"info","ts":"2026-03-01T11:59:00Z","msg":"applied configuration","took":"12ms"}',
  'W0301 11:58:00.000000 1 reflector.go:569] watch closed, will be opened again',
  'retrying in 1s: connection reset by peer',
];

/** In every log that was read, at the same places. */
const withChatter =
  (places: readonly (readonly [line: number, share: number])[]): Mutation =>
  ({ evidence, facts }) => {
    const { logs } = evidence.readings;
    if (logs === undefined) return { evidence, facts };
    const noisy = Object.entries(logs).map(([id, log]) => [id, changed(log, (lines) => mixed(lines, places)) ?? log]);
    return { facts, evidence: { ...evidence, readings: { ...evidence.readings, logs: Object.fromEntries(noisy) } } };
  };

function mixed(
  lines: readonly string[],
  places: readonly (readonly [line: number, share: number])[],
): readonly string[] {
  const noisy = [...lines];
  for (const [n, share] of places) noisy.splice(Math.floor(share * noisy.length), 0, CHATTER[n % CHATTER.length] ?? '');
  return noisy;
}

/** Other names for the nodes, wherever they stand. */
const renamed =
  (words: readonly string[]): Mutation =>
  (one) => {
    const names = [...new Set([one.evidence.node, ...one.evidence.peers.map(({ node }) => node)])];
    let text = JSON.stringify(one);
    names.forEach((name, n) => {
      const whole = new RegExp(`(?<![A-Za-z0-9])${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?!\\d)`, 'g');
      text = text.replaceAll(whole, `${words[n % words.length]}-${'xyz'[n % 3]}${n}`);
    });
    return JSON.parse(text);
  };

/** Lists whose order says nothing. */
const UNORDERED = [
  'services',
  'volumes',
  'discoveredVolumes',
  'disks',
  'links',
  'members',
  'affiliates',
  'extensions',
  'mounts',
  'etcdMembers',
  'etcdAlarms',
  'diagnostics',
  'staticPods',
  'kernelModules',
  'kernelModuleSpecs',
  'addresses',
  'addressSpecs',
  'hostnameSpecs',
  'kubespanPeers',
  'processes',
  'metaKeys',
  'diskUsage',
] as const;

/** By numbers that a test chose, so that a failing order can be shown again. */
const reordered =
  (seed: number): Mutation =>
  ({ evidence, facts }) => {
    const order = <T>(list: readonly T[]): readonly T[] =>
      list
        .map((value, n) => ({ value, key: (Math.imul(n + 1, 2_654_435_761) ^ seed) >>> 0 }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ value }) => value);
    const readings: Record<string, unknown> = { ...evidence.readings };
    for (const name of UNORDERED) {
      const reading: Reading<readonly unknown[]> | undefined = evidence.readings[name];
      if (reading?.ok) readings[name] = { ...reading, value: order(reading.value) };
    }
    const peers = evidence.peers.map((peer) => ({
      ...peer,
      members: changed(peer.members, order) ?? peer.members,
      etcdMembers: changed(peer.etcdMembers, order) ?? peer.etcdMembers,
    }));
    return { facts, evidence: { ...evidence, readings, peers: order(peers) } };
  };

/** Another patch release of the same minor, on the node and in what is known of it. */
const patched =
  (patch: number): Mutation =>
  (one) => {
    const { version } = one.evidence.readings;
    const [, minor] = /^v1\.(\d+)\./.exec(version?.ok ? version.value.tag : '') ?? [];
    if (minor === undefined) return one;
    return JSON.parse(JSON.stringify(one).replaceAll(new RegExp(`v1\\.${minor}\\.\\d+`, 'g'), `v1.${minor}.${patch}`));
  };

/** Faults that have nothing to do with anything, by their findings: a card that hangs, an image, a pod over its limit. */
const SECOND: Readonly<Record<string, Mutation>> = {
  nic_hangs: saidByKernel('e1000e 0000:00:1f.6 eno2: Detected Hardware Unit Hang:'),
  pod_over_memory_limit: saidByKernel('Memory cgroup out of memory: Killed process 4711 (crawler) total-vm:1kB'),
  duplicate_extensions: ({ evidence, facts }) => {
    const twice = ['v0.1.0', 'v0.2.0'].map((version, n) => ({
      id: `9${n}`,
      name: 'fuse3',
      version,
      image: `9${n}.sqsh`,
    }));
    const extensions = changed(evidence.readings.extensions, (list) => [...list, ...twice]);
    return { facts, evidence: { ...evidence, readings: withReading(evidence.readings, 'extensions', extensions) } };
  },
};
export const SECOND_FAULTS: ReadonlySet<string> = new Set(Object.keys(SECOND));

function saidByKernel(message: string): Mutation {
  return ({ evidence, facts }) => {
    const line = { at: evidence.collectedAt, facility: 'kern', message };
    const kernelLog = changed(evidence.readings.kernelLog, (lines) => [...lines, line, line, line]);
    return { facts, evidence: { ...evidence, readings: withReading(evidence.readings, 'kernelLog', kernelLog) } };
  };
}

const word = fc.stringMatching(/^[a-z]{4,9}$/);

type May = {
  /** The cause does not depend on the patch release. */
  readonly mayPatch: boolean;
  /** Second faults that are another one than the first. */
  readonly maySuffer: readonly string[];
};

/** Some of the changes, in any strength. */
export const mutations = ({ mayPatch, maySuffer }: May): fc.Arbitrary<readonly Mutation[]> =>
  fc.tuple(
    fc.array(fc.tuple(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 60 }).map(withNoise),
    fc.array(word, { minLength: 1, maxLength: 8 }).map(renamed),
    fc.integer().map(reordered),
    mayPatch ? fc.integer({ min: 0, max: 20 }).map(patched) : fc.constant<Mutation>((one) => one),
    fc.array(fc.tuple(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 20 }).map(withChatter),
    fc
      .subarray([...maySuffer], { maxLength: Math.min(1, maySuffer.length) })
      .map(([code]): Mutation => SECOND[code ?? ''] ?? ((one) => one)),
  );

export const applied = (one: Case, changes: readonly Mutation[]): Case =>
  changes.reduce((seen, change) => change(seen), one);
