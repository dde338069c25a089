import fc from 'fast-check';
import { expect, test } from 'vitest';
import { discoveredVolume, disk, volumeStatus } from '../../lib/talos/resources/block.ts';
import { etcdLocalMember, member } from '../../lib/talos/resources/cluster.ts';
import { hostnameSpec, linkStatus } from '../../lib/talos/resources/network.ts';
import { machineStatus, machineType, systemInformation, talosVersion } from '../../lib/talos/resources/runtime.ts';
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
  for (const text of ['['.repeat(100_000), '- '.repeat(60_000), '? '.repeat(60_000), '{a: '.repeat(30_000)]) {
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
