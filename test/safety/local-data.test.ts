import { expect, test } from 'vitest';
import { actionTraits } from '../../lib/actions/traits.ts';
import type { Readings } from '../../lib/evidence/evidence.ts';
import type { DiscoveredVolumeReading, VolumeReading } from '../../lib/evidence/values.ts';
import { localData, localDataLines } from '../../lib/safety/local-data.ts';
import { ALL_LABELS, failed, ok, partitions, running, STATE_UUID, stateVolume } from '../playbooks/build-evidence.ts';
import { answerOf, ask, reboot } from './facts.ts';

const GB = 1_000_000_000;
const disk = (id: string) => {
  return { id, devPath: `/dev/${id}`, model: '', serial: '', wwid: '', transport: '', sizeBytes: 480 * GB };
};
const volume = (id: string, location: string, sizeBytes = 100 * GB): VolumeReading => {
  return { ...stateVolume('ready', STATE_UUID), id, location, sizeBytes };
};
const found = (id: string, change: Partial<DiscoveredVolumeReading> = {}): DiscoveredVolumeReading => ({
  id,
  type: 'partition',
  devPath: `/dev/${id}`,
  parent: id.replace(/\d+$/, ''),
  name: 'xfs',
  partitionLabel: '',
  partitionUuid: '',
  sizeBytes: 50 * GB,
  ...change,
});
const system = partitions(ALL_LABELS);
const seen = (volumes: readonly VolumeReading[], discovered: readonly DiscoveredVolumeReading[] = []) => ({
  volumes: ok([stateVolume('ready', STATE_UUID), volume('EPHEMERAL', '/dev/sda5'), ...volumes]),
  discoveredVolumes: ok([...system, ...discovered]),
  disks: ok([disk('sda'), disk('sdb')]),
  systemDisk: ok({ diskId: 'sda', devPath: '/dev/sda' }),
});
const volumesOf = (readings: Readings) => {
  const data = localData({ readings });
  if (data.known === 'no') throw new Error(data.because);
  return data.volumes.map(({ name, kind, device, isErased }) => `${kind} ${name} ${device} ${isErased}`);
};

test('a node with nothing but its system has no local volumes', () => {
  expect(volumesOf(seen([]))).toEqual([]);
});

test.for([
  { id: 'u-data', kind: 'user volume data' },
  { id: 'r-osd', kind: 'raw volume osd' },
  { id: 'e-old', kind: 'existing volume old' },
  { id: 's-swap', kind: 'swap volume swap' },
  { id: 'x-share', kind: 'external volume share' },
])('$id stays on a partition of its own, and is named once', ({ id, kind }) => {
  const readings = seen([volume(id, '/dev/sda6')], [found('sda6', { partitionLabel: id })]);
  expect(volumesOf(readings)).toEqual([`${kind} /dev/sda6 false`]);
});

test('a volume that is a directory goes with EPHEMERAL', () => {
  expect(volumesOf(seen([volume('u-scratch', '')]))).toEqual(['user volume scratch  true']);
});

test('directories of Talos are its own; what has a partition since 1.14 stays and is named', () => {
  expect(volumesOf(seen([volume('/var/log', ''), volume('ETCD', '')]))).toEqual([]);
  expect(volumesOf(seen([volume('ETCD', '/dev/sda7')], [found('sda7', { partitionLabel: 'ETCD' })]))).toEqual([
    'system volume ETCD /dev/sda7 false',
  ]);
});

test.for<{ why: string; discovered: readonly DiscoveredVolumeReading[]; named: readonly string[] }>([
  {
    why: 'a partition on another disk, as machine.disks makes it',
    discovered: [found('sdb', { type: 'disk', parent: '', name: 'gpt' }), found('sdb1')],
    named: ['partition sdb1 (xfs) /dev/sdb1 false'],
  },
  {
    why: 'a partition of nobody on the system disk, without a format that anybody knows',
    discovered: [found('sda6', { partitionLabel: 'backup', name: '' })],
    named: ['partition backup (no format known) /dev/sda6 false'],
  },
  {
    why: 'a whole disk with a file system',
    discovered: [found('sdb', { type: 'disk', parent: '', name: 'luks' })],
    named: ['disk sdb (luks) /dev/sdb false'],
  },
  { why: 'an empty disk', discovered: [found('sdb', { type: 'disk', parent: '', name: '' })], named: [] },
  {
    why: 'a loop device of an extension',
    discovered: [found('loop0', { type: 'disk', parent: '', name: 'squashfs' })],
    named: [],
  },
])('$why', ({ discovered, named }) => {
  expect(volumesOf(seen([], discovered))).toEqual(named);
});

test('the lines of a plan say what goes and what stays, with sizes, and what Medic cannot know', () => {
  const data = localData({ readings: seen([volume('u-data', '/dev/sdb1', 1_234 * GB), volume('u-scratch', '')]) });
  if (data.known === 'no') throw new Error(data.because);
  expect(localDataLines(data.volumes)).toEqual([
    'Erased: everything under /var (images, logs, and what pods keep on the node: hostPath and local volumes).',
    'Which claims of Kubernetes live there is not known to Medic: ask who runs stateful workloads on this node.',
    'Volumes beside those of the system: 1 erased with EPHEMERAL, 1 stay.',
    'Erased: user volume scratch, a directory on EPHEMERAL.',
    'Stays: user volume data on /dev/sdb1 (1234 GB).',
  ]);
});

const reset = { ...actionTraits.reboot, wipes: ['EPHEMERAL' as const] };
test.for<{ why: string; change: Readings }>([
  { why: 'volumes', change: { volumes: failed() } },
  { why: 'partitions', change: { discoveredVolumes: failed() } },
  { why: 'disks', change: { disks: failed() } },
  { why: 'the system disk', change: { systemDisk: ok(null) } },
])('a wipe is refused while nobody knows of $why', ({ change }) => {
  const evidence = running({ ...seen([]), ...change });
  expect(ask('local_data', reboot({ action: reset, evidence }))).toBe('refused');
  expect(ask('local_data', reboot({ evidence }))).toBe('allowed'); // a reboot erases nothing
});

test('a wipe of a node whose volumes are known is allowed, and says how many there are', () => {
  const evidence = running(seen([volume('u-data', '/dev/sdb1')]));
  expect(answerOf('local_data', reboot({ action: reset, evidence }))).toMatchObject({
    answer: 'allowed',
    because: 'Volumes beside those of the system, named below: 1.',
  });
});
