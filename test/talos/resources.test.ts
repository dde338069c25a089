import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goDurationMs } from '../../lib/talos/go-duration.ts';
import { discoveredVolume, disk, volumeStatus } from '../../lib/talos/resources/block.ts';
import { etcdLocalMember, etcdSpec, member } from '../../lib/talos/resources/cluster.ts';
import { cmdline, moduleSpec, moduleStatus } from '../../lib/talos/resources/kernel.ts';
import { nodeStatus, staticPodStatus } from '../../lib/talos/resources/kubernetes.ts';
import { addressSpec, hostnameSpec, linkStatus } from '../../lib/talos/resources/network.ts';
import {
  apiServiceConfig,
  diagnostic,
  machineStatus,
  machineType,
  metaKey,
  securityState,
  systemInformation,
  talosVersion,
} from '../../lib/talos/resources/runtime.ts';
import { adjtimeStatus } from '../../lib/talos/resources/time.ts';
import { parseSafeYaml } from '../../lib/talos/safe-yaml.ts';

const spec = (text: string): unknown => {
  const yaml = parseSafeYaml(text);
  if (!yaml.ok) throw new Error(yaml.error);
  return yaml.value;
};

test('specs become readings in our words and units', () => {
  expect(
    machineStatus.parse(spec('stage: shutting down\nstatus: {ready: false, unmetConditions: null}'), 'machine'),
  ).toEqual({
    ok: true,
    value: { stage: 'shutting down', ready: false, unmetConditions: [] },
  });
  expect(machineType.parse(spec('controlplane'), 'machine-type')).toEqual({ ok: true, value: 'controlplane' });
  expect(talosVersion.parse(spec('version: 1.13.0'), 'version')).toMatchObject({ ok: true, value: { tag: 'v1.13.0' } });
  expect(systemInformation.parse(spec('uuid: u\nserialnumber: "0012"\nproductName: R640'), 'x')).toEqual({
    ok: true,
    value: { uuid: 'u', serialNumber: '0012', manufacturer: '', productName: 'R640' },
  });
  expect(etcdLocalMember.parse(spec('memberID: eff4bf8be7a7d1c9'), 'local')).toEqual({
    ok: true,
    value: { memberId: '17290655476990071241' },
  });
  expect(volumeStatus.parse(spec('phase: missing\ntype: partition\nsize: 0'), 'STATE')).toMatchObject({
    ok: true,
    value: { id: 'STATE', phase: 'missing', errorMessage: '' },
  });
  expect(discoveredVolume.parse(spec('partition_label: STATE\nname: xfs\ndev_path: /dev/sda5'), 'sda5')).toMatchObject({
    ok: true,
    value: { id: 'sda5', partitionLabel: 'STATE', name: 'xfs', devPath: '/dev/sda5' },
  });
  expect(disk.parse(spec('dev_path: /dev/sda\nwwid: naa.5\nsize: 512110190592'), 'sda')).toMatchObject({
    ok: true,
    value: { wwid: 'naa.5', sizeBytes: 512_110_190_592 },
  });
  expect(addressSpec.parse(spec('address: 10.0.0.5/24\nlinkName: eth0\nlayer: configuration'), 'x')).toEqual({
    ok: true,
    value: { address: '10.0.0.5/24', link: 'eth0', layer: 'configuration' },
  });
  expect(linkStatus.parse(spec('hardwareAddr: AA:BB:CC:00:11:22\nlinkState: true'), 'eth0')).toMatchObject({
    ok: true,
    value: { hardwareAddr: 'aa:bb:cc:00:11:22', isUp: true },
  });
  expect(member.parse(spec('nodeId: n\naddresses: [10.0.0.1, fd00::1]\nmachineType: worker'), 'w-1')).toMatchObject({
    ok: true,
    value: { id: 'w-1', addresses: ['10.0.0.1', 'fd00::1'] },
  });
});

test('a stage or phase of a newer Talos is unknown, a source of a hostname that we cannot rank is an error', () => {
  expect(machineStatus.parse(spec('stage: dreaming\nstatus: {ready: true}'), 'machine')).toMatchObject({
    ok: true,
    value: { stage: 'unknown' },
  });
  expect(volumeStatus.parse(spec('phase: molten'), 'STATE')).toMatchObject({ ok: true, value: { phase: 'unknown' } });
  expect(hostnameSpec.parse(spec('hostname: a\nlayer: oracle'), 'x').ok).toBe(false);
});

test('YAML that unfolds, nests or is none is refused before it costs anything', () => {
  expect(parseSafeYaml('a: &x 1\nb: *x')).toEqual({ ok: false, error: 'YAML with an alias' });
  for (const text of ['['.repeat(20_000), '- '.repeat(15_000), '? '.repeat(15_000), '{a: '.repeat(8_000)]) {
    expect(parseSafeYaml(text)).toEqual({ ok: false, error: 'YAML nested more than 64 levels deep' });
  }
  const indented = Array.from({ length: 100 }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
  expect(parseSafeYaml(indented)).toEqual({ ok: false, error: 'YAML nested more than 64 levels deep' });
  expect(parseSafeYaml('x'.repeat(200_000)).ok).toBe(false);
  expect(parseSafeYaml('a: [').ok).toBe(false);
  expect(parseSafeYaml('a: 1\n---\nb: 2').ok).toBe(false);
  expect(parseSafeYaml(`a: "${'['.repeat(500)}"\nb: ${'-'.repeat(200)}`).ok).toBe(true);
});

test('no spec whatsoever makes a parser throw', () => {
  const kinds = [machineStatus, machineType, volumeStatus, discoveredVolume, disk, member, linkStatus, etcdLocalMember];
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const kind of kinds) expect(typeof kind.parse(value, 'id').ok).toBe('boolean');
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => typeof parseSafeYaml(text).ok === 'boolean'));
});

test('kernel modules are named as the kernel names them, whoever wrote them', () => {
  expect(moduleSpec.parse(spec('string: br-netfilter\nparameters: [a=1]'), 'br-netfilter')).toEqual({
    ok: true,
    value: { name: 'br_netfilter', parameters: ['a=1'] },
  });
  expect(moduleStatus.parse(spec('type: built-in\nstate: built-in'), 'ext4')).toEqual({
    ok: true,
    value: { name: 'ext4', state: 'built-in' },
  });
});

test('sentences and the kernel command line lose their secrets', () => {
  const line =
    'cmdline: talos.platform=metal talos.config=https://user:hunter22@host/c.yaml token=abcdef.0123456789abcdef';
  expect(cmdline.parse(spec(line), 'cmdline')).toEqual({
    ok: true,
    value: 'talos.platform=metal talos.config=https://user:[redacted]@host/c.yaml token=[redacted]',
  });
  expect(diagnostic.parse(spec('message: bad password=hunter22\ndetails: [token=abcdef]'), 'kubelet-csr')).toEqual({
    ok: true,
    value: { id: 'kubelet-csr', message: 'bad password=[redacted]', details: ['token=[redacted]'] },
  });
});

test('of META keys only the ids are kept, of the API whom it serves, of Secure Boot what is known', () => {
  expect(metaKey.parse(spec('value: {network: secret}'), '0x0a')).toEqual({ ok: true, value: '0x0a' });
  expect(apiServiceConfig.parse(spec('readonlyRoleMode: true\nskipVerifyingClientCert: true'), 'apid')).toEqual({
    ok: true,
    value: { isReadOnly: true, takesAnyClient: true },
  });
  expect(securityState.parse(spec('secureBoot: false'), 'securitystate')).toEqual({
    ok: true,
    value: { secureBoot: false, bootedWithUki: undefined },
  });
});

test('a static pod: which container waits for what, and under which id its log is', () => {
  const pod = `phase: Running
containerStatuses:
  - name: kube-apiserver
    ready: false
    restartCount: 7
    containerID: containerd://0123456789abcdef
    state: {waiting: {reason: CrashLoopBackOff}}
  - {name: sidecar, ready: true, containerID: "", state: {running: {startedAt: "2026-01-01"}}}
`;
  const waiting = { name: 'kube-apiserver', ready: false, restarts: 7, containerId: '0123456789abcdef' };
  expect(staticPodStatus.parse(spec(pod), 'kube-system/kube-apiserver-cp-1')).toEqual({
    ok: true,
    value: {
      id: 'kube-system/kube-apiserver-cp-1',
      phase: 'Running',
      containers: [
        { ...waiting, waitingFor: 'CrashLoopBackOff' },
        { name: 'sidecar', ready: true, restarts: 0, containerId: '', waitingFor: '' },
      ],
    },
  });
  expect(nodeStatus.parse(spec('nodename: cp-1\nnodeReady: true\nlabels: {a: b, n: 1}'), 'cp-1')).toMatchObject({
    value: { nodeReady: true, labels: { a: 'b', n: '1' } },
  });
});

test('of the annotations of a node only those that name who manages the machine are kept', () => {
  const annotations =
    'annotations: {cluster.x-k8s.io/machine: cp-x, node.cluster.x-k8s.io/a: b, a.example/token: s3cret, notcluster.x-k8s.io/a: b}';
  expect(nodeStatus.parse(spec(`nodename: cp-1\nnodeReady: true\n${annotations}`), 'cp-1')).toMatchObject({
    value: { annotations: { 'cluster.x-k8s.io/machine': 'cp-x', 'node.cluster.x-k8s.io/a': 'b' } },
  });
});

test.for([
  ['text, up to 1.12', '{quota-backend-bytes: "4294967296"}', { quotaBytes: 4_294_967_296 }],
  ['a list, from 1.13 on', '{quota-backend-bytes: ["4294967296"]}', { quotaBytes: 4_294_967_296 }],
  ['none', '{}', {}],
  ['no number', '{quota-backend-bytes: lots}', {}],
] as const)('the quota that etcd was given is read where it is %s', ([, extraArgs, expected]) => {
  expect(etcdSpec.parse(spec(`name: cp-1\nextraArgs: ${extraArgs}`), 'etcd')).toEqual({
    ok: true,
    value: { name: 'cp-1', ...expected },
  });
});

test.for([
  ['0s', 0],
  ['0', 0],
  ['1.5ms', 1.5],
  ['-12.25s', -12_250],
  ['1h2m3s', 3_723_000],
  ['250\u00b5s', 0.25],
  ['500ns', 0.0005],
  ['', undefined],
  ['1', undefined],
  ['5 s', undefined],
  ['1e9s', undefined],
] as const)('a duration as Go prints it: %s is %s ms', ([text, ms]) => {
  expect(goDurationMs(text)).toBe(ms);
});

test('the steering of a clock: an offset that cannot be read is not 0', () => {
  expect(adjtimeStatus.parse(spec('offset: -1.5ms\nsyncStatus: true\nstate: OK'), 'node')).toEqual({
    ok: true,
    value: { offsetMs: -1.5, isSynced: true, state: 'OK' },
  });
  expect(adjtimeStatus.parse(spec('offset: soon\nsyncStatus: true\nstate: OK'), 'node')).toMatchObject({
    value: { offsetMs: undefined },
  });
});
