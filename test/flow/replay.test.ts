import { expect, test } from 'vitest';
import { type Replayed, replay } from '../../lib/flow/replay.ts';
import { staged, waiting, well } from './stage.ts';

/** Today's playbooks on the evidence of an incident of before. */
const { world } = staged();

const replayed = async (
  id: string,
  ...more: Parameters<typeof replay> extends [unknown, unknown, ...infer R] ? R : never
) => {
  const all: Replayed[] = [];
  for await (const one of replay(world().deps, id, ...more)) all.push(one);
  return all;
};

test('the same playbooks say the same of every look, and nothing is written', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('0d0d');
  await world().desk.diagnoseAgain(id, world().by('UOP'));
  await world().drain(id);
  const before = await world().types(id);
  const all = await replayed(id);
  expect(all.map((one) => 'isSame' in one && one.isSame)).toEqual([true, true]);
  expect(all[0]?.before[0]).toMatchObject({ code: 'state_not_found_in_time' });
  expect(await world().types(id)).toEqual(before);
});

test('other playbooks say something else, then against today', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('0d0e');
  const [only] = await replayed(id, []);
  expect(only).toMatchObject({ isSame: false, today: [{ code: 'unknown_cause' }] });
});

test('evidence that is not kept any more is said to be gone; an unknown incident has nothing to replay', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('0d0f');
  world().blobs.kept.clear();
  expect(await replayed(id)).toMatchObject([{ problem: expect.stringContaining('is not kept any more') }]);
  expect(await replayed('nobody')).toEqual([]);
  world().talos.evidence = well;
});
