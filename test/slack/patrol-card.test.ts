import { expect, test } from 'vitest';
import { medic } from '../../lib/incidents/actor.ts';
import type { EventData, NewEvent } from '../../lib/incidents/event.ts';
import type { PatrolGroup } from '../../lib/incidents/patrol-report.ts';
import type { IncidentState } from '../../lib/incidents/state.ts';
import { incidentKind } from '../../lib/incidents/stream.ts';
import { renderCard } from '../../lib/slack/views/card.ts';
import { renderPatrolAnswer } from '../../lib/slack/views/patrol-answer.ts';

const base = { actor: medic, cluster: 'demo', node: '' };
const opened: NewEvent = { ...base, type: 'incident_opened', data: { id: 'inc-1', subject: 'cluster' } };
const group = (code: string, nodes: readonly string[], change: Partial<PatrolGroup> = {}): PatrolGroup => ({
  code,
  severity: 'warning',
  confidence: 'likely',
  summary: `${code} is there`,
  evidence: [{ reading: 'extensions', says: 'a layer' }],
  advice: 'Upgrade.',
  nodes: [...nodes],
  ...change,
});
const report = (groups: readonly PatrolGroup[], change: Partial<EventData<'patrol_reported'>> = {}): NewEvent => {
  const numbers = { report: 2, nodes: 53, readings: 2562, tookMs: 13_772, notReached: [], notLooked: [] };
  return {
    ...base,
    type: 'patrol_reported',
    data: { ...numbers, groups: [...groups], fresh: [], gone: [], ...change },
  };
};
function after(...events: readonly NewEvent[]): IncidentState {
  const state = events.reduce<IncidentState | undefined>(
    (now, event, n) => incidentKind.fold(now, incidentKind.stamp(event, n + 1, '2026-03-01T12:00:00.000Z')),
    undefined,
  );
  if (state === undefined) throw new Error('no events');
  return state;
}
const cardOf = (state: IncidentState) =>
  renderCard(state, { now: '2026-03-01T12:00:00.000Z', auditUrl: 'https://medic.example/a' });
const textOf = (state: IncidentState) => JSON.stringify(cardOf(state).blocks);
const many = Array.from({ length: 60 }, (_, n) => `w-${n + 1}`);

test('what was looked at and what was not, in words; a full sentence for who does not see the card', () => {
  const state = after(
    opened,
    report([group('duplicate_extensions', ['w-1', 'w-2'])], {
      notReached: [{ node: 'w-9', because: 'silent' }],
      notLooked: ['w-10'],
    }),
  );
  expect(textOf(state)).toContain(
    'Looked at 53 nodes, 2562 readings, in 13.8 s.\\nNot reached: w-9.\\nNot looked at, because the time ran out: w-10.',
  );
  expect(cardOf(state).text).toBe('Patrol of demo: 1 kind of findings on 2 nodes. duplicate_extensions is there');
});

test('as many kinds on as many nodes as there may be fit into a card, and the rest is counted', () => {
  const long = {
    summary: 'x'.repeat(900),
    advice: 'y'.repeat(900),
    evidence: [{ reading: 'services', says: 'z'.repeat(900) }],
  };
  const kinds = Array.from({ length: 14 }, (_, n) => group(`kind_${n}`, many, long));
  const { blocks } = cardOf(
    after(opened, report(kinds, { notReached: many.map((node) => ({ node, because: 'silent' })) })),
  );
  expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(10_000);
  expect(JSON.stringify(blocks)).toContain('w-12 and 48 more');
  expect(JSON.stringify(blocks)).toContain('… and 4 more kinds');
});

test('text from nodes neither formats nor pings', () => {
  const hostile = group('duplicate_extensions', ['w-1'], { summary: 'layer <!channel> *loud* <@U1>' });
  expect(textOf(after(opened, report([hostile])))).not.toMatch(/<!channel>|<@U1>|\*loud\*/);
});

test('a finding that came back is not told to be gone', () => {
  const [one, two] = [group('duplicate_extensions', ['w-1']), group('config_differs', ['w-2'])];
  const gone = report([two], { gone: [{ code: 'duplicate_extensions', node: 'w-1' }] });
  expect(textOf(after(opened, report([one, two]), gone))).toContain('~duplicate_extensions on w-1~ is gone');
  expect(textOf(after(opened, report([one, two]), gone, report([one, two])))).not.toContain('is gone');
});

test('an answer without a report says that it could not look', () => {
  const answer = renderPatrolAnswer({ cluster: 'demo', failed: 'It broke off.', said: undefined, cardIn: 'C1' });
  expect(answer).toBe('*Check of demo:* could not look. It broke off.');
});
