import { describe, expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import { ALL_LABELS, facts, failed, inMaintenance, ok, partitions, STATE_UUID, stateVolume } from './build-evidence.ts';
import { brief, top } from './diagnosed.ts';
import { EPHEMERAL, KMS, MISMATCH, withoutEphemeral } from './ill-nodes.ts';

describe('a volume that no key opens', () => {
  test('is certain from its status, says since when, and a reboot asks the key service again', () => {
    expect(brief(withoutEphemeral(KMS))).toEqual(['volume_locked certain reboot', 'node_rebooted certain']);
    expect(top(withoutEphemeral(KMS))?.summary).toBe(
      'The encrypted volume EPHEMERAL of cp-1 is locked since 2026-03-01 11:50 UTC: error opening encrypted volume: failed to get key for slot 0: context deadline….',
    );
  });

  test('is likely where only the log of this boot tells', () => {
    expect(brief(withoutEphemeral(KMS, { volumes: failed() }))[0]).toBe('volume_locked likely reboot');
  });

  test('is not known where neither can be read', () => {
    const evidence = withoutEphemeral(KMS, { volumes: failed(), kernelLog: failed() });
    expect(brief(evidence)[0]).toBe('unknown_cause possible');
  });

  test('does not count what the log says of a volume that opened after all', () => {
    const volumes = ok([stateVolume('ready', STATE_UUID), EPHEMERAL]);
    expect(brief(withoutEphemeral(KMS, { volumes }))[0]).toBe('unknown_cause possible');
  });

  test.for([
    ['failed to extend PCR 11: TPM error', 'Look what changed for the TPM'],
    ['error opening encrypted volume: no key matched any key slot', 'a reboot alone does not change the answer'],
  ])('suggests no reboot for "%s", which would fail alike', ([error, advice]) => {
    const finding = top(withoutEphemeral(error ?? ''));
    expect(finding).toMatchObject({ code: 'volume_locked', suggests: [] });
    expect(finding?.advice).toContain(advice);
    expect(finding?.advice).toContain('Do not wipe the volume');
  });

  test('is not what an error of the file system is', () => {
    expect(brief(withoutEphemeral('error mounting: invalid argument'))[0]).toBe('volume_failed certain');
  });
});

describe('encryption of a volume that is there', () => {
  test('is certain when status and partition agree, and the config before is the remedy', () => {
    const evidence = withoutEphemeral(MISMATCH);
    expect(brief(evidence)).toEqual(['encryption_of_existing_volume certain apply_config', 'node_rebooted certain']);
    expect(top(evidence)?.summary).toBe(
      'The machine config of cp-1 asks for encryption of EPHEMERAL, which is there without it (xfs), so cp-1 does not get past its boot.',
    );
    expect(top(evidence)?.advice).toContain('a reboot alone meets the same config again');
  });

  test.for<[what: string, less: Readings]>([
    ['the partitions cannot be read', { discoveredVolumes: failed() }],
    ['only the log tells', { volumes: failed() }],
  ])('is likely where %s', ([, less]) => {
    expect(brief(withoutEphemeral(MISMATCH, less))[0]).toBe('encryption_of_existing_volume likely apply_config');
  });

  test('is seen the other way round as well', () => {
    const evidence = withoutEphemeral('filesystem type mismatch: luks != xfs');
    expect(top(evidence)?.summary).toContain('asks for no encryption of EPHEMERAL, which is there with it (luks)');
    expect(top(evidence)?.confidence).toBe('likely'); // the partition says xfs
  });

  test('is no mismatch of two plain file systems', () => {
    expect(brief(withoutEphemeral('filesystem type mismatch: ext4 != xfs'))[0]).toBe('unknown_cause possible');
  });
});

describe('a volume that fails for another reason', () => {
  const NO_ROOM = 'not enough space to create partition EPHEMERAL';
  const broken = (id: string, errorMessage: string): Readings => ({
    volumes: ok([{ ...stateVolume('failed'), id, errorMessage }]),
  });

  test('is told in the words of Talos, and nothing is wiped for it', () => {
    const [found, ...others] = runPlaybooks(withoutEphemeral(NO_ROOM), facts());
    expect(found).toMatchObject({ code: 'volume_failed', confidence: 'certain', severity: 'critical', suggests: [] });
    expect(found?.summary).toMatch(
      /^The volume EPHEMERAL of cp-1 cannot be used.*: not enough space to create partition EPHEMERAL\.$/,
    );
    expect(others.map(({ code }) => code)).not.toContain('unknown_cause');
  });

  test('STATE that cannot be read in maintenance mode is neither missing nor late', () => {
    const evidence = inMaintenance({
      discoveredVolumes: ok(partitions(ALL_LABELS)),
      ...broken('STATE', 'unexpected EOF'),
    });
    expect(runPlaybooks(evidence, facts()).map(({ code, confidence }) => `${code} ${confidence}`)).toEqual([
      'volume_failed certain',
    ]);
  });

  test.for([
    ['a key', KMS, 'volume_locked'],
    ['a format', MISMATCH, 'encryption_of_existing_volume'],
  ] as const)('%s is another finding', ([, error, code]) => {
    const found = runPlaybooks(withoutEphemeral(error), facts()).map((finding) => finding.code);
    expect(found).toContain(code);
    expect(found).not.toContain('volume_failed');
  });
});
