import { expect, test } from 'vitest';
import { describeEvent } from '../../lib/audit/pages/describe-event.ts';
import type { EventType } from '../../lib/incidents/event.ts';
import { fold } from '../../lib/incidents/fold.ts';
import type { IncidentState } from '../../lib/incidents/state.ts';
import { event } from './events.ts';

const REQUESTED: readonly EventType[] = [
  'incident_opened',
  'alert_fired',
  'diagnosis_started',
  'diagnosis_finished',
  'plan_requested',
];
const READY: readonly EventType[] = [...REQUESTED, 'plan_ready'];
const AWAITING: readonly EventType[] = [...READY, 'plan_submitted'];
const APPROVED: readonly EventType[] = [...AWAITING, 'approval_given', 'plan_approved'];

test.for([
  { after: REQUESTED, says: 'it could not be prepared in time', isTold: false },
  { after: READY, says: 'it was not confirmed in time', isTold: true },
  { after: AWAITING, says: 'nobody decided in time', isTold: true },
  { after: APPROVED, says: 'it was approved, but could not begin in time', isTold: true },
])('a plan that expires says what it waited for: $says', ({ after, says, isTold }) => {
  let state: IncidentState | undefined;
  for (const type of [...after, 'plan_expired' as const]) state = fold(state, event(type, (state?.seq ?? 0) + 1));
  expect(state?.plans['p1']).toMatchObject({ status: 'expired', because: says });
  const told = state?.threadDue.map(({ text }) => text) ?? [];
  expect(told.filter((text) => text.includes('expired'))).toEqual(
    isTold ? [`Restore config expired: ${says}. Nothing was changed.`] : [],
  );
});

test('the timeline claims of no expired plan that nobody had decided', () => {
  expect(describeEvent(event('plan_expired', 1)).title).toBe('Plan expired before it began');
});
