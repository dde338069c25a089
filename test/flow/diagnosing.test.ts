import { expect, test } from 'vitest';
import { ok } from '../playbooks/build-evidence.ts';
import { count, misnamed, staged } from './stage.ts';

const { world, chainHolds } = staged();

test('half a surrogate pair from a node stops neither the diagnosis nor the plan', async () => {
  const half = ok({ tag: 'v1.13.2', platform: 'metal \ud83d', mode: 'metal' });
  const services = ok([
    { id: 'kubelet', state: 'Waiting', health: 'unhealthy' as const, lastMessage: '\ud83d', events: [] },
  ]);
  world().talos.evidence = { ...misnamed, readings: { ...misnamed.readings, version: half, services } };
  const id = await world().open();
  expect((await world().state(id)).status).toBe('diagnosed');
  await chainHolds();
});

test('a look that breaks off is a failed diagnosis, five times at most', async () => {
  world().talos.evidence = undefined; // the fake throws
  const id = await world().open();
  for (let n = 0; n < 10; n += 1) await world().step(id, 'diagnose', ''); // as its delayed messages do
  const types = await world().types(id);
  expect(count(types, 'diagnosis_failed')).toBe(5);
  expect((await world().state(id)).diagnosisFailures).toBe(5);
});

test('a diagnose message that comes twice, or late, diagnoses once', async () => {
  world().talos.evidence = misnamed;
  const id = await world().open();
  await world().step(id, 'diagnose', '');
  await world().step(id, 'diagnose', '');
  expect(count(await world().types(id), 'diagnosis_started')).toBe(1);
});
