import { expect, test } from 'vitest';
import { answerCommand } from '../../lib/slack/listeners/command.ts';
import { fakeDesk, no } from './fake-desk.ts';

const typed = (text: string) => ({ text, user_id: 'U1', team_id: 'T1', channel_id: 'C1', command: '/medic' });

test('a check is asked for under the name, by the person, in the channel; the answer at once says what follows', async () => {
  const { desk, asked } = fakeDesk();
  expect(await answerCommand(desk, typed('  check   demo '))).toBe(
    'Looking over 6 nodes of demo, read only. The answer comes here, usually within a minute.',
  );
  expect(asked).toEqual([['check', 'demo', { userId: 'U1', teamId: 'T1' }, 'C1']]);
  await answerCommand(desk, typed('check'));
  expect(asked[1]?.[1]).toBe('');
});

test('a refusal is told as it is; what it names cannot ping, but who can is named', async () => {
  const { desk } = fakeDesk({
    check: async () => no('Medic does not know the cluster <!channel>. Who can: <@U0LEAD>.'),
  });
  expect(await answerCommand(desk, typed('check x'))).toBe(
    'Medic does not know the cluster &lt;!channel&gt;. Who can: <@U0LEAD>.',
  );
});

test.for(['', 'help'])('"%s" shows what there is', async (text) => {
  const { desk, asked } = fakeDesk();
  expect(await answerCommand(desk, typed(text))).toContain('`/medic check &lt;cluster&gt;`');
  expect(asked).toEqual([]);
});

test.for(['chekc demo', 'check demo now', 'status'])('"%s" is not known, and nothing is asked for', async (text) => {
  const { desk, asked } = fakeDesk();
  expect(await answerCommand(desk, typed(text))).toContain(`Medic does not know \`/medic ${text}\``);
  expect(asked).toEqual([]);
});
