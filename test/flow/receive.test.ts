import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifyAudit } from '../../lib/audit/verify.ts';
import { type Database, startDatabase } from '../store/database.ts';
import { alertOf, payloadOf } from './alerts.ts';
import { createWorld, type World } from './world.ts';

let database: Database;
let world: World;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  world = await createWorld(database);
  await world.store.write({ do: 'delete', key: { pk: 'OPEN#test', sk: 'NODE#cp-1' } });
});

const firing = (fingerprint: string) => payloadOf([alertOf('firing', { fingerprint })]);
const resolved = (fingerprint: string) => payloadOf([alertOf('resolved', { fingerprint })]);
const pointer = async () => {
  const found = await world.store.get({ pk: 'OPEN#test', sk: 'NODE#cp-1' });
  return String(found?.attributes['incident'] ?? '');
};
const incidents = async () => new Set(await world.store.listed('INCIDENT', 1_000));
const clusterEvents = async (): Promise<readonly string[]> => {
  const bodies: string[] = [];
  for await (const { body } of world.store.events('CLUSTER#test')) bodies.push(body);
  return bodies;
};

test.for([
  { given: { token: 'stolen' }, status: 401, why: 'a token that nobody has' },
  { given: { token: '' }, status: 401, why: 'no token' },
  { given: { token: 'foreign' }, status: 401, why: 'a token of another cluster' },
  { given: { cluster: 'nowhere' }, status: 400, why: 'a cluster that is not known' },
  { given: { cluster: null }, status: 400, why: 'no cluster at all' },
])('$why: $status, and nothing is stored', async ({ given, status }) => {
  const before = await incidents();
  const answer = await world.post(firing('f0'), given);
  expect(answer.status).toBe(status);
  expect(await incidents()).toEqual(before);
  expect(await world.store.get({ pk: 'ALERT#test#f0', sk: `${alertOf('firing').startsAt}#firing` })).toBeUndefined();
});

test('a cluster label that contradicts the address is named by its path, and the good alerts beside it wait too', async () => {
  const before = await incidents();
  const bad = { fingerprint: 'f1', labels: { ...alertOf('firing').labels, cluster: 'other' } };
  const answer = await world.post(payloadOf([alertOf('firing', { fingerprint: 'f2' }), alertOf('firing', bad)]));
  expect(answer).toMatchObject({ status: 400, body: { path: 'alerts.1.labels.cluster' } });
  expect(await incidents()).toEqual(before);
});

test.for([
  { body: '{', path: '' },
  { body: payloadOf([alertOf('firing', { startsAt: 'yesterday' })]), path: 'alerts.0.startsAt' },
  { body: payloadOf([], { version: '3' }), path: 'version' },
  {
    body: payloadOf([alertOf('firing', { labels: { alertname: 'A', ['\ud800']: 7 } })]),
    path: 'alerts.0.labels.\ud800',
  },
  { body: payloadOf([alertOf('firing', { labels: { alertname: 'A', ['k'.repeat(500_000)]: 'v' } })]), path: undefined },
])('an invalid payload is answered with the path of the fault and kept (%#)', async ({ body, path }) => {
  const before = (await clusterEvents()).length;
  const answer = await world.post(body);
  expect(answer.status).toBe(400);
  if (path !== undefined) expect(answer.body['path']).toBe(path);
  const after = await clusterEvents();
  expect(after).toHaveLength(before + 1);
  expect(JSON.parse(after.at(-1) ?? '{}')).toMatchObject({ type: 'payload_refused' });
  expect(world.blobs.kept.size).toBe(1);
});

test.for(['stolen', 'foreign'])('an invalid payload with a %s token is answered 401 and not kept', async (token) => {
  const before = (await clusterEvents()).length;
  expect((await world.post('{', { token })).status).toBe(401);
  expect((await clusterEvents()).length).toBe(before);
  expect(world.blobs.kept.size).toBe(0);
});

test('one alert delivered 50 times at once: one incident, one event', async () => {
  const before = await incidents();
  const answers = await Promise.all(Array.from({ length: 50 }, () => world.post(firing('a50'))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect((await incidents()).size).toBe(before.size + 1);
  expect(await world.types(await pointer())).toEqual(['incident_opened', 'alert_fired']);
});

test('a resolve before its firing is kept and paired; more of both change nothing', async () => {
  for (const body of [resolved('b1'), resolved('b1'), firing('b1'), firing('b1'), resolved('b1')]) {
    expect((await world.post(body)).status).toBe(202);
  }
  const id = await pointer();
  expect(await world.types(id)).toEqual(['incident_opened', 'alert_fired', 'alert_resolved']);
  expect((await world.state(id)).alerts).toMatchObject([{ fingerprint: 'b1', status: 'resolved' }]);
});

test('firing and resolve interleaved by several processes: one incident, each event once, the chain holds', async () => {
  const before = await incidents();
  const worlds = await Promise.all([createWorld(database), createWorld(database), createWorld(database)]);
  const bodies = Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? resolved('c1') : firing('c1')));
  const answers = await Promise.all(bodies.map((body, n) => worlds[n % worlds.length]?.post(body)));
  // losing too many races is said with 503, and Alertmanager sends it again
  expect(answers.every((answer) => answer?.status === 202 || answer?.status === 503)).toBe(true);
  for (const body of [firing('c1'), resolved('c1')]) expect((await world.post(body)).status).toBe(202);
  expect((await incidents()).size).toBe(before.size + 1);
  expect(await world.types(await pointer())).toEqual(['incident_opened', 'alert_fired', 'alert_resolved']);
  expect(await verifyAudit(database.store())).toMatchObject({ ok: true });
});

test('a second alert of the same node joins its incident', async () => {
  await world.post(firing('d1'));
  await world.post(firing('d2'));
  expect((await world.state(await pointer())).alerts.map(({ fingerprint }) => fingerprint)).toEqual(['d1', 'd2']);
});

test('an alert that names no node of the inventory is stored as unresolved, with nothing to dial', async () => {
  const before = await incidents();
  const labels = { alertname: 'NodeDown', instance: '169.254.169.254:80' };
  await world.post(payloadOf([alertOf('firing', { fingerprint: 'e1', labels })]));
  const [stream = ''] = [...(await incidents())].filter((one) => !before.has(one));
  expect(await world.state(stream.replace('INCIDENT#', ''))).toMatchObject({ subject: 'unresolved', node: '' });
});

test('texts of any size and with broken characters are stored', async () => {
  const summary = `${'x'.repeat(499)}\u{1f525}${'y'.repeat(9_000)}`;
  const labels = { ...alertOf('firing').labels, broken: 'half \ud83d of a pair', long: '\u{1f525}'.repeat(4_000) };
  const body = payloadOf([alertOf('firing', { fingerprint: 'e2', labels, annotations: { summary } })]);
  expect((await world.post(body)).status).toBe(202);
  const stored = (await world.state(await pointer())).alerts[0]?.summary ?? '';
  expect(stored.startsWith('x'.repeat(499))).toBe(true);
  expect(stored.length).toBeLessThan(510);
});

test('when the table is out of reach the answer is 503, so that Alertmanager sends it again', async () => {
  const { query } = world.deps.items;
  Object.assign(world.deps.items, {
    query: async () => {
      throw new Error('out of reach');
    },
  });
  expect((await world.post(firing('e3'))).status).toBe(503);
  Object.assign(world.deps.items, { query });
  expect((await world.post(firing('e3'))).status).toBe(202);
});
