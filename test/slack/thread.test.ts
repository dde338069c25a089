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

test.for(['verified', 'unverified', 'refused', 'failed'])("Medic's own %s is in bold, and only that", (verdict) => {
  expect(renderThread(`Reboot: *${verdict}*. 7 of 7 checks hold, one says *verified*.`)).toBe(
    `Reboot: *${verdict}*. 7 of 7 checks hold, one says ∗verified∗.`,
  );
});
