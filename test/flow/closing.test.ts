import { expect, test } from 'vitest';
import { ok as yes } from '../../lib/result.ts';
import { alertOf, payloadOf } from './alerts.ts';
import { misnamed, staged, waiting, well } from './stage.ts';

const { world } = staged();
const requested = async (id: string, action: 'reboot' | 'restore_config', user: string): Promise<string> => {
  const asked = await world().desk.requestPlan(id, action, world().by(user));
  if (!asked.ok) throw new Error(asked.error.because);
  return asked.value.planId;
};
const types = (id: string) => world().types(id);

test('a plan that is being prepared when a diagnosis closes the incident ends with it, and its form says so', async () => {
  world().talos.evidence = misnamed;
  const id = await world().open('c1051');
  const planId = await requested(id, 'reboot', 'UOP');
  world().talos.evidence = well;
  await world().post(payloadOf([alertOf('resolved', { fingerprint: 'c1051' })]));
  await world().step(id, 'diagnose', '');
  expect((await world().state(id)).status).toBe('closed');
  expect(await world().store.open()).toContain(`INCIDENT#${id}`);
  await world().drain(id);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'refused', modalShows: 'refused', holdsLease: false });
  expect(await types(id)).toContain('plan_refused');
  expect(await world().store.open()).not.toContain(`INCIDENT#${id}`);
});

test('an incident that is closed during a dry run: the plan is not frozen, it ends, and the cluster is free', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('c1052');
  const planId = await requested(id, 'restore_config', 'UREQUESTER');
  const { applyInMaintenance } = world().talos;
  Object.assign(world().talos, {
    applyInMaintenance: async (...given: Parameters<typeof applyInMaintenance>) => {
      expect(await world().desk.close(id, world().by('UREQUESTER'), 'not today')).toEqual(yes(undefined));
      return applyInMaintenance(...given);
    },
  });
  await world().drain(id);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'refused', hash: '', holdsLease: false });
  expect((await world().state(id)).status).toBe('closed');
  expect(await types(id)).not.toContain('plan_ready');
  expect(await world().lease()).toBeUndefined();
  expect(await world().store.open()).not.toContain(`INCIDENT#${id}`);
});

test('who prepares a plan dies, and the incident is closed meanwhile: the plan expires and gives the cluster back', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('c1053');
  const planId = await requested(id, 'restore_config', 'UREQUESTER');
  const { read } = world().talos.configs;
  world().talos.configs.read = () => Promise.reject(new Error('killed'));
  await expect(world().step(id, 'plan', planId)).rejects.toThrow('killed');
  expect(await world().lease()).toBeDefined();
  expect(await world().desk.close(id, world().by('UREQUESTER'), 'not today')).toEqual(yes(undefined));
  world().talos.configs.read = read;
  world().forward(120_000);
  await world().step(id, 'expire', planId);
  await world().drain(id);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'expired', holdsLease: false });
  expect(await world().lease()).toBeUndefined();
  expect(await world().store.open()).not.toContain(`INCIDENT#${id}`);
});
