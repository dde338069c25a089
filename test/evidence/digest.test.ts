import { expect, test } from 'vitest';
import { type Boot, sameBoot } from '../../lib/evidence/boot.ts';
import { decisiveFacts, evidenceDigest } from '../../lib/evidence/digest.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import type { InventoryEntry } from '../../lib/inventory/entry.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import {
  BOOT_S,
  etcdStatus,
  failed,
  inMaintenance,
  inventory,
  MEMBERS,
  ok,
  running,
} from '../playbooks/build-evidence.ts';

function digest(evidence: Evidence, known: InventoryEntry | undefined = inventory): string {
  const findings = runPlaybooks(evidence, { inventory: known, ordered: [] });
  return evidenceDigest(decisiveFacts(evidence, findings, known));
}
const before = digest(running());

test('a plan stays valid when only time, sizes, raft indexes, log lines or the leader moved', () => {
  const later = running(
    {
      etcdStatus: ok({ ...etcdStatus('1001'), dbBytes: 99, raftIndex: '77', leader: '1003' }),
      kernelLog: ok([{ at: undefined, facility: 'kern', message: 'noise' }]),
      systemStat: ok({ bootTimeS: (inventory.boots[0]?.bootTimeS ?? 0) + 29 }),
    },
    { collectedAt: '2026-03-01T12:04:00.000Z', tookMs: 900 },
  );
  expect(digest(later)).toBe(before);
});

test('one hardware fact that could not be read this time voids nothing while two others agree', () => {
  expect(digest(running({ links: failed() }))).toBe(before);
});

test.each<readonly [string, Evidence]>([
  ['the node booted again', running({ systemStat: ok({ bootTimeS: BOOT_S }) })],
  ['another stage', running({ machineStatus: ok({ stage: 'rebooting', ready: true, unmetConditions: [] }) })],
  ['another version', running({ version: ok({ tag: 'v1.13.3', platform: 'metal', mode: 'metal' }) })],
  ['a member left etcd', running({ etcdMembers: ok(MEMBERS.slice(0, 2)) }, { peers: [] })],
  ['etcd lost its leader', running({ etcdStatus: ok({ ...etcdStatus('1001'), leader: '0' }) })],
  ['the machine is not proven any more', running({ systemInformation: failed(), disks: failed() })],
  ['another node', running({}, { node: 'cp-2' })],
])('a plan is void when %s', (_what, evidence) => {
  expect(digest(evidence)).not.toBe(before);
});

test('in maintenance mode the key of the boot is decisive', () => {
  const evidence = inMaintenance({});
  const { certificate } = evidence.reach;
  const other = certificate && { ...evidence.reach, certificate: { ...certificate, spki: 'other' } };
  expect(digest(evidence)).toBe(digest(inMaintenance({})));
  expect(digest({ ...evidence, ...(other && { reach: other }) })).not.toBe(digest(evidence));
});

test('is the SHA-256 of the canonical JSON, in hex', () => {
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  const facts = decisiveFacts(running(), [], inventory);
  const turned = Object.fromEntries(Object.entries(facts).toReversed());
  expect(evidenceDigest({ ...facts, ...turned })).toBe(evidenceDigest(facts));
});

const boot = (change: Partial<Boot>): Boot => ({ bootId: undefined, spki: undefined, bootTimeS: undefined, ...change });
test.each<readonly [Partial<Boot>, Partial<Boot>, boolean | undefined]>([
  [{ bootId: 'a', bootTimeS: 1 }, { bootId: 'a', bootTimeS: 999 }, true],
  [{ bootId: 'a', bootTimeS: 1 }, { bootId: 'b', bootTimeS: 1 }, false],
  [{ bootTimeS: 1000 }, { bootTimeS: 1030 }, true],
  [{ bootTimeS: 1000 }, { bootTimeS: 1031 }, false],
  [{ bootId: 'a', bootTimeS: 1000 }, { bootTimeS: 1000 }, true],
  [{ spki: 'x' }, { spki: 'x' }, true],
  [{ spki: 'x' }, { spki: 'y' }, false],
  [{ spki: 'x' }, { bootTimeS: 1000 }, undefined],
  [{}, {}, undefined],
])('boots %j and %j: the same is %s', (a, b, expected) => {
  expect(sameBoot(boot(a), boot(b))).toBe(expected);
});
