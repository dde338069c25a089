import { expect, test } from 'vitest';
import { renderCard } from '../../lib/slack/views/card.ts';
import { nextRemedy } from '../../lib/slack/views/next-remedy.ts';
import { textOf } from './reading.ts';
import * as story from './stories.ts';

/** `restore_config` (R3) was tried, then the node was diagnosed again. */
type Verdict = Parameters<typeof story.ended>[0];
const after = (verdict: Verdict, findings: readonly ReturnType<typeof story.findingOf>[]) =>
  story.stateAfter(
    ...story.ended(verdict, 'Stage: booting.'),
    story.said('diagnosis_started', { because: 'the action ended' }),
    story.said('diagnosis_finished', story.diagnosisOf({ findings: [...findings], offers: [] })),
  );
const suggests = (...names: readonly string[]) => story.findingOf({ suggests: [...names] });
const NEXT = 'the next remedy, from mild to harsh, is';

test.for<readonly [string, readonly string[], string | undefined]>([
  ['the mildest of the harsher ones', ['reset_state_and_ephemeral', 'reset_ephemeral'], 'reset_ephemeral'],
  ['a harsher one before a milder one', ['reboot', 'reset_ephemeral'], 'reset_ephemeral'],
  ['the mildest, where all are milder', ['upgrade', 'restart_service'], 'restart_service'],
  ['never what was just tried', ['restore_config'], undefined],
  ['nothing, where nothing is suggested', [], undefined],
  ['nothing that this version does not know', ['replace_disk'], undefined],
])('after a verdict that is none: %s', ([, names, expected]) => {
  for (const verdict of ['unverified', 'failed'] as const) {
    expect(nextRemedy(after(verdict, [suggests(...names)]))?.action).toBe(expected);
  }
});

test('the card names it with its risk, as text: there is no button for it', () => {
  const wipe = story.findingOf({
    suggests: ['reset_ephemeral'],
    parameters: { reset_ephemeral: { graceful: 'no' } },
    advice: 'Wipe it.',
  });
  const card = renderCard(after('unverified', [wipe]), { now: story.atS(900), auditUrl: 'https://medic.example/a' });
  expect(textOf(card.blocks)).toContain(`${NEXT} Wipe EPHEMERAL (R3, destructive).`);
  expect(JSON.stringify(card.blocks)).not.toContain('offer:reset_ephemeral');
});

test.for(['verified', 'refused'] as const)('after %s nothing is said', (verdict) => {
  expect(nextRemedy(after(verdict, [suggests('reset_ephemeral')]))).toBeUndefined();
});

test('what the diagnosis before the action suggested is no next step', () => {
  expect(nextRemedy(story.stateAfter(...story.ended('unverified', 'Stage: booting.')))).toBeUndefined();
  expect(nextRemedy(story.stateAfter(...story.diagnosed))).toBeUndefined();
});
