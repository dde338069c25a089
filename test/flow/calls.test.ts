import { expect, test } from 'vitest';
import { count, staged, waiting } from './stage.ts';

/** Who can still say yes is mentioned twice at most, whatever breaks in between. */
const { world, awaiting, approve, chainHolds } = staged();

/** Everybody whom a binding of this cluster gives the admin role, without the one who asked. */
const OTHERS = ['UAPPROVER', 'UGUEST', 'UGONE', 'UELSEWHERE', 'UROBOT'];
const MINUTE = 60_000;
const calls = async (id: string) => count(await world().types(id), 'approvers_called');

test('at once and at half time: who can still say yes, in the thread, and never again', async () => {
  const { id } = await awaiting();
  await world().drain(id);
  expect(world().slack.mentioned).toEqual([OTHERS]);
  expect(world().slack.thread.at(-1)).toBe(
    'Restore config waits for approval, 1 of 2 so far. It expires in 30 min; "Review…" is on the card.',
  );
  world().forward(14 * MINUTE);
  await world().drain(id);
  expect(world().slack.mentioned).toHaveLength(1);
  world().forward(MINUTE);
  await world().drain(id);
  expect(world().slack.mentioned).toEqual([OTHERS, OTHERS]);
  expect(world().slack.thread.at(-1)).toBe(
    'Restore config still waits for approval, 1 of 2 so far. It expires in 15 min; "Review…" is on the card.',
  );
  world().forward(14 * MINUTE);
  await world().drain(id);
  expect(world().slack.mentioned).toHaveLength(2);
  await chainHolds();
});

test('a doubled message calls nobody twice', async () => {
  const { id } = await awaiting();
  await Promise.allSettled([1, 2, 3].map(() => world().step(id, 'card', '')));
  await world().drain(id);
  expect(await calls(id)).toBe(1);
  expect(world().slack.mentioned).toEqual([OTHERS]);
});

test.for(['before', 'after'] as const)('a crash %s the post arrived: it is there once', async (when) => {
  const { id } = await awaiting();
  world().slack.fail = (call) => (call === 'postThread' ? when : undefined);
  await expect(world().step(id, 'card', '')).rejects.toThrow('Slack');
  world().slack.fail = () => undefined;
  await world().drain(id);
  expect(await calls(id)).toBe(1);
  expect(world().slack.mentioned).toEqual([OTHERS]);
});

test('Medic comes back after half time: one call stands for both', async () => {
  const { id } = await awaiting();
  world().forward(20 * MINUTE);
  await world().drain(id);
  expect(world().slack.mentioned).toEqual([OTHERS]);
  expect(world().slack.thread.at(-1)).toContain('It expires in 10 min');
  world().forward(5 * MINUTE);
  await world().drain(id);
  expect(await calls(id)).toBe(1);
});

test('what is decided or over calls nobody', async () => {
  const { id, planId } = await awaiting();
  world().forward(31 * MINUTE);
  await world().drain(id);
  expect((await world().plan(id, planId)).status).toBe('expired');
  expect(world().slack.mentioned).toEqual([]);
  world().talos.evidence = waiting;
  const other = await world().requested(id, 'restore_config');
  expect((await world().plan(id, other)).status).toBe('ready');
  expect(world().slack.mentioned).toEqual([]);
});

test('a plan that was approved before half time is not called for again', async () => {
  const { id, planId } = await awaiting();
  await world().drain(id);
  await approve(id, planId);
  world().forward(16 * MINUTE);
  await world().drain(id);
  expect(await calls(id)).toBe(1);
});

test('where nobody else may approve, that is what the thread says', async () => {
  for (const cluster of world().deps.config.clusters) cluster.bindings = [{ users: ['UREQUESTER'], role: 'admin' }];
  const { id } = await awaiting();
  await world().drain(id);
  expect(world().slack.mentioned).toEqual([]);
  expect(world().slack.thread.at(-1)).toBe(
    'Restore config waits for approval, 1 of 2 so far. Nobody else may approve it.',
  );
});
