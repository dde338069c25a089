import { describe, expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { failed, ok, PEERS, peer, refused, running } from './build-evidence.ts';
import { brief, top } from './diagnosed.ts';
import { expiredForAll, forwarded } from './ill-nodes.ts';

describe("Medic's own certificate", () => {
  test('has expired for certain when its date says so, and nothing is done to a node', () => {
    expect(brief(expiredForAll())).toEqual(['our_certificate_expired certain']);
    expect(top(expiredForAll())?.summary).toBe(
      "Medic's own certificate for this cluster ended at 2026-02-28 09:00 UTC, so cp-1, cp-2 and cp-3 refuse it; whether cp-1 is well cannot be seen.",
    );
    expect(top(expiredForAll())?.advice).toContain('Nothing is to be done on the nodes');
  });

  test('is called expired by everybody although it is not: a clock is wrong', () => {
    const evidence = expiredForAll('2027-01-01T00:00:00Z');
    expect(brief(evidence)).toEqual(['our_certificate_expired likely']);
    expect(top(evidence)?.summary).toBe(
      "cp-1, cp-2 and cp-3 call Medic's own certificate expired, which ends at 2027-01-01 00:00 UTC: a clock is wrong.",
    );
  });

  test('is not blamed for a node that alone calls it expired', () => {
    expect(brief({ ...expiredForAll('2027-01-01T00:00:00Z'), peers: PEERS })).toEqual(['unknown_cause possible']);
    expect(brief(refused('client_certificate_expired'))).toEqual(['unknown_cause possible']);
  });

  test('is less sure where its date is not known and nobody else answers', () => {
    const { ourCertificateEndsAt: _, ...reach } = expiredForAll().reach;
    expect(brief({ ...expiredForAll(), reach })).toEqual(['our_certificate_expired likely']);
    expect(brief({ ...expiredForAll(), reach, peers: [] })).toEqual(['our_certificate_expired possible']);
  });
});

describe('a node that only we do not reach', () => {
  test('is not called healthy: the way to it is blocked, for certain', () => {
    expect(brief(forwarded())).toEqual(['unreachable_from_here certain']);
    expect(top(forwarded())?.summary).toBe(
      'Medic does not reach cp-1 at 10.0.0.1 (connection_timeout), cp-2 does, and cp-1 is running and ready: the way from Medic to it is blocked.',
    );
    expect(top(forwarded())?.rulesOut.map(({ code }) => code)).toEqual(['node_silent', 'medic_cut_off']);
  });

  test.for<[what: string, readings: Readings, code: string, found: readonly string[]]>([
    [
      'its status cannot be read',
      { machineStatus: failed() },
      'no_route',
      ['unreachable_from_here likely', 'unknown_cause possible'],
    ],
    [
      'it refused us, which it may do while its API restarts',
      {},
      'connection_refused',
      ['unreachable_from_here likely'],
    ],
    [
      'it is ill itself, which is another matter',
      { machineStatus: ok({ stage: 'booting', ready: false, unmetConditions: [] }) },
      'no_route',
      ['unreachable_from_here likely', 'unknown_cause possible'],
    ],
  ])('is likely so where %s', ([, readings, code, found]) => {
    expect(brief(forwarded(readings, code))).toEqual(found);
  });

  test('looks at the MTU where connections begin and carry nothing', () => {
    expect(top(forwarded({}, 'handshake_timeout'))?.advice).toContain('MTU');
  });

  test('is nothing to say of a node that answers us', () => {
    expect(brief(running({}, { peers: [peer('cp-2')] }))).toEqual(['healthy certain']);
  });
});
