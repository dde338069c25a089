import { expect, test } from 'vitest';
import {
  compareFindings,
  isWorthOpening,
  type PatrolGroup,
  type Seen,
  toldBy,
} from '../../lib/incidents/patrol-report.ts';
import type { Finding } from '../../lib/playbooks/finding.ts';

const finding = (code: string, change: Partial<Finding> = {}): Finding => ({
  code,
  severity: 'warning',
  confidence: 'certain',
  summary: `${code} is there`,
  evidence: [{ reading: 'extensions', says: 'a layer' }],
  suggests: [],
  rulesOut: [],
  ...change,
});
const seen = (node: string, findings: readonly Finding[], change: Partial<Seen> = {}): Seen => ({
  node,
  readable: ['extensions', 'services'],
  findings,
  hasIncident: false,
  ...change,
});
const twice = finding('duplicate_extensions');
const waits = finding('service_waits_forever', {
  severity: 'critical',
  evidence: [{ reading: 'services', says: 'it waits' }],
});
const first = compareFindings(
  [],
  [seen('w-1', [twice]), seen('w-10', [twice]), seen('w-2', [twice, waits])],
  ['w-1', 'w-2', 'w-10'],
);
const codes = (groups: readonly PatrolGroup[]) => groups.map(({ code, nodes }) => `${code}: ${nodes.join(' ')}`);

test('one group per kind, the gravest first, nodes in the order of people', () => {
  expect(codes(first.groups)).toEqual(['service_waits_forever: w-2', 'duplicate_extensions: w-1 w-2 w-10']);
  expect(first.fresh).toHaveLength(4);
  expect(first.gone).toEqual([]);
});

test('seen again is neither new nor gone', () => {
  const again = compareFindings(
    first.groups,
    [seen('w-1', [twice]), seen('w-2', [waits, twice]), seen('w-10', [twice])],
    ['w-1', 'w-2', 'w-10'],
  );
  expect(again.fresh).toEqual([]);
  expect(again.gone).toEqual([]);
  expect(codes(again.groups)).toEqual(codes(first.groups));
});

test.for([
  { why: 'its node was looked at and it is not there', now: [seen('w-2', [])], is: 'gone' },
  { why: 'what it rested on was not read', now: [seen('w-2', [], { readable: ['extensions'] })], is: 'kept' },
  { why: 'the time did not suffice for its node', now: [], is: 'kept' },
  { why: 'its node has an incident of its own', now: [seen('w-2', [waits], { hasIncident: true })], is: 'neither' },
  { why: 'its node is silent', now: [seen('w-2', [finding('node_silent')], { readable: [] })], is: 'kept' },
])('$why: $is', ({ now, is }) => {
  const known = first.groups.filter(({ code }) => code === 'service_waits_forever');
  const { groups, gone } = compareFindings(known, now, ['w-2']);
  expect(groups.some(({ code }) => code === 'service_waits_forever')).toBe(is === 'kept');
  expect(gone).toEqual(is === 'gone' ? [{ code: 'service_waits_forever', node: 'w-2' }] : []);
});

test('a finding about silence is gone as soon as the node answers, whatever else it says', () => {
  const silent = finding('node_silent', { evidence: [{ reading: 'reach', says: 'no answer' }] });
  const known = compareFindings([], [seen('w-1', [silent], { readable: [] })], ['w-1']).groups;
  expect(compareFindings(known, [seen('w-1', [], { readable: [] })], ['w-1']).gone).toHaveLength(1);
});

test('a node that left the cluster takes its findings with it', () => {
  const { groups, gone } = compareFindings(
    first.groups,
    [seen('w-1', [twice]), seen('w-10', [twice])],
    ['w-1', 'w-10'],
  );
  expect(codes(groups)).toEqual(['duplicate_extensions: w-1 w-10']);
  expect(gone).toEqual([
    { code: 'service_waits_forever', node: 'w-2' },
    { code: 'duplicate_extensions', node: 'w-2' },
  ]);
});

test('an incident tells what it told before and what is new, not what was known when it was opened', () => {
  const numbers = { nodes: 3, readings: 9, tookMs: 1, notReached: [], notLooked: [] };
  const later = compareFindings(
    first.groups,
    [seen('w-1', [twice, waits]), seen('w-2', [twice, waits]), seen('w-10', [twice])],
    ['w-1', 'w-2', 'w-10'],
  );
  expect(codes(toldBy(undefined, { ...numbers, ...later }))).toEqual(['service_waits_forever: w-1']);
  expect(codes(toldBy(first.groups, { ...numbers, ...later }))).toEqual([
    'service_waits_forever: w-1 w-2',
    'duplicate_extensions: w-1 w-2 w-10',
  ]);
  const info = compareFindings([], [seen('w-1', [finding('node_rebooted', { severity: 'info' })])], ['w-1']);
  expect(isWorthOpening({ ...numbers, ...info })).toBe(false);
  expect(isWorthOpening({ ...numbers, ...first })).toBe(true);
  expect(isWorthOpening({ ...numbers, ...first, fresh: [] })).toBe(false);
});
