import { describe, expect, test } from 'vitest';
import type { OtherNode } from '../../lib/safety/facts.ts';
import { Limits } from '../../lib/safety/limits.ts';
import { failed, inventory, ok, peer, running } from '../playbooks/build-evidence.ts';
import { answerOf, ask, other, reboot, record } from './facts.ts';

const worker = { ...inventory, name: 'w-1', role: 'worker' as const };
/** `n` other workers, of which the first `ill` have an open incident. */
const workers = (n: number, ill: number, incident: OtherNode['incident'] = 'unhealthy') =>
  Array.from({ length: n }, (_, index) =>
    other(`w-${index + 2}`, { role: 'worker', incident: index < ill ? incident : 'none' }),
  );
const ofWorkers = (others: readonly OtherNode[], limits = {}) =>
  reboot({ entry: worker, record: record({ others }), limits: Limits.parse(limits) });

describe('min_healthy', () => {
  test.for([
    { others: 0, ill: 0, answer: 'allowed', why: 'the only one' },
    { others: 1, ill: 0, answer: 'allowed', why: 'the other one works' },
    { others: 1, ill: 1, answer: 'refused', why: 'none would work' },
    { others: 2, ill: 1, answer: 'allowed', why: 'half of two is one' },
    { others: 3, ill: 1, answer: 'allowed', why: 'half of three is two' },
    { others: 3, ill: 2, answer: 'refused', why: 'one of three is too few' },
    { others: 9, ill: 4, answer: 'allowed', why: 'five of nine' },
    { others: 9, ill: 5, answer: 'refused', why: 'four of nine' },
  ])('a worker beside $others others, $ill of them ill: $why', ({ others, ill, answer }) => {
    expect(ask('min_healthy', ofWorkers(workers(others, ill)))).toBe(answer);
  });

  test.for([
    { worker: 3, others: 4, ill: 2, answer: 'refused' },
    { worker: 2, others: 4, ill: 2, answer: 'allowed' },
    { worker: 0, others: 1, ill: 1, answer: 'allowed' },
    { worker: '75%', others: 4, ill: 1, answer: 'allowed' },
    { worker: '76%', others: 4, ill: 1, answer: 'refused' },
    { worker: '0%', others: 1, ill: 1, answer: 'refused' },
  ])('where $worker workers must stay, $ill of $others ill: $answer', ({ worker: least, others, ill, answer }) => {
    expect(ask('min_healthy', ofWorkers(workers(others, ill), { minHealthy: { worker: least } }))).toBe(answer);
  });

  test('what Talos has not confirmed yet counts as ill, what it finds well does not', () => {
    expect(ask('min_healthy', ofWorkers(workers(1, 1, 'unknown')))).toBe('refused');
    expect(ask('min_healthy', ofWorkers(workers(1, 1, 'healthy')))).toBe('allowed');
  });

  test('it says who is ill, three at most', () => {
    expect(answerOf('min_healthy', ofWorkers(workers(5, 5))).because).toBe(
      '0 of 5 other workers are well, 3 must be: w-2 has an open incident, w-3 has an open incident, w-4 has an open incident and 2 more.',
    );
  });

  test('control planes have no count of their own unless a team sets one', () => {
    const peers = [peer('cp-2'), peer('cp-3', { machineStatus: failed() })];
    const facts = reboot({ evidence: running({}, { peers }) });
    expect(ask('min_healthy', facts)).toBe('allowed');
    const limits = Limits.parse({ minHealthy: { controlplane: 2 } });
    expect(ask('min_healthy', { ...facts, limits })).toBe('refused');
    expect(ask('min_healthy', reboot({ limits }))).toBe('allowed');
  });

  test('nothing is known: no record, no entry', () => {
    expect(ask('min_healthy', reboot({ record: { known: 'no' } }))).toBe('deferred');
    expect(ask('min_healthy', reboot({ entry: undefined }))).toBe('refused');
  });
});

describe('one_control_plane', () => {
  const beside = (change: Parameters<typeof peer>[1], incident: OtherNode['incident'] = 'none') =>
    reboot({
      evidence: running({}, { peers: [peer('cp-2', change), peer('cp-3')] }),
      record: record({ others: [other('cp-2', { incident }), other('cp-3')] }),
    });
  test.for([
    { why: 'cp-2 did not say how it is', facts: beside({ machineStatus: failed() }) },
    { why: 'cp-2 is rebooting', facts: beside({ machineStatus: ok({ stage: 'rebooting', ready: true }) }) },
    { why: 'cp-2 is maintenance', facts: beside({ machineStatus: ok({ stage: 'maintenance', ready: true }) }) },
    { why: 'cp-2 is not ready', facts: beside({ machineStatus: ok({ stage: 'running', ready: false }) }) },
    { why: 'cp-2 has an open incident', facts: beside({}, 'unhealthy') },
    { why: 'cp-2 has an open incident', facts: beside({}, 'healthy') },
  ])('$why: refused', ({ why, facts }) => {
    expect(answerOf('one_control_plane', facts)).toMatchObject({
      answer: 'refused',
      because: `One control plane at a time: ${why}; see to that first.`,
    });
  });

  test('a control plane that the inventory knows and nobody asked is not taken for well', () => {
    const facts = reboot({ record: record({ others: [other('cp-2'), other('cp-3'), other('cp-4')] }) });
    expect(ask('one_control_plane', facts)).toBe('refused');
  });

  test('workers, and incidents of workers, do not matter to it', () => {
    expect(ask('one_control_plane', reboot({ entry: worker }))).toBe('allowed');
    const others = [other('cp-2'), other('cp-3'), ...workers(3, 3)];
    expect(ask('one_control_plane', reboot({ record: record({ others }) }))).toBe('allowed');
  });

  test('nothing is known: no record, no entry', () => {
    expect(ask('one_control_plane', reboot({ record: { known: 'no' } }))).toBe('deferred');
    expect(ask('one_control_plane', reboot({ entry: undefined }))).toBe('refused');
  });
});
