import { expect, test } from 'vitest';
import { renderThread } from '../../lib/slack/views/thread.ts';

test.for([
  'Restore config requested by the first engineer: it is *verified* already',
  'Restore config denied by the second engineer: Restore config: *verified*.',
  'Reboot approved by *verified* (1 of 1).',
  'Closed: the lead closed it: *verified*',
])('a verdict that a person writes is not set in bold: %s', (milestone) => {
  expect(renderThread(milestone)).not.toContain('*');
});

test('people are mentioned who are named beside the text, and nobody whom the text or the list makes up', () => {
  expect(renderThread('Reboot waits for approval <@UEVIL>', ['UAPP', '!channel', 'U1> <!here', ''])).toMatch(
    /^<@UAPP> Reboot waits for approval &lt;.UEVIL&gt;$/,
  );
});

test.for(['verified', 'unverified', 'refused', 'failed'])("Medic's own %s is in bold, and only that", (verdict) => {
  expect(renderThread(`Reboot: *${verdict}*. 7 of 7 checks hold, one says *verified*.`)).toBe(
    `Reboot: *${verdict}*. 7 of 7 checks hold, one says ∗verified∗.`,
  );
});
