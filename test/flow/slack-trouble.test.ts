import { expect, test } from 'vitest';
import type { TryAgain } from '../../lib/flow/deps.ts';
import { staged, waiting, well } from './stage.ts';

const { world, becomes, awaiting, approve, untilVerdict } = staged();

test('a post whose reply was lost is found again: one card, and it catches up with what happened since', async () => {
  world().talos.evidence = waiting;
  world().slack.fail = (call) => (call === 'postCard' ? 'after' : undefined);
  await expect(world().open()).rejects.toThrow('Slack');
  world().slack.fail = () => undefined;
  const id = world().slack.cards[0]?.incidentId ?? '';
  const first = JSON.stringify(world().slack.cards[0]?.card);
  world().talos.evidence = well;
  await world().desk.diagnoseAgain(id, world().by('UREQUESTER'));
  await world().step(id, 'diagnose', '');
  await world().drain(id);
  expect(world().slack.cards).toHaveLength(1);
  expect(JSON.stringify(world().slack.cards[0]?.card)).not.toBe(first);
  const { card, cardSeq } = await world().state(id);
  expect(card?.seq).toBe(cardSeq);
});

test('a card that somebody deleted is posted again, once, and the incident goes on in it', async () => {
  const { id, planId } = await awaiting();
  world().slack.cards.length = 0;
  world().slack.fail = (call) => (call === 'postCard' ? 'after' : undefined);
  await approve(id, planId);
  await expect(world().step(id, 'card', '')).rejects.toThrow('no_answer');
  world().slack.fail = () => undefined;
  world().talos.onCall = becomes(well);
  await untilVerdict(id, planId);
  expect(world().slack.cards.map(({ ts, incidentId }) => [ts, incidentId])).toEqual([['2.0', id]]);
  expect((await world().state(id)).card).toMatchObject({ ts: '2.0' });
  expect(world().slack.thread.some((text) => text.includes('*verified*'))).toBe(true);
});

test('a Slack that refuses is asked again after a minute, one that does not answer after seconds', async () => {
  const { id } = await awaiting();
  await world().desk.diagnoseAgain(id, world().by('UREQUESTER'));
  const wait = async (code: 'refused' | 'unavailable') => {
    world().slack.updateCard = async () => ({ ok: false, error: { code, slackCode: 'not_in_channel', message: '' } });
    return world()
      .step(id, 'card', '')
      .catch((error: TryAgain) => error.delayMs);
  };
  expect([await wait('refused'), await wait('unavailable')]).toEqual([60_000, 2_000]);
});

test('Slack being down delays no action, and everything is said afterwards', async () => {
  const { id, planId } = await awaiting();
  await approve(id, planId);
  world().slack.fail = () => 'before';
  world().talos.onCall = becomes(well);
  await expect(world().step(id, 'card', '')).rejects.toThrow('Slack');
  await world().step(id, 'act', planId);
  world().forward(10_000);
  await world().step(id, 'verify', planId);
  expect(world().talos.calls).toEqual(['apply']);
  expect((await world().plan(id, planId)).status).toBe('verified');
  world().slack.fail = () => undefined;
  await world().drain(id);
  expect(world().slack.thread.some((text) => text.includes('*verified*'))).toBe(true);
  expect((await world().state(id)).threadDue).toEqual([]);
});
