import { expect, test } from 'vitest';
import { ok, running } from '../playbooks/build-evidence.ts';
import { alertOf, payloadOf } from './alerts.ts';
import { alive, count, misnamed, staged, typed, waiting, well } from './stage.ts';

/** Whole stories, from the alert to the verdict. */
const { world, becomes, awaiting, approve, rebootReady, confirm, untilVerdict, chainHolds } = staged();

test('a node in maintenance mode gets its stored config: two people, one call, proven, lease free', async () => {
  const { id, planId } = await awaiting();
  expect(world().slack.cards).toHaveLength(1);
  expect(await world().desk.approve(id, planId, world().by('UREQUESTER'), typed)).toMatchObject({ ok: false });
  expect(world().talos.calls).toEqual([]);
  world().talos.onCall = becomes(well);
  expect(await approve(id, planId)).toEqual({ ok: true, value: undefined });
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', verdict: 'verified', holdsLease: false });
  expect(await world().lease()).toBeUndefined();
  expect(world().slack.cards).toHaveLength(1);
  expect(world().slack.views).toEqual([planId]);
  const types = await world().types(id);
  expect(count(types, 'person_refused')).toBe(1);
  expect(count(types, 'step_intended')).toBe(1);
  expect(world().slack.thread.filter((text) => text.includes('*verified*'))).toHaveLength(1);
  await chainHolds();
});

test('etcd under a temporary name: one operator is enough, one reboot, proven by another boot', async () => {
  const { id, planId } = await rebootReady();
  world().talos.onCall = becomes(well);
  expect(await confirm(id, planId)).toEqual({ ok: true, value: undefined });
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['reboot']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  expect(await world().lease()).toBeUndefined();
  await chainHolds();
});

test('a node that comes back with the wrong name is never called verified, however often it is looked at', async () => {
  const { id, planId } = await awaiting();
  world().talos.onCall = becomes(running({ ...alive, hostname: ok({ hostname: 'talos-8qy-c5p', domainname: '' }) }));
  await approve(id, planId);
  await untilVerdict(id, planId);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'unverified', holdsLease: false });
  expect((await world().plan(id, planId)).because).toContain('Hostname');
  expect(await world().lease()).toBeUndefined();
});

test('Talos saying that the node is well ends unused plans; Alertmanager agreeing closes the incident', async () => {
  const fingerprint = 'c105ed';
  world().talos.evidence = misnamed;
  const id = await world().open(fingerprint);
  const planId = await world().requested(id, 'reboot', 'UOP');
  world().talos.evidence = well;
  await world().desk.diagnoseAgain(id, world().by('UOP'));
  await world().drain(id);
  expect((await world().state(id)).status).toBe('diagnosed');
  expect((await world().plan(id, planId)).status).toBe('voided');
  await world().post(payloadOf([alertOf('resolved', { fingerprint })]));
  await world().drain(id);
  expect((await world().state(id)).status).toBe('closed');
  expect(await world().store.open()).not.toContain(`INCIDENT#${id}`);
  const next = await world().open('c105ee');
  expect(next).not.toBe(id);
});

test('an alert that resolves while Talos finds the node ill does not close the incident', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('0a0a');
  await world().post(payloadOf([alertOf('resolved', { fingerprint: '0a0a' })]));
  await world().drain(id);
  expect((await world().state(id)).status).toBe('diagnosed');
  expect(count(await world().types(id), 'diagnosis_finished')).toBe(2);
});
