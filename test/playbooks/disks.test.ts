import { describe, expect, test } from 'vitest';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import type { KernelLine } from '../../lib/evidence/values.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import {
  ALL_LABELS,
  etcdStatus,
  facts,
  failed,
  hardware,
  kernel,
  ok,
  partitions,
  running,
  STATE_UUID,
  stateVolume,
} from './build-evidence.ts';
import { brief, top } from './diagnosed.ts';
import {
  damagedVar,
  deadDisk,
  fullVar,
  LSN,
  mounts,
  NOT_MOUNTED,
  smallVar,
  volumes,
  WRITE_FAILED,
} from './ill-nodes.ts';

describe('the system disk falls off its bus', () => {
  test('is certain when the kernel gave it up, and never suggests a reboot that hangs', () => {
    expect(brief(deadDisk())).toEqual(['system_disk_failed certain']);
    const leads = ok({ ...etcdStatus('1001'), leader: '1001' });
    expect(brief(deadDisk({ etcdStatus: leads }))).toEqual(['system_disk_failed certain forfeit_etcd_leadership']);
    expect(top(deadDisk())?.summary).toBe(
      'The system disk sda of cp-1 has been failing since 2026-03-01 11:40 UTC: the kernel gave it up, it is no longer among the disks, 1 read or write failed; not up: etcd.',
    );
    expect(top(deadDisk())?.advice).toContain('a graceful reboot hangs');
    expect(top(deadDisk())?.advice).toContain('etcd member was removed');
  });

  test.for<[what: string, less: Readings, found: string]>([
    ['the disks cannot be read', { disks: failed() }, 'certain'],
    ['the kernel log cannot be read', { kernelLog: failed() }, 'likely'],
    ['one write failed, and no more is known', { disks: failed(), kernelLog: ok([WRITE_FAILED]) }, 'possible'],
    [
      'writes fail again and again',
      { disks: failed(), kernelLog: ok([WRITE_FAILED, WRITE_FAILED, WRITE_FAILED]) },
      'likely',
    ],
  ])('where %s it is as sure as what is left', ([, less, confidence]) => {
    expect(runPlaybooks(deadDisk(less), facts()).find(({ code }) => code === 'system_disk_failed')?.confidence).toBe(
      confidence,
    );
  });

  test('names the NVMe drive by its controller', () => {
    const nvme = [
      kernel('2026-03-01T11:40:00Z', 'nvme nvme1: Device not ready; aborting reset, CSTS=0x1'),
      kernel('2026-03-01T11:40:00Z', 'nvme nvme1: Disabling device after reset failure: -19'),
    ];
    const on = ok([{ ...stateVolume('ready', STATE_UUID), parentLocation: '/dev/nvme1n1' }]);
    expect(top(deadDisk({ volumes: on, kernelLog: ok(nvme) }))?.summary).toContain('The system disk nvme1n1 of cp-1');
    const other = ok([{ ...stateVolume('ready', STATE_UUID), parentLocation: '/dev/nvme11n1' }]);
    expect(brief(deadDisk({ volumes: other, kernelLog: ok(nvme), disks: failed() }))[0]).toBe('unknown_cause possible');
  });

  test('is not gone where another reading shows it, as with a RAID that is listed as no disk', () => {
    const md = ok([{ ...stateVolume('ready', STATE_UUID), parentLocation: '/dev/md0' }]);
    const array = partitions(ALL_LABELS).map((one) => ({
      ...one,
      devPath: one.type === 'disk' ? '/dev/md0' : one.devPath,
    }));
    expect(brief(running({ volumes: md, discoveredVolumes: ok(array) }))).toEqual(['healthy certain']);
    expect(brief(running({ volumes: md, systemDisk: ok({ diskId: 'md0', devPath: '/dev/md0' }) }))).toEqual([
      'healthy certain',
    ]);
  });

  test.for<[what: string, line: KernelLine]>([
    ['a data disk', kernel('2026-03-01T11:40:01Z', 'I/O error, dev sdb, sector 8 op 0x0:(READ) flags 0x0')],
    ['a disk whose name begins alike', kernel('2026-03-01T11:40:01Z', 'I/O error, dev sdaa, sector 8 op 0x0:(READ)')],
    ['a program that writes to the kernel log', { ...WRITE_FAILED, facility: 'user' }],
  ])('is not what %s says', ([, line]) => {
    expect(brief(running({ volumes, kernelLog: ok([line, line, line]) }))).toEqual(['healthy certain']);
  });
});

describe('the file system of /var', () => {
  test('is damaged for certain when the kernel says so and /var is not there; nobody may power cycle meanwhile', () => {
    expect(brief(damagedVar())[0]).toBe('ephemeral_corrupt certain reset_ephemeral');
    expect(top(damagedVar())?.summary).toBe(
      'The file system of /var (EPHEMERAL on sda5) of cp-1 is damaged and does not mount; Talos has been repairing it since 2026-03-01 11:50 UTC.',
    );
    expect(top(damagedVar())?.advice).toMatch(/^Do not power cycle or reboot it while the repair runs/);
    expect(top(damagedVar())?.advice).toContain('loses etcd on this node');
    expect(top(damagedVar())?.rulesOut.map(({ code }) => code)).toEqual(['system_disk_failed']);
  });

  test('shows the repair by its process where no task is logged, as from Talos 1.10 on', () => {
    const process = { pid: 812, command: 'xfs_repair', state: 'D', cpuTimeS: 40, residentBytes: 9_000_000 };
    const finding = top(damagedVar({ kernelLog: ok([LSN, NOT_MOUNTED]), processes: ok([process]) }));
    expect(finding?.evidence.map(({ says }) => says)).toContain('xfs_repair runs (process 812).');
  });

  test.for<[what: string, less: Readings, found: string]>([
    ['mounts cannot be read', { mounts: failed() }, 'ephemeral_corrupt likely reset_ephemeral'],
    [
      'nothing says which partition EPHEMERAL is',
      { volumes: failed(), discoveredVolumes: failed() },
      'ephemeral_corrupt likely reset_ephemeral',
    ],
    ['the kernel log cannot be read', { kernelLog: failed() }, 'unknown_cause possible'],
  ])('is less sure where %s', ([, less, found]) => {
    expect(brief(damagedVar(less))[0]).toBe(found);
  });

  test('that is encrypted shows up under a mapped name', () => {
    const luks = partitions(ALL_LABELS).map((one) =>
      one.partitionLabel === 'EPHEMERAL' ? { ...one, name: 'luks' } : one,
    );
    const line = kernel('2026-03-01T11:50:11Z', 'XFS (dm-1): log mount failed');
    const mapped = { kernelLog: ok([line]), discoveredVolumes: ok(luks) };
    expect(brief(damagedVar(mapped))[0]).toBe('ephemeral_corrupt likely reset_ephemeral');
    expect(brief(damagedVar({ kernelLog: ok([line]) }))[0]).toBe('unknown_cause possible');
  });

  test('was repaired when /var is mounted now', () => {
    expect(brief(running({ volumes, mounts: mounts(1_000, 900), kernelLog: ok([LSN, NOT_MOUNTED]) }))).toEqual([
      'healthy certain',
    ]);
  });

  test('may only show the trace of a disk that fails', () => {
    const write = kernel('2026-03-01T11:50:10Z', 'I/O error, dev sda, sector 8 op 0x1:(WRITE)');
    const found = brief(damagedVar({ kernelLog: ok([write, write, write, LSN, NOT_MOUNTED]), disks: ok([]) }));
    expect(found.slice(0, 2)).toEqual(['system_disk_failed likely', 'ephemeral_corrupt possible reset_ephemeral']);
  });

  test('of another partition is another matter', () => {
    const line = kernel('2026-03-01T11:50:11Z', 'XFS (sdb1): log mount failed');
    expect(brief(running({ ...hardware, volumes, kernelLog: ok([line]) }))).toEqual(['healthy certain']);
  });
});

describe('/var is nearly full', () => {
  test('although the disk has room: EPHEMERAL did not grow', () => {
    expect(brief(smallVar())).toEqual(['ephemeral_not_grown likely apply_config']);
    expect(top(smallVar())?.summary).toBe(
      '/var of cp-1 is nearly full (0.4 GiB of 8.0 GiB left), although 91.6 GiB of its disk sda belong to no partition: EPHEMERAL did not grow.',
    );
    expect(top(smallVar())?.advice).toContain('provisioning.grow: true');
  });

  test('and the disk as well: names what fills it, and never a wipe to make room', () => {
    expect(brief(fullVar())).toEqual(['ephemeral_full certain']);
    expect(top(fullVar())?.summary).toBe(
      '/var of cp-1 is nearly full: 4.9 GiB of 98.0 GiB (5 %) are left; most is in /var/lib/containerd, /var/lib/kubelet and /var/log.',
    );
    expect(top(fullVar())?.suggests).toEqual([]);
  });

  const GIB = 1024 ** 3;
  test.for<[what: string, evidence: Evidence, found: string]>([
    [
      'nothing shows that the table is too short',
      smallVar({ kernelLog: ok([]) }),
      'ephemeral_not_grown possible apply_config',
    ],
    ['the disks cannot be read, so that there may be room', smallVar({ disks: failed() }), 'ephemeral_full likely'],
    ['the partitions cannot be read', fullVar({ discoveredVolumes: failed() }), 'ephemeral_full likely'],
    ['what fills it cannot be read', fullVar({ diskUsage: failed() }), 'ephemeral_full certain'],
    ['15 % are left', fullVar({ mounts: mounts(100 * GIB, 15 * GIB) }), 'healthy certain'],
    ['a small EPHEMERAL has room', smallVar({ mounts: mounts(8 * GIB, 4 * GIB) }), 'healthy certain'],
    ['it cannot be asked', fullVar({ mounts: failed() }), 'healthy likely'],
  ])('says what is left to say when %s', ([, evidence, found]) => {
    expect(brief(evidence)).toEqual([found]);
  });
});
