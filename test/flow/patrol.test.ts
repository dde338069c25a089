import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyAudit } from '../../lib/audit/verify.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { answerPatrol } from '../../lib/flow/answer-patrol.ts';
import { forgetEntry, readInventory } from '../../lib/flow/inventory.ts';
import { type Patrolling, patrol } from '../../lib/flow/patrol.ts';
import { clusterKind, clusterStream } from '../../lib/incidents/cluster-stream.ts';
import { duePatrol } from '../../lib/incidents/due-patrol.ts';
import { ok } from '../playbooks/build-evidence.ts';
import { type Database, startDatabase } from '../store/database.ts';
import { silent, well } from './stage.ts';
import { CLUSTER, createWorld, TEAM, type World } from './world.ts';

const STREAM = clusterStream(CLUSTER);
const HOUR_MS = 3_600_000;
const layer = (id: string, version: string) => ({ id, name: 'iscsi-tools', version, image: '' });
const twice: Evidence = {
  ...well,
  readings: { ...well.readings, extensions: ok([layer('000', 'v0.1.1'), layer('001', 'v0.1.4')]) },
};
const unread: Evidence = {
  ...well,
  readings: { ...well.readings, extensions: { ...ok([]), ok: false, error: { code: 'x', message: 'x' } } },
};

let database: Database;
let world: World;
let patrolling: Patrolling;
beforeEach(async () => {
  database = await startDatabase();
  world = await createWorld(database);
  for (const name of ['cp-2', 'cp-3']) await forgetEntry(world.deps, { cluster: CLUSTER, name });
  patrolling = {
    ...world.deps,
    talos: world.talos,
    certificates: () => [],
    patrolEveryMs: HOUR_MS,
    stopping: new AbortController().signal,
  };
});
afterEach(async () => {
  expect(await verifyAudit(database.store())).toMatchObject({ ok: true });
  await database.stop();
});

const cluster = async () => {
  const state = await world.store.read(clusterKind, STREAM);
  if (state === undefined) throw new Error('nothing has happened to the cluster');
  return state;
};
const incidents = async () =>
  (await world.store.listed('INCIDENT', 100)).map((stream) => stream.replace('INCIDENT#', ''));
/** What is due now for the cluster and its incidents, until nothing is. */
async function rest(): Promise<void> {
  for (let rounds = 0; rounds < 20; rounds += 1) {
    const now = world.deps.now().toISOString();
    const due = duePatrol(await world.store.read(clusterKind, STREAM), now, HOUR_MS).filter(
      ({ notBefore }) => notBefore <= now,
    );
    for (const { step } of due) {
      if (step === 'patrol') await patrol(patrolling, STREAM);
      else
        await answerPatrol(
          { ...world.deps, slack: world.slack, pageOf: () => undefined, auditUrl: (id) => id },
          STREAM,
        );
    }
    for (const id of await incidents()) await world.drain(id);
    if (due.length === 0) return;
  }
  throw new Error('it never comes to rest');
}
/** A patrol that finds this. */
async function patrolOf(evidence: Evidence): Promise<void> {
  world.talos.evidence = evidence;
  world.forward(HOUR_MS);
  await rest();
}
const cardText = (n = 0) => JSON.stringify(world.slack.cards[n]?.card.blocks);

test('what is new opens one quiet incident, what is known is not repeated, and when all is gone it closes', async () => {
  await patrolOf(well);
  expect(await incidents()).toEqual([]);

  await patrolOf(twice);
  const [id = ''] = await incidents();
  expect(await world.state(id)).toMatchObject({ subject: 'cluster', status: 'diagnosed', node: '' });
  expect(cardText()).toContain('Patrol of test: 1 kind of findings on 1 node');
  expect(cardText()).toContain('*duplicate_extensions* on cp-1 (certain)');
  expect(cardText()).toContain('Layer 000: iscsi-tools v0.1.1.');
  expect(cardText()).toContain('*Next step:* Upgrade to v1.13.2');
  expect(cardText()).not.toMatch(/<@|<!channel|<!here|"type":"button"/);

  await patrolOf(twice);
  await patrolOf(unread);
  expect(world.slack.cards).toHaveLength(1);
  expect(world.slack.thread).toEqual([]);
  expect((await world.state(id)).status).toBe('diagnosed');

  await patrolOf(well);
  expect((await world.state(id)).status).toBe('closed');
  expect(cardText()).toContain('~duplicate_extensions on cp-1~ is gone');
  expect(world.slack.thread).toEqual(['Closed: A patrol of 1 node finds nothing of it any more.']);
  expect(await incidents()).toEqual([id]);

  await patrolOf(twice);
  expect(await incidents()).toHaveLength(2);
});

test('a finding that joins later is told in the thread of the same card', async () => {
  await patrolOf(twice);
  await patrolOf(silent);
  expect(world.slack.cards).toHaveLength(1);
  expect(world.slack.thread).toEqual(['New since the patrol before: node_silent on cp-1.']);
  expect(cardText()).toContain('Patrol of test: 3 kinds of findings on 1 node');
  expect(cardText()).toContain('Not reached: cp-1.');
});

test('a node with an incident of its own is looked at, and told there only', async () => {
  world.talos.evidence = twice;
  const own = await world.open();
  await patrolOf(twice);
  expect(await incidents()).toEqual([own]);
  expect((await cluster()).report?.said).toMatchObject({ nodes: 1, groups: [], fresh: [] });
});

test('from the card of the cluster a node gets an incident of its own, and leaves the digest', async () => {
  await patrolOf(twice);
  const [id = ''] = await incidents();
  expect(cardText()).toContain('"action_id":"diagnose_node"');
  expect(await world.desk.diagnoseNode(id, 'cp-1', world.by('UNOBODY'))).toMatchObject({ ok: false });
  expect(await world.desk.diagnoseNode(id, 'cp-9', world.by('UOP'))).toMatchObject({
    ok: false,
    error: { because: 'This node is not in the inventory any more.' },
  });
  expect(await world.desk.diagnoseNode(id, 'cp-1', world.by('UOP'))).toEqual({ ok: true, value: undefined });
  expect(await world.desk.diagnoseNode(id, 'cp-1', world.by('UOP'))).toMatchObject({
    ok: false,
    error: { because: 'This node has an open incident already: see its card.' },
  });
  await rest();
  const own = (await incidents()).find((one) => one !== id) ?? '';
  expect(await world.state(own)).toMatchObject({ subject: 'node', node: 'cp-1', status: 'diagnosed', alerts: [] });
  expect((await world.state(own)).diagnosis?.findings.map(({ code }) => code)).toContain('duplicate_extensions');
  await patrolOf(twice);
  expect(await world.state(id)).toMatchObject({
    status: 'closed',
    closedBecause: expect.stringContaining('what is left has incidents of its own'),
  });
});

test('a node that is well has its own incident closed at once, without a word of Alertmanager', async () => {
  await patrolOf(twice);
  const [id = ''] = await incidents();
  world.talos.evidence = well;
  await world.desk.diagnoseNode(id, 'cp-1', world.by('UOP'));
  await rest();
  const own = (await incidents()).find((one) => one !== id) ?? '';
  expect(await world.state(own)).toMatchObject({
    status: 'closed',
    closedBecause: 'Talos says that the node is running and ready, and no alert was about it.',
  });
});

test('closed by a person, it is not told again as long as nothing new is found', async () => {
  await patrolOf(twice);
  const [id = ''] = await incidents();
  expect(await world.desk.close(id, world.by('UOP'), 'planned for the next upgrade')).toEqual({
    ok: true,
    value: undefined,
  });
  await patrolOf(twice);
  expect(await incidents()).toEqual([id]);
  await patrolOf(silent);
  const later = (await incidents()).find((one) => one !== id) ?? '';
  expect((await world.state(later)).patrol?.groups.map(({ code }) => code)).toEqual(['node_silent']);
});

test('a patrol that dies after its report is told by the next one, and by no second look', async () => {
  world.talos.evidence = twice;
  const looked: string[] = [];
  const talos: Patrolling['talos'] = {
    patrol: (...args) => {
      looked.push('look');
      return world.talos.patrol(...args);
    },
  };
  const items = { ...world.deps.items };
  const dying = {
    ...patrolling,
    talos,
    items: { ...items, get: () => Promise.reject(new Error('the process ended')) },
  };
  await expect(patrol(dying, STREAM)).rejects.toThrow('the process ended');
  expect((await cluster()).report?.isTold).toBe(false);
  patrolling = { ...patrolling, talos };
  await rest();
  expect(looked).toEqual(['look']);
  expect(await incidents()).toHaveLength(1);
});

test('a patrol that breaks off says so, and who asked is told', async () => {
  patrolling = { ...patrolling, talos: { patrol: () => Promise.reject(new Error('no network at all')) } };
  expect(await world.desk.check(CLUSTER, world.by('UOP'), 'C1')).toEqual({
    ok: true,
    value: { cluster: CLUSTER, nodes: 1 },
  });
  await rest();
  expect(world.slack.answers).toEqual([
    'UOP: *Check of test:* could not look. The look over the cluster broke off; the reason is in the log.',
  ]);
});

test('a process that ends gives its look up without a word, and the next one begins again', async () => {
  const stopping = new AbortController();
  const ends: Patrolling['talos'] = {
    patrol: async () => stopping.abort(),
  };
  await patrol({ ...patrolling, talos: ends, stopping: stopping.signal }, STREAM);
  expect(await cluster()).toMatchObject({ endedAt: '', failed: '' });
  expect((await cluster()).report).toBeUndefined();
  world.talos.evidence = twice;
  await rest();
  expect((await cluster()).report?.said).toMatchObject({ nodes: 1, notLooked: [] });
});

test('who asks is answered with all that is found, known or not; twice is once', async () => {
  await patrolOf(twice);
  for (let n = 0; n < 2; n += 1) await world.desk.check(CLUSTER, world.by('UOP'), 'C1');
  await rest();
  expect(world.slack.answers).toHaveLength(1);
  expect(world.slack.answers[0]).toContain('*duplicate_extensions* on cp-1 (certain)');
  expect(world.slack.answers[0]).toContain('stands on the card in <#C1>');
  await patrolOf(well);
  await world.desk.check(CLUSTER, world.by('UREQUESTER'), 'C1');
  await rest();
  expect(world.slack.answers[1]).toMatch(
    /^UREQUESTER: \*Check of test\.\* Looked at 1 node, \d+ readings, in \d+\.\d s\.\nNothing found\.$/,
  );
});

test.for([
  { who: 'UNOBODY', named: CLUSTER, says: 'You have no operator role in test. Who can: ' },
  { who: 'UGUEST', named: CLUSTER, says: 'Guests cannot decide.' },
  { who: 'UOP', named: 'nope', says: 'Medic does not know the cluster nope. Medic knows test, other.' },
  { who: 'UOP', named: '', says: 'Say which cluster: `/medic check <cluster>`. Medic knows test, other.' },
])('$who cannot check "$named": $says', async ({ who, named, says }) => {
  const answer = await world.desk.check(named, world.by(who), 'C1');
  expect(answer).toMatchObject({ ok: false, error: { because: expect.stringContaining(says) } });
  expect((await world.store.read(clusterKind, STREAM))?.wanted ?? []).toEqual([]);
});

test('somebody of another workspace learns no names', async () => {
  const answer = await world.desk.check('nope', world.by('UOP', 'T9'), 'C1');
  expect(answer).toEqual({ ok: false, error: { because: 'You belong to another Slack workspace.' } });
  expect(TEAM).not.toBe('T9');
});

test('a healthy look renews the inventory; one that finds something does not', async () => {
  const seenAt = async () => (await readInventory(world.deps, CLUSTER))[0]?.seenAt;
  const before = await seenAt();
  await patrolOf(twice);
  expect(await seenAt()).toBe(before);
  await patrolOf(well);
  expect(await seenAt()).toBe(world.deps.now().toISOString());
});
