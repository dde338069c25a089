import { describe, expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Order } from '../../lib/playbooks/finding.ts';
import {
  ALL_LABELS,
  facts,
  failed,
  inMaintenance,
  MEMBERS,
  ok,
  otherHardware,
  partitions,
  peer,
  SDA_ATTACHED,
  STATE_UUID,
  STATE_WENT_MISSING,
  stateVolume,
} from './build-evidence.ts';

const STATE_IS_BACK: Readings = {
  discoveredVolumes: ok(partitions(ALL_LABELS)),
  volumes: ok([stateVolume('ready', STATE_UUID)]),
};
const LATE = ok([STATE_WENT_MISSING, SDA_ATTACHED('2026-03-01T11:51:30Z')]);
const brief = (findings: ReturnType<typeof runPlaybooks>) =>
  findings.map(({ code, confidence, suggests }) => ({ code, confidence, suggests }));
const rulesOut = (findings: ReturnType<typeof runPlaybooks>) => findings[0]?.rulesOut.map(({ code }) => code);

describe('STATE was not found in time', () => {
  test('is likely on Talos 1.8, where no log can be read, and offers the stored config first', () => {
    const found = runPlaybooks(inMaintenance(STATE_IS_BACK), facts());
    expect(brief(found)).toEqual([
      { code: 'state_not_found_in_time', confidence: 'likely', suggests: ['restore_config', 'reboot'] },
    ]);
    expect(rulesOut(found)).toEqual([
      'reset_on_purpose',
      'state_missing',
      'system_disk_missing',
      'fresh_machine',
      'foreign_machine_in_maintenance',
      'certificate_problem',
    ]);
    expect(found[0]?.summary).toBe(
      'cp-1 is in maintenance mode although a STATE partition is there on /dev/sda: Talos most likely found the disk too late.',
    );
    expect(found[0]?.evidence[0]?.says).toContain(STATE_UUID);
    expect(found[0]?.advice).toContain('talos.device.settle_time=3m');
  });

  test('is certain when the kernel attached the disk after STATE went missing, and cites both times', () => {
    const found = runPlaybooks(inMaintenance({ ...STATE_IS_BACK, kernelLog: LATE }), facts());
    expect(brief(found)[0]).toMatchObject({ code: 'state_not_found_in_time', confidence: 'certain' });
    expect(found[0]?.evidence[1]?.says).toContain('2026-03-01T11:50:10Z');
    expect(found[0]?.evidence[1]?.says).toContain('2026-03-01T11:51:30Z');
  });

  test('reads the partition scan of an NVMe or SATA disk as well as the SCSI line', () => {
    const scan = { at: '2026-03-01T11:51:31Z', facility: 'kern', message: ' sda: sda1 sda2 sda3 sda4 sda5' };
    const kernelLog = ok([STATE_WENT_MISSING, scan]);
    expect(brief(runPlaybooks(inMaintenance({ ...STATE_IS_BACK, kernelLog }), facts()))[0]?.confidence).toBe('certain');
  });

  test('is only possible when the disk was attached before STATE went missing', () => {
    const kernelLog = ok([SDA_ATTACHED('2026-03-01T11:50:01Z'), STATE_WENT_MISSING]);
    const found = runPlaybooks(inMaintenance({ ...STATE_IS_BACK, kernelLog }), facts());
    expect(brief(found)[0]).toMatchObject({ code: 'state_not_found_in_time', confidence: 'possible' });
  });

  test('is not proven by another disk that came late', () => {
    const other = { at: '2026-03-01T11:51:30Z', facility: 'kern', message: 'sd 1:0:0:0: [sdb] Attached SCSI disk' };
    const kernelLog = ok([STATE_WENT_MISSING, other]);
    expect(brief(runPlaybooks(inMaintenance({ ...STATE_IS_BACK, kernelLog }), facts()))[0]?.confidence).toBe('likely');
  });

  test('is not certain when another Talos version booted than was known', () => {
    const version = ok({ tag: 'v1.12.0', platform: 'metal', mode: 'metal' });
    const found = runPlaybooks(inMaintenance({ ...STATE_IS_BACK, kernelLog: LATE, version }), facts());
    expect(brief(found)[0]?.confidence).toBe('likely');
  });

  test('is likely without a known partition UUID when the only STATE is on the known system disk', () => {
    const evidence = inMaintenance({ ...STATE_IS_BACK, kernelLog: LATE });
    expect(brief(runPlaybooks(evidence, facts({ statePartitionUuid: undefined })))[0]).toMatchObject({
      code: 'state_not_found_in_time',
      confidence: 'likely',
    });
  });

  test('is no more than possible on a machine that only one hardware fact names', () => {
    const evidence = inMaintenance({ ...STATE_IS_BACK, kernelLog: LATE, systemInformation: failed(), links: failed() });
    expect(brief(runPlaybooks(evidence, facts()))[0]).toMatchObject({
      code: 'state_not_found_in_time',
      confidence: 'possible',
    });
  });

  test('is not said of a STATE partition that is another one than before', () => {
    const discoveredVolumes = ok(partitions(ALL_LABELS, 'ffffffff-0000-4000-8000-00000000000b'));
    expect(brief(runPlaybooks(inMaintenance({ discoveredVolumes }), facts()))[0]).toEqual({
      code: 'unknown_cause',
      confidence: 'possible',
      suggests: [],
    });
  });

  test('is not said of a STATE that Talos found and could not open', () => {
    const volumes = ok([{ ...stateVolume('failed', STATE_UUID), errorMessage: 'encryption key rejected' }]);
    const found = runPlaybooks(inMaintenance({ ...STATE_IS_BACK, volumes }), facts());
    expect(found[0]?.code).toBe('unknown_cause');
    expect(found[0]?.evidence.map(({ says }) => says).join(' ')).toContain('encryption key rejected');
  });
});

describe('look-alikes in maintenance mode', () => {
  test('STATE is really missing: EPHEMERAL is there and the node is still an etcd member', () => {
    const discoveredVolumes = ok(partitions(['EFI', 'BOOT', 'META', 'EPHEMERAL']));
    const found = runPlaybooks(inMaintenance({ discoveredVolumes, volumes: ok([stateVolume('missing')]) }), facts());
    expect(brief(found)).toEqual([{ code: 'state_missing', confidence: 'certain', suggests: ['restore_config'] }]);
    expect(rulesOut(found)).toContain('reset_on_purpose');
    expect(rulesOut(found)).toContain('state_not_found_in_time');
  });

  test('a reset: STATE and EPHEMERAL are gone and the member left etcd, so that nothing is offered', () => {
    const peers = [peer('cp-2', { members: ok([]), etcdMembers: ok(MEMBERS.slice(1)) })];
    const evidence = inMaintenance({ discoveredVolumes: ok(partitions(['EFI', 'BOOT', 'META'])) }, { peers });
    const found = runPlaybooks(evidence, facts());
    expect(brief(found)).toEqual([{ code: 'reset_on_purpose', confidence: 'certain', suggests: [] }]);
    expect(found[0]?.advice).toContain('somebody wanted this machine empty');
  });

  test('a reset that did not leave etcd is only likely', () => {
    const evidence = inMaintenance({ discoveredVolumes: ok(partitions(['EFI', 'BOOT', 'META'])) });
    expect(brief(runPlaybooks(evidence, facts()))).toEqual([
      { code: 'reset_on_purpose', confidence: 'likely', suggests: [] },
    ]);
  });

  test('a worker is not taken for reset because etcd does not list it', () => {
    const peers = [peer('cp-2', { etcdMembers: ok(MEMBERS.slice(1)) })];
    const evidence = inMaintenance({ discoveredVolumes: ok(partitions(['EFI', 'META', 'EPHEMERAL'])) }, { peers });
    expect(brief(runPlaybooks(evidence, facts({ role: 'worker' })))[0]?.code).toBe('state_missing');
  });

  test('a reset that the audit trail knows of names who did it, one from before the node was last seen does not', () => {
    const evidence = inMaintenance({ discoveredVolumes: ok(partitions(['META', 'EPHEMERAL'])) });
    const reset: Order = {
      node: 'cp-1',
      action: 'reset_state_and_ephemeral',
      at: '2026-03-01T11:00:00.000Z',
      by: 'U123',
    };
    const found = runPlaybooks(evidence, { ...facts(), ordered: [reset] });
    expect(brief(found)[0]).toEqual({ code: 'reset_on_purpose', confidence: 'certain', suggests: ['restore_config'] });
    expect(found[0]?.summary).toContain('by U123');
    const old = { ...reset, at: '2026-02-01T00:00:00.000Z' };
    const other = { ...reset, node: 'cp-2' };
    const reboot: Order = { ...reset, action: 'reboot' };
    for (const unrelated of [old, other, reboot]) {
      expect(brief(runPlaybooks(evidence, { ...facts(), ordered: [unrelated] }))[0]?.code).toBe('state_missing');
    }
  });

  test('a fresh machine: no partition of Talos on the known disk', () => {
    const evidence = inMaintenance({ discoveredVolumes: ok(partitions([])), systemDisk: ok(null) });
    expect(brief(runPlaybooks(evidence, facts()))).toEqual([
      { code: 'fresh_machine', confidence: 'certain', suggests: [] },
    ]);
    expect(brief(runPlaybooks(evidence, { inventory: undefined, ordered: [] }))).toEqual([
      { code: 'fresh_machine', confidence: 'likely', suggests: [] },
    ]);
  });

  test('the system disk is not there: no talk of a fresh machine', () => {
    const evidence = inMaintenance({
      discoveredVolumes: ok([]),
      disks: ok([
        {
          id: 'nvme0n1',
          devPath: '/dev/nvme0n1',
          model: 'Data',
          serial: '',
          wwid: 'eui.01',
          transport: 'nvme',
          sizeBytes: 9,
        },
      ]),
      systemDisk: ok(null),
    });
    const found = runPlaybooks(evidence, facts());
    expect(brief(found)).toEqual([{ code: 'system_disk_missing', confidence: 'certain', suggests: [] }]);
    expect(found[0]?.summary).toContain('nvme0n1 (Data)');
  });

  test('another machine at the address never gets the config, whatever its disk looks like', () => {
    const found = runPlaybooks(inMaintenance({ ...STATE_IS_BACK, ...otherHardware, kernelLog: LATE }), facts());
    expect(brief(found)).toEqual([{ code: 'foreign_machine_in_maintenance', confidence: 'certain', suggests: [] }]);
  });

  test('a node that leaves maintenance mode right now is not judged by it', () => {
    const machineStatus = ok({ stage: 'booting' as const, ready: false, unmetConditions: [] });
    expect(runPlaybooks(inMaintenance({ ...STATE_IS_BACK, machineStatus }), facts())[0]?.code).toBe('unknown_cause');
  });

  test('is never called a certificate problem', () => {
    const found = runPlaybooks(inMaintenance(STATE_IS_BACK), facts());
    expect(found[0]?.summary.toLowerCase()).not.toContain('certificate');
    expect(rulesOut(found)).toContain('certificate_problem');
  });
});
