import { expect, test } from 'vitest';
import { lookAgainAt } from '../../lib/incidents/due-work.ts';
import { alertOf, payloadOf } from './alerts.ts';
import { count, misnamed, staged, waiting, well } from './stage.ts';

const { world, rebootReady, confirm } = staged();
const MINUTE = 60_000;
const post = (status: 'firing' | 'resolved', fingerprint: string, change: object = {}) =>
  world().post(payloadOf([alertOf(status, { fingerprint, ...change })]));
const diagnoses = async (id: string) => count(await world().types(id), 'diagnosis_finished');

/** Minutes from now to the next look, which is then taken. */
async function nextLook(id: string): Promise<number> {
  const at = lookAgainAt(await world().state(id));
  if (at === undefined) throw new Error('nobody looks again');
  const waitMs = Date.parse(at) - world().deps.now().getTime();
  const before = await diagnoses(id);
  world().forward(waitMs - 1);
  await world().drain(id);
  await world().step(id, 'diagnose', ''); // a message that comes too early
  expect(await diagnoses(id)).toBe(before);
  world().forward(1);
  await world().drain(id);
  expect(await diagnoses(id)).toBe(before + 1);
  return waitMs / MINUTE;
}

test('an alert that is over while Talos finds the node ill: it is looked at again and again, until it is well', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('0b01');
  expect(lookAgainAt(await world().state(id))).toBeUndefined();
  await post('resolved', '0b01');
  await world().drain(id);
  const waits: number[] = [];
  for (let look = 0; look < 6; look += 1) waits.push(await nextLook(id));
  expect(waits).toEqual([5, 10, 20, 30, 30, 30]);
  expect(JSON.stringify(world().slack.cards[0]?.card)).toContain('Medic looks again');
  expect((await world().state(id)).status).toBe('diagnosed');
  world().talos.evidence = well;
  await nextLook(id);
  expect((await world().state(id)).status).toBe('closed');
  expect(await world().store.open()).not.toContain(`INCIDENT#${id}`);
});

test('the waits begin anew when an alert fires again', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('0b02');
  await post('resolved', '0b02');
  await world().drain(id);
  await nextLook(id);
  await nextLook(id);
  await post('firing', '0b03');
  await world().drain(id);
  expect(lookAgainAt(await world().state(id))).toBeUndefined();
  await post('resolved', '0b03');
  await world().drain(id);
  expect(await nextLook(id)).toBe(5);
});

test('looks that break off do not end it: after the tries in a row it is looked at again as well', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('0b04');
  const { collect } = world().talos;
  world().talos.collect = () => Promise.reject(new Error('the sweep broke off'));
  await post('resolved', '0b04');
  for (let n = 0; n < 10; n += 1) await world().step(id, 'diagnose', ''); // as its delayed messages do
  expect((await world().state(id)).diagnosisFailures).toBe(5);
  Object.assign(world().talos, { collect });
  world().talos.evidence = well;
  expect(await nextLook(id)).toBe(5);
  expect((await world().state(id)).status).toBe('closed');
});

test('nobody looks again while an action is under way, and asking for it is answered with a sentence', async () => {
  const { id, planId } = await rebootReady();
  await confirm(id, planId);
  world().talos.onCall = () => {
    world().talos.evidence = misnamed;
    return undefined;
  };
  await world().step(id, 'act', planId);
  expect((await world().state(id)).status).toBe('acting');
  for (const { fingerprint } of (await world().state(id)).alerts) await post('resolved', fingerprint);
  expect(lookAgainAt(await world().state(id))).toBeUndefined();
  const because = 'An action is under way; Medic looks again by itself after its verdict.';
  expect(await world().desk.diagnoseAgain(id, world().by('UOP'))).toEqual({ ok: false, error: { because } });
});

const nameless = (fingerprint: string, startsAt = '2026-03-01T11:55:00.000Z') => ({
  fingerprint,
  startsAt,
  labels: { alertname: 'NodeDown', instance: '192.0.2.7:9100' },
});
/** The incident that the firing was added to. */
const incidentOf = async (fingerprint: string, startsAt = '2026-03-01T11:55:00.000Z'): Promise<string> => {
  const item = await world().store.get({ pk: `ALERT#test#${fingerprint}`, sk: `${startsAt}#firing` });
  return String(item?.attributes['incident'] ?? '');
};

test('an incident whose node was never identified closes when its alerts are over, and the next one is new', async () => {
  await post('firing', '0c01', nameless('0c01'));
  const id = await incidentOf('0c01');
  await post('firing', '0c01', nameless('0c01', '2026-03-01T11:57:00.000Z'));
  await post('resolved', '0c01', nameless('0c01'));
  expect((await world().state(id)).status).toBe('open');
  await post('resolved', '0c01', nameless('0c01', '2026-03-01T11:57:00.000Z'));
  await world().drain(id);
  expect(await world().state(id)).toMatchObject({
    status: 'closed',
    closedBecause: 'Alertmanager says resolved. The node was never identified, so Talos was not asked.',
  });
  expect(await world().store.open()).not.toContain(`INCIDENT#${id}`);
  await post('firing', '0c01', nameless('0c01', '2026-03-01T11:59:00.000Z'));
  expect(await incidentOf('0c01', '2026-03-01T11:59:00.000Z')).not.toBe(id);
});

test('it closes too when the resolve came first', async () => {
  await post('resolved', '0c02', nameless('0c02'));
  await post('firing', '0c02', nameless('0c02'));
  const id = await incidentOf('0c02');
  expect((await world().state(id)).status).toBe('closed');
  expect(await world().types(id)).toEqual(['incident_opened', 'alert_fired', 'alert_resolved', 'incident_closed']);
  expect(await world().store.get({ pk: 'OPEN#test', sk: 'UNRESOLVED#0c02' })).toBeUndefined();
});

test('"Diagnose again" on it says why it cannot, and its menu does not offer it', async () => {
  await post('firing', '0c03', nameless('0c03'));
  const id = await incidentOf('0c03');
  await world().drain(id);
  const because = 'It is not known which node this incident is about, so there is none to ask.';
  expect(await world().desk.diagnoseAgain(id, world().by('UOP'))).toEqual({ ok: false, error: { because } });
  expect(await world().types(id)).not.toContain('diagnosis_wanted');
  const card = JSON.stringify(world().slack.cards.at(-1)?.card);
  expect(card).not.toContain('Diagnose again');
  expect(card).toContain('Close…');
});
