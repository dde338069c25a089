import { expect, test } from 'vitest';
import { createDesk } from '../../lib/flow/desk.ts';
import { count, staged, typed } from './stage.ts';

const { world, awaiting, approve } = staged();
const refusals = async (id: string) => (await world().events(id)).filter(({ type }) => type === 'person_refused');

test('a plan that was changed in the table can be decided on by nobody, and everybody who tried is on record', async () => {
  const { id, planId } = await awaiting();
  const key = { pk: `PLAN#${planId}`, sk: 'PLAN' };
  const item = await world().store.get(key);
  const body = String(item?.attributes['body']).replace('10.0.0.1', '10.0.0.2');
  await world().store.write({ do: 'put', key, attributes: { ...item?.attributes, body } });
  const because = 'What is stored of this plan is not what was frozen, so nobody can decide on it. Ask for a new plan.';
  const no = { ok: false, error: { because } };
  expect(await world().desk.review(id, planId, world().by('UAPPROVER'))).toEqual(no);
  expect(await approve(id, planId)).toEqual(no);
  expect(await world().desk.deny(id, planId, world().by('UAPPROVER'), 'odd')).toEqual(no);
  expect((await refusals(id)).map(({ data }) => data)).toEqual([
    { what: 'Review of Restore config', because, planId },
    { what: 'Approval of Restore config', because, planId },
    { what: 'Denial of Restore config', because, planId },
  ]);
  expect((await world().plan(id, planId)).status).toBe('awaiting');
});

test('somebody without the role who opens a plan may read it, and that they were told no is on record, once a minute', async () => {
  const { id, planId } = await awaiting();
  for (const _click of [1, 2, 3]) {
    expect(await world().desk.review(id, planId, world().by('UOP'))).toMatchObject({
      ok: true,
      value: { may: 'read' },
    });
  }
  expect(await refusals(id)).toMatchObject([
    { actor: { id: 'UOP' }, data: { what: 'Review of Restore config', planId } },
  ]);
  expect(await world().desk.review(id, planId, world().by('UAPPROVER'))).toMatchObject({ value: { may: 'approve' } });
  expect(count(await world().types(id), 'person_refused')).toBe(1);
});

test('a refusal that cannot be recorded is a refusal all the same, and the log says so', async () => {
  const { id, planId } = await awaiting();
  const logged: string[] = [];
  const { deps, slack } = world();
  const desk = createDesk({
    ...deps,
    users: slack,
    log: (decision) => void logged.push(decision),
    ledger: {
      read: deps.ledger.read.bind(deps.ledger),
      events: deps.ledger.events.bind(deps.ledger),
      change: async () => ({ ok: false, error: { code: 'unavailable', message: 'down' } }),
    },
  });
  expect(await desk.approve(id, planId, world().by('UNOBODY'), typed)).toMatchObject({ ok: false });
  expect(logged).toEqual(['refusal_not_recorded']);
});
