import { expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import { AT, BOOT_S, evidence, facts, failed, ok, running } from './build-evidence.ts';

const MINUTE_S = 60;
const AT_S = Date.parse(AT) / 1000;
const unconfirmed = (readings: Readings = {}) =>
  running({
    metaKeys: ok(['0x06', '0x0a']),
    systemStat: ok({ bootTimeS: AT_S - 25 * MINUTE_S }),
    machineStatus: ok({
      stage: 'booting',
      ready: false,
      unmetConditions: [{ name: 'services', reason: 'kubelet not running' }],
    }),
    ...readings,
  });
const found = (code: string, seen: Parameters<typeof runPlaybooks>[0]) =>
  runPlaybooks(seen, facts()).find((finding) => finding.code === code);

test('an upgrade that never became ready: certain, with the time at which it falls back', () => {
  const finding = found('upgrade_not_confirmed', unconfirmed());
  expect(finding).toMatchObject({ severity: 'warning', confidence: 'certain', suggests: [] });
  // booted 11:35, and the boot sequence waits for 70 minutes
  expect(finding?.summary).toBe(
    'The upgrade of cp-1 to v1.13.2 is not confirmed, because it has not been ready since its boot: Talos waits for services: kubelet not running; it falls back to the old version at about 2026-03-01T12:45:00.000Z.',
  );
});

test.for<{ why: string; readings: Readings }>([
  { why: 'no key', readings: { metaKeys: ok(['0x0a']) } },
  { why: 'META was not read', readings: { metaKeys: failed() } },
  { why: 'it booted nine minutes ago', readings: { systemStat: ok({ bootTimeS: AT_S - 9 * MINUTE_S }) } },
  { why: 'when it booted was not read', readings: { systemStat: failed() } },
  { why: 'how far it is was not read', readings: { machineStatus: failed() } },
  {
    why: 'it upgrades right now',
    readings: { machineStatus: ok({ stage: 'upgrading', ready: false, unmetConditions: [] }) },
  },
])('nothing is said of the upgrade: $why', ({ readings }) => {
  expect(found('upgrade_not_confirmed', unconfirmed(readings))).toBeUndefined();
});

test('a node that is ready all the same is well, and the key is told as information', () => {
  const seen = unconfirmed({ machineStatus: ok({ stage: 'running', ready: true, unmetConditions: [] }) });
  expect(found('upgrade_not_confirmed', seen)).toMatchObject({ severity: 'info' });
  expect(found('upgrade_not_confirmed', seen)?.summary).toContain('a boot that fails takes it back');
  expect(BOOT_S).toBeLessThan(AT_S);
});

const shown = (validFrom: string, validTo: string, readings: Readings = {}) => {
  const { reach } = evidence();
  const certificate = { ...(reach.certificate ?? never()), validFrom, validTo };
  return running(
    { timeStatus: ok({ synced: true, syncDisabled: false }), ...readings },
    { reach: { ...reach, certificate } },
  );
};
function never(): never {
  throw new Error('the evidence shows no certificate');
}
const LATE = ['2026-02-28T17:00:00.000Z', '2026-03-01T17:00:00.000Z'] as const;

test('a day-long certificate with five hours left was not renewed at half of its life', () => {
  const finding = found('node_certificate_not_renewed', shown(...LATE));
  expect(finding).toMatchObject({ severity: 'warning', confidence: 'likely' });
  expect(finding?.summary).toContain('ends at 2026-03-01T17:00:00.000Z, in 5 h');
});

test('with a clock that is not set, or not known, it may be the clock', () => {
  for (const timeStatus of [ok({ synced: false, syncDisabled: false }), failed<never>()]) {
    expect(found('node_certificate_not_renewed', shown(...LATE, { timeStatus }))).toMatchObject({
      confidence: 'possible',
    });
  }
});

test.for([
  { why: 'seven hours are left', from: '2026-02-28T19:00:00.000Z', to: '2026-03-01T19:00:00.000Z' },
  {
    why: 'it lives for a year: another hand issued it',
    from: '2025-03-01T17:00:00.000Z',
    to: '2026-03-01T17:00:00.000Z',
  },
  { why: 'it names no time', from: '', to: '' },
])('nothing is said of the certificate: $why', ({ from, to }) => {
  expect(found('node_certificate_not_renewed', shown(from, to))).toBeUndefined();
});
