import { describe, expect, test } from 'vitest';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
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
    const alone = { ...expiredForAll('2027-01-01T00:00:00Z'), peers: PEERS };
    expect(brief(alone)).toEqual(['clock_wrong likely']);
    expect(top(alone)?.summary).toBe(
      "cp-1 calls Medic's certificate expired, which is good until 2027-01-01 00:00 UTC: the clock of cp-1 runs ahead.",
    );
    expect(top(alone)?.rulesOut.map(({ code }) => code)).toContain('our_certificate_expired');
    expect(brief(refused('client_certificate_expired'))).toEqual(['clock_wrong possible']);
  });

  test('is less sure where its date is not known and nobody else answers', () => {
    const { ourCertificateEndsAt: _, ...reach } = expiredForAll().reach;
    expect(brief({ ...expiredForAll(), reach })).toEqual(['our_certificate_expired likely']);
    expect(brief({ ...expiredForAll(), reach, peers: [] })).toEqual(['our_certificate_expired possible']);
  });
});

const failing = (code: string) =>
  ['cp-2', 'cp-3'].map((name) => {
    const error = failed<never>(code);
    return peer(name, { members: error, etcdMembers: error, etcdStatus: error, machineStatus: error });
  });

describe('what keeps Medic from asking a node is told apart, and no node is touched for it', () => {
  test.for<[what: string, evidence: Evidence, found: string, summary: string]>([
    [
      'a talosconfig of before the CA was rotated, or of another cluster',
      { ...refused('client_certificate_required'), peers: failing('unknown_authority') },
      'our_access_refused likely',
      "The certificates of cp-1, cp-2 and cp-3 are not from the CA in Medic's talosconfig; whether cp-1 is well cannot be seen.",
    ],
    [
      'a client certificate that nobody takes',
      { ...refused('client_certificate_refused', true), peers: failing('client_certificate_refused') },
      'our_access_refused likely',
      "cp-1, cp-2 and cp-3 refuse Medic's own certificate, and not because it is too old; whether cp-1 is well cannot be seen.",
    ],
    [
      'a client certificate that one node does not take',
      refused('client_certificate_refused', true),
      'our_access_refused possible',
      "cp-1 refuses Medic's own certificate, and not because it is too old; whether cp-1 is well cannot be seen, while cp-2 and cp-3 answer.",
    ],
    [
      'a role that may not read',
      { ...refused('permission_denied', true), peers: failing('permission_denied') },
      'our_access_refused certain',
      "cp-1, cp-2 and cp-3 know Medic's certificate, but its role does not allow to read; whether cp-1 is well cannot be seen.",
    ],
    [
      'a setting of our own',
      { ...refused('address_not_allowed'), peers: [] },
      'our_access_refused certain',
      "Medic's own settings do not allow it to dial cp-1; whether cp-1 is well cannot be seen.",
    ],
    [
      'an address that the certificate does not name',
      refused('wrong_server_name', true),
      'address_not_in_certificate certain',
      'Medic cannot ask cp-1 under 10.0.0.1, because the certificate of cp-1 does not name that address; whether it is well cannot be seen.',
    ],
    [
      'a certificate that is over, while those of others are good',
      shown('2026-02-27T10:00:00.000Z', '2026-02-28T10:00:00.000Z'),
      'clock_wrong likely',
      'The certificate of cp-1 ended at 2026-02-28 10:00 UTC: its clock is wrong, or it has got no new one; whether it is well cannot be seen.',
    ],
    [
      'a certificate of tomorrow',
      shown('2026-03-02T10:00:00.000Z', '2026-03-03T10:00:00.000Z'),
      'clock_wrong likely',
      'The certificate of cp-1 begins only at 2026-03-02 10:00 UTC: its clock runs ahead; whether it is well cannot be seen.',
    ],
    [
      'our own clock',
      {
        ...shown('2026-02-27T10:00:00.000Z', '2026-02-28T10:00:00.000Z'),
        peers: failing('server_certificate_expired'),
      },
      'clock_wrong likely',
      "The certificates of cp-1, cp-2 and cp-3 are all out of date by Medic's clock (2026-03-01 12:00 UTC): that clock is wrong.",
    ],
  ])('%s', ([, evidence, found, summary]) => {
    expect(brief(evidence)).toEqual([found]);
    expect(top(evidence)?.summary).toBe(summary);
    expect(top(evidence)?.suggests).toEqual([]);
  });

  function shown(validFrom: string, validTo: string): Evidence {
    const evidence = refused('server_certificate_expired', true);
    const { certificate, ...reach } = evidence.reach;
    if (certificate === undefined) throw new Error('no certificate');
    return { ...evidence, reach: { ...reach, certificate: { ...certificate, validFrom, validTo } } };
  }

  test('a foreign certificate at one address stays a foreign node', () => {
    expect(brief(refused('unknown_authority'))).toEqual(['foreign_node_at_address possible']);
    expect(brief({ ...refused('unknown_authority'), peers: [] })).toEqual(['foreign_node_at_address possible']);
  });

  test('the name that is missing is shown as a patch', () => {
    expect(top(refused('wrong_server_name', true))?.advice).toMatch(
      / Patch: \{machine: \{certSANs: \["10\.0\.0\.1"\]\}\}$/,
    );
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
