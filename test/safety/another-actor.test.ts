import { expect, test } from 'vitest';
import type { MachineStage, SequenceReading } from '../../lib/evidence/values.ts';
import { failed, inMaintenance, ok, peer, running } from '../playbooks/build-evidence.ts';
import { answerOf, ask, reboot, restore } from './facts.ts';

type Event = Pick<SequenceReading, 'sequence' | 'action'> & Partial<SequenceReading>;
const history = (...events: readonly Event[]) =>
  ok(events.map((event, n): SequenceReading => ({ id: `${n}`, actorId: 'a-1', ...event })));
const start = (sequence: string): Event => ({ sequence, action: 'START' });
const stop = (sequence: string): Event => ({ sequence, action: 'STOP' });
const noop = (sequence: string, code: 'LOCKED' | 'FATAL' | 'CANCELED'): Event => {
  return { sequence, action: 'NOOP', error: { code, message: code } };
};
const booted = [start('initialize'), stop('initialize'), start('boot'), stop('boot')];

test.for<{ why: string; events: readonly Event[]; answer: string }>([
  { why: 'the boot is over', events: booted, answer: 'allowed' },
  { why: 'the boot hangs', events: booted.slice(0, 3), answer: 'allowed' },
  { why: 'an upgrade runs', events: [...booted, start('upgrade')], answer: 'refused' },
  { why: 'an upgrade has ended', events: [...booted, start('upgrade'), stop('upgrade')], answer: 'allowed' },
  { why: 'an upgrade has failed', events: [...booted, start('upgrade'), noop('upgrade', 'FATAL')], answer: 'allowed' },
  {
    why: 'a reset was taken over by a reboot that runs',
    events: [...booted, start('reset'), noop('reset', 'CANCELED'), start('reboot')],
    answer: 'refused',
  },
  {
    why: 'somebody was refused by the lock while an upgrade runs',
    events: [...booted, start('upgrade'), noop('upgrade', 'LOCKED')],
    answer: 'refused',
  },
])('$why: $answer', ({ events, answer }) => {
  expect(ask('another_actor', reboot({ evidence: running({ sequences: history(...events) }) }))).toBe(answer);
});

test('what this very plan began is nobody else, by the id that Talos gave it', () => {
  const evidence = running({ sequences: history({ ...start('upgrade'), actorId: 'ours' }) });
  const planned = { cluster: 'test', node: 'cp-1', role: 'controlplane' as const, boot: '', digest: '', digestNow: '' };
  expect(ask('another_actor', reboot({ evidence, planned: { ...planned, actorIds: ['ours'] } }))).toBe('allowed');
  expect(ask('another_actor', reboot({ evidence, planned: { ...planned, actorIds: ['other'] } }))).toBe('refused');
  const nameless = running({ sequences: history({ ...start('upgrade'), actorId: '' }) });
  expect(ask('another_actor', reboot({ evidence: nameless, planned: { ...planned, actorIds: [''] } }))).toBe('refused');
});

test('a node that does not say which sequences run may be busy', () => {
  expect(ask('another_actor', reboot({ evidence: running({ sequences: failed() }) }))).toBe('refused');
  const { sequences: _, ...readings } = running().readings;
  expect(ask('another_actor', reboot({ evidence: { ...running(), readings } }))).toBe('refused');
});

test.for<{ stage: MachineStage | 'unread'; answer: string }>([
  { stage: 'running', answer: 'allowed' },
  { stage: 'maintenance', answer: 'allowed' },
  { stage: 'upgrading', answer: 'refused' },
  { stage: 'rebooting', answer: 'refused' },
  { stage: 'resetting', answer: 'refused' },
  { stage: 'shutting down', answer: 'refused' },
  { stage: 'installing', answer: 'refused' },
  { stage: 'unread', answer: 'refused' },
])('a control plane elsewhere is $stage: a reboot is $answer, a config for a waiting node is not held up', (row) => {
  const machineStatus = row.stage === 'unread' ? failed<never>() : ok({ stage: row.stage, ready: true });
  const peers = [peer('cp-2'), peer('cp-3', { machineStatus })];
  const answer = answerOf('another_actor', reboot({ evidence: running({}, { peers }) }));
  expect(answer.answer).toBe(row.answer);
  if (row.answer === 'refused') expect(answer.because).toContain('cp-3');
  expect(ask('another_actor', restore({ evidence: inMaintenance({}, { peers }) }))).toBe('allowed');
});
