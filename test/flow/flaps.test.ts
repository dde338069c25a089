import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alertOf, payloadOf } from './alerts.ts';
import { misnamed, staged, waiting, well } from './stage.ts';

const { world } = staged();
const MINUTE = 60_000;
const now = () => world().deps.now().toISOString();
const fire = (fingerprint: string) => world().post(payloadOf([alertOf('firing', { fingerprint })]));
const resolve = (fingerprint: string, endsAt = now()) =>
  world().post(payloadOf([alertOf('resolved', { fingerprint, endsAt })]));
const pointer = async () =>
  String((await world().store.get({ pk: 'OPEN#test', sk: 'NODE#cp-1' }))?.attributes['incident'] ?? '');
const alertEvents = async (id: string) => (await world().types(id)).filter((type) => type.startsWith('alert_'));

test('an alert that comes back with the same startsAt fires again, in the same incident, on the same card', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('f1a9');
  await resolve('f1a9');
  await world().drain(id);
  world().forward(6 * MINUTE + 1);
  for (const _delivery of [1, 2, 3]) expect((await fire('f1a9')).status).toBe(202);
  await world().drain(id);
  expect(await alertEvents(id)).toEqual(['alert_fired', 'alert_resolved', 'alert_fired']);
  expect((await world().state(id)).alerts).toMatchObject([{ fingerprint: 'f1a9', status: 'firing' }]);
  expect(await pointer()).toBe(id);
  expect(world().slack.cards).toHaveLength(1);
  world().talos.evidence = well;
  await resolve('f1a9');
  await world().drain(id);
  expect(await alertEvents(id)).toEqual(['alert_fired', 'alert_resolved', 'alert_fired', 'alert_resolved']);
  expect((await world().state(id)).status).toBe('closed');
});

test('a firing that the other Alertmanager delivers late changes nothing', async () => {
  world().talos.evidence = misnamed;
  const id = await world().open('f1b9');
  world().forward(MINUTE);
  await resolve('f1b9');
  world().forward(6 * MINUTE);
  await fire('f1b9');
  expect(await alertEvents(id)).toEqual(['alert_fired', 'alert_resolved']);
  expect((await world().state(id)).alerts).toMatchObject([{ status: 'resolved' }]);
});

test('the resolve of before, told again after it fires again, does not resolve it', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('f1c9');
  const endsAt = now();
  await resolve('f1c9', endsAt);
  world().forward(10 * MINUTE);
  await fire('f1c9');
  expect((await resolve('f1c9', endsAt)).status).toBe(202);
  expect((await world().state(id)).alerts).toMatchObject([{ status: 'firing' }]);
  await resolve('f1c9');
  expect((await world().state(id)).alerts).toMatchObject([{ status: 'resolved' }]);
});

test('an alert that comes back after its incident was closed opens the next one, once', async () => {
  world().talos.evidence = waiting;
  const id = await world().open('f1d9');
  await resolve('f1d9');
  world().talos.evidence = well;
  await world().drain(id);
  expect((await world().state(id)).status).toBe('closed');
  world().forward(10 * MINUTE);
  await Promise.all(Array.from({ length: 20 }, () => fire('f1d9')));
  const next = await pointer();
  expect(next).not.toBe(id);
  expect(await alertEvents(next)).toEqual(['alert_fired']);
  await resolve('f1d9');
  expect((await world().state(next)).alerts).toMatchObject([{ status: 'resolved' }]);
  expect(await alertEvents(id)).toEqual(['alert_fired', 'alert_resolved']);
});

test('a resolve that was kept long ago does not end a firing that comes now', async () => {
  await resolve('f1e9');
  world().forward(10 * MINUTE);
  await fire('f1e9');
  expect((await world().state(await pointer())).alerts).toMatchObject([{ fingerprint: 'f1e9', status: 'firing' }]);
});

test('a kept resolve is told with its own end', async () => {
  const endsAt = '2026-03-01T11:59:30.000Z';
  await resolve('f1f9', endsAt);
  await fire('f1f9');
  const resolved = (await world().events(await pointer())).find(({ type }) => type === 'alert_resolved');
  expect(resolved?.data).toMatchObject({ endsAt });
});

/** Minutes that it fires, that it is over after that, and by which each of two Alertmanagers is late with either. */
const phase = fc.record({
  fires: fc.integer({ min: 6, max: 60 }),
  over: fc.integer({ min: 7, max: 60 }),
  late: fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5), fc.nat(5)),
});

test('whatever two Alertmanagers deliver twice and late: each firing counts once, and so does each end', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(phase, { minLength: 1, maxLength: 4 }), async (phases) => {
      run += 1;
      const fingerprint = `f2${run.toString(16)}`;
      await world().store.write({ do: 'delete', key: { pk: 'OPEN#test', sk: 'NODE#cp-1' } });
      const start = world().deps.now().getTime();
      let at = start;
      const deliveries = phases.flatMap(({ fires, over, late }) => {
        const [one, other, third, fourth] = late;
        const ends = at + fires * MINUTE;
        const told = [
          ...[one, other].map((minutes) => ({ at: at + minutes * MINUTE, ends: 0 })),
          ...[third, fourth].map((minutes) => ({ at: ends + minutes * MINUTE, ends })),
        ];
        at = ends + over * MINUTE;
        return told;
      });
      for (const delivery of deliveries.toSorted((a, b) => a.at - b.at)) {
        world().forward(Math.max(0, delivery.at - world().deps.now().getTime()));
        if (delivery.ends === 0) await fire(fingerprint);
        else await resolve(fingerprint, new Date(delivery.ends).toISOString());
      }
      const expected = phases.flatMap(() => ['alert_fired', 'alert_resolved']);
      expect(await alertEvents(await pointer())).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});
