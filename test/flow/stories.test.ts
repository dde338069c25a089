import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyAudit } from '../../lib/audit/verify.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import type { TryAgain } from '../../lib/flow/deps.ts';
import {
  ALL_LABELS,
  BOOT_S,
  inMaintenance,
  ok,
  partitions,
  running,
  SPKI,
  STATE_UUID,
  stateVolume,
  temporaryName,
} from '../playbooks/build-evidence.ts';
import { type Database, startDatabase } from '../store/database.ts';
import { alertOf, createWorld, payloadOf, refusedByTalos, type World } from './world.ts';

let database: Database;
let world: World;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  world = await createWorld(database);
  // every test has the cluster for itself
  const { store } = world;
  await store.write({ do: 'delete', key: { pk: 'LEASE#test', sk: 'LEASE' } });
  await store.write({ do: 'delete', key: { pk: 'OPEN#test', sk: 'NODE#cp-1' } });
});

const services = ok(
  ['apid', 'machined', 'etcd', 'kubelet', 'trustd'].map((id) => {
    return { id, state: 'Running', health: 'healthy' as const, lastMessage: '', events: [] };
  }),
);
const alive = {
  services,
  nodeStatus: ok({ nodename: 'cp-1', nodeReady: true, unschedulable: false }),
  volumes: ok([stateVolume('ready', STATE_UUID)]),
  sequences: ok([]),
};
const waiting: Evidence = inMaintenance({
  version: ok({ tag: 'v1.13.2', platform: 'metal', mode: 'metal' }),
  discoveredVolumes: ok(partitions(ALL_LABELS)),
  volumes: ok([stateVolume('ready', STATE_UUID)]),
});
const well: Evidence = running({ ...alive, systemStat: ok({ bootTimeS: BOOT_S + 300 }) });
const misnamed: Evidence = temporaryName(alive);

const typed = { nodeName: 'cp-1', reason: 'it waits', consoleFingerprint: SPKI.slice(0, 8) };

/** A disk that came too late, up to the point where a second person could say yes. */
async function awaiting(): Promise<{ id: string; planId: string }> {
  world.talos.evidence = waiting;
  const id = await world.open();
  const planId = await world.requested(id, 'restore_config');
  expect((await world.plan(id, planId)).status).toBe('ready');
  expect(await world.desk.submit(id, planId, world.by('UREQUESTER'), typed)).toEqual({ ok: true, value: undefined });
  return { id, planId };
}
const approve = (id: string, planId: string, user = 'UAPPROVER') =>
  world.desk.approve(id, planId, world.by(user), typed);

/** A reboot for a name that came too late, asked for; one yes is enough. */
async function rebootReady(): Promise<{ id: string; planId: string }> {
  world.talos.evidence = misnamed;
  const id = await world.open();
  const planId = await world.requested(id, 'reboot', 'UOP');
  expect(await world.plan(id, planId)).toMatchObject({ status: 'ready', because: '' });
  return { id, planId };
}
const confirm = (id: string, planId: string, user = 'UOP') => world.desk.submit(id, planId, world.by(user), typed);
/** What the call leads to. */
const becomes = (evidence: Evidence) => (): undefined => {
  world.talos.evidence = evidence;
};
const count = (types: readonly string[], type: string) => types.filter((one) => one === type).length;

/** Verification looks again after 10 s, 20 s ...: turns the clock to each look. */
async function untilVerdict(id: string, planId: string): Promise<void> {
  for (let looks = 0; looks < 80; looks += 1) {
    await world.drain(id);
    const { status, verification } = await world.plan(id, planId);
    if (status !== 'verifying' || verification === undefined) return;
    world.forward(Date.parse(verification.nextLookAt) - world.deps.now().getTime());
  }
}
const chainHolds = async () => expect(await verifyAudit(database.store())).toMatchObject({ ok: true });

describe('both stories, from the alert to the verdict', () => {
  test('a node in maintenance mode gets its stored config: two people, one call, proven, lease free', async () => {
    const { id, planId } = await awaiting();
    expect(world.slack.cards).toHaveLength(1);
    expect(await world.desk.approve(id, planId, world.by('UREQUESTER'), typed)).toMatchObject({ ok: false });
    expect(world.talos.calls).toEqual([]);
    world.talos.onCall = becomes(well);
    expect(await approve(id, planId)).toEqual({ ok: true, value: undefined });
    await untilVerdict(id, planId);
    expect(world.talos.calls).toEqual(['apply']);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'verified', verdict: 'verified', holdsLease: false });
    expect(await world.lease()).toBeUndefined();
    expect(world.slack.cards).toHaveLength(1);
    expect(world.slack.views).toEqual([planId]);
    const types = await world.types(id);
    expect(count(types, 'person_refused')).toBe(1);
    expect(count(types, 'step_intended')).toBe(1);
    expect(world.slack.thread.filter((text) => text.includes('*verified*'))).toHaveLength(1);
    await chainHolds();
  });

  test('etcd under a temporary name: one operator is enough, one reboot, proven by another boot', async () => {
    const { id, planId } = await rebootReady();
    world.talos.onCall = becomes(well);
    expect(await confirm(id, planId)).toEqual({ ok: true, value: undefined });
    await untilVerdict(id, planId);
    expect(world.talos.calls).toEqual(['reboot']);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
    expect(await world.lease()).toBeUndefined();
    await chainHolds();
  });

  test('a node that comes back with the wrong name is never called verified, however often it is looked at', async () => {
    const { id, planId } = await awaiting();
    world.talos.onCall = becomes(running({ ...alive, hostname: ok({ hostname: 'talos-8qy-c5p', domainname: '' }) }));
    await approve(id, planId);
    await untilVerdict(id, planId);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'unverified', holdsLease: false });
    expect((await world.plan(id, planId)).because).toContain('Hostname');
    expect(await world.lease()).toBeUndefined();
  });

  test('Talos saying that the node is well ends unused plans; Alertmanager agreeing closes the incident', async () => {
    const fingerprint = 'c105ed';
    world.talos.evidence = misnamed;
    const id = await world.open(fingerprint);
    const planId = await world.requested(id, 'reboot', 'UOP');
    world.talos.evidence = well;
    await world.desk.diagnoseAgain(id, world.by('UOP'));
    await world.drain(id);
    expect((await world.state(id)).status).toBe('diagnosed');
    expect((await world.plan(id, planId)).status).toBe('voided');
    await world.post(payloadOf([alertOf('resolved', { fingerprint })]));
    await world.drain(id);
    expect((await world.state(id)).status).toBe('closed');
    expect(await world.store.open()).not.toContain(`INCIDENT#${id}`);
    const next = await world.open('c105ee');
    expect(next).not.toBe(id);
  });

  test('an alert that resolves while Talos finds the node ill does not close the incident', async () => {
    world.talos.evidence = waiting;
    const id = await world.open('0a0a');
    await world.post(payloadOf([alertOf('resolved', { fingerprint: '0a0a' })]));
    await world.drain(id);
    expect((await world.state(id)).status).toBe('diagnosed');
    expect(count(await world.types(id), 'diagnosis_finished')).toBe(2);
  });
});

describe('what is refused changes nothing and is on record', () => {
  test.for([
    { user: 'UNOBODY', why: 'nobody gave a role' },
    { user: 'UOP', why: 'an operator may not restore a config' },
    { user: 'UGUEST', why: 'a guest' },
    { user: 'UGONE', why: 'a deactivated account' },
    { user: 'UROBOT', why: 'a bot' },
    { user: 'UELSEWHERE', why: 'Slack says another team' },
    { user: 'UUNKNOWN', why: 'Slack does not know them' },
  ])('$why cannot ask, approve or deny', async ({ user }) => {
    const { id, planId } = await awaiting();
    const before = (await world.state(id)).plans;
    expect(await world.desk.requestPlan(id, 'restore_config', world.by(user))).toMatchObject({ ok: false });
    expect(await approve(id, planId, user)).toMatchObject({ ok: false });
    expect(await world.desk.deny(id, planId, world.by(user), 'no')).toMatchObject({ ok: false });
    expect((await world.state(id)).plans).toEqual(before);
    const refusals = (await world.events(id)).filter(({ type }) => type === 'person_refused');
    expect(refusals.map(({ actor }) => actor.id)).toEqual([user, user, user]);
    expect(world.talos.calls).toEqual([]);
  });

  test('a click signed for another workspace is refused although the user id is known here', async () => {
    const { id, planId } = await awaiting();
    expect(await world.desk.approve(id, planId, world.by('UAPPROVER', 'T9'), typed)).toMatchObject({ ok: false });
    expect((await world.plan(id, planId)).approvals).toHaveLength(1);
    expect(await world.types(id)).toContain('person_refused');
  });

  test.for([
    { change: { nodeName: 'cp-2' }, field: 'nodeName' },
    { change: { nodeName: '' }, field: 'nodeName' },
    { change: { consoleFingerprint: 'AAAAAAAA' }, field: 'consoleFingerprint' },
    { change: { consoleFingerprint: '' }, field: 'consoleFingerprint' },
  ])('an approver who types $change is shown the field', async ({ change, field }) => {
    const { id, planId } = await awaiting();
    const answer = await world.desk.approve(id, planId, world.by('UAPPROVER'), { ...typed, ...change });
    expect(answer).toMatchObject({ ok: false, field });
    expect(await world.plan(id, planId)).toMatchObject({ status: 'awaiting' });
    const isOnRecord = (await world.types(id)).includes('person_refused');
    expect(isOnRecord).toBe(field === 'consoleFingerprint');
  });

  test('a used plan cannot be approved, confirmed or denied again', async () => {
    const { id, planId } = await awaiting();
    world.talos.onCall = becomes(well);
    await approve(id, planId);
    expect(await approve(id, planId)).toMatchObject({ ok: false });
    await untilVerdict(id, planId);
    const before = (await world.state(id)).plans;
    expect(await approve(id, planId)).toMatchObject({ ok: false });
    expect(await confirm(id, planId, 'UREQUESTER')).toMatchObject({ ok: false });
    expect(await world.desk.deny(id, planId, world.by('UAPPROVER'), 'no')).toMatchObject({ ok: false });
    await world.drain(id);
    expect((await world.state(id)).plans).toEqual(before);
    expect(world.talos.calls).toEqual(['apply']);
    const refused = (await world.events(id)).filter(({ type }) => type === 'person_refused');
    expect(refused.map(({ data }) => 'what' in data && data.what)).toEqual([
      'Approval of Restore config',
      'Confirmation of Restore config',
      'Denial of Restore config',
    ]);
  });

  test('twenty simultaneous approvals by one person count once', async () => {
    const { id, planId } = await awaiting();
    const answers = await Promise.all(Array.from({ length: 20 }, () => approve(id, planId)));
    expect(answers.filter(({ ok: isOk }) => isOk)).toHaveLength(1);
    expect(count(await world.types(id), 'approval_given')).toBe(1);
    expect(count(await world.types(id), 'plan_approved')).toBe(1);
  });

  test.for([
    { why: 'the node shows another key', evidence: { ...waiting, reach: otherKey(waiting) } },
    { why: 'the node does not answer any more', evidence: silentNow() },
    { why: 'the node runs again', evidence: well },
  ])('$why: the approved plan is voided and nothing is sent', async ({ evidence }) => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    world.talos.evidence = evidence;
    await world.drain(id);
    expect((await world.plan(id, planId)).status).toBe('voided');
    expect(world.talos.calls).toEqual([]);
    expect(await world.lease()).toBeUndefined();
  });

  test('a node that has rebooted since voids the plan of its reboot', async () => {
    const { id, planId } = await rebootReady();
    await confirm(id, planId);
    world.talos.evidence = {
      ...misnamed,
      readings: { ...misnamed.readings, systemStat: ok({ bootTimeS: BOOT_S + 90 }) },
    };
    await world.drain(id);
    expect((await world.plan(id, planId)).status).toBe('voided');
    expect(world.talos.calls).toEqual([]);
  });

  test('nobody decides on an expired plan, and an approved one that has expired is not carried out', async () => {
    const { id, planId } = await awaiting();
    world.forward(31 * 60_000);
    expect(await approve(id, planId)).toMatchObject({ ok: false });
    await world.drain(id);
    expect((await world.plan(id, planId)).status).toBe('expired');
    expect(count(await world.types(id), 'person_refused')).toBe(1);

    const second = await rebootReadyOf(id);
    await confirm(id, second);
    world.forward(16 * 60_000);
    await world.step(id, 'act', second); // not the sweep: acting alone must end it
    expect((await world.plan(id, second)).status).toBe('expired');
    expect(world.talos.calls).toEqual([]);
  });

  async function rebootReadyOf(id: string): Promise<string> {
    world.talos.evidence = misnamed;
    await world.desk.diagnoseAgain(id, world.by('UOP'));
    await world.drain(id);
    return world.requested(id, 'reboot', 'UOP');
  }

  const LAST_STARTED = { pk: 'LEASE#test', sk: 'LAST_STARTED' };
  /** A plan for another node of the cluster began, and is over. */
  const anotherBegan = () =>
    world.store.write({ do: 'put', key: LAST_STARTED, attributes: { planId: world.deps.newId() } });

  test('a plan that was made before another one of the cluster began is void: nobody can approve it', async () => {
    const { id, planId } = await awaiting();
    await anotherBegan();
    const because = 'Another action has begun in this cluster since the plan was made; ask for a new one.';
    expect(await approve(id, planId)).toEqual({ ok: false, error: { because } });
    expect(await world.desk.review(id, planId, world.by('UAPPROVER'))).toMatchObject({
      value: { may: 'read', because },
    });
    expect(count(await world.types(id), 'person_refused')).toBe(1);
    expect(count(await world.types(id), 'approval_given')).toBe(0);
  });

  test('an approved plan is void when another one of the cluster begins before it', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    await anotherBegan();
    await world.drain(id);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'voided', holdsLease: false });
    expect(world.talos.calls).toEqual([]);
  });

  test("an approved plan waits for the end of another plan's dry run, and is carried out then", async () => {
    const { id, planId } = await awaiting();
    const key = { pk: 'LEASE#test', sk: 'LEASE' };
    const attributes = { planId: 'plan-other', action: 'a dry run', isDryRun: 'yes', node: 'cp-2', incident: 'other' };
    await world.store.write({ do: 'put', key, attributes });
    expect(await approve(id, planId)).toEqual({ ok: true, value: undefined });
    await expect(world.step(id, 'act', planId)).rejects.toThrow('a dry run on cp-2 ends first');
    expect((await world.plan(id, planId)).status).toBe('approved');
    await world.store.write({ do: 'delete', key });
    world.talos.onCall = becomes(well);
    await untilVerdict(id, planId);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'verified' });
    expect(world.talos.calls).toEqual(['apply']);
  });

  test('a frozen plan that was changed in the table is not carried out', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    const key = { pk: `PLAN#${planId}`, sk: 'PLAN' };
    const item = await world.store.get(key);
    const body = String(item?.attributes['body']).replace('10.0.0.1', '10.0.0.2');
    await world.store.write({ do: 'put', key, attributes: { ...item?.attributes, body } });
    await world.drain(id);
    expect((await world.plan(id, planId)).status).toBe('voided');
    expect(world.talos.calls).toEqual([]);
  });

  test('a yes of somebody who has lost the role meanwhile does not count', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    const [cluster] = world.deps.config.clusters;
    cluster?.bindings.splice(0, 1, { users: ['UREQUESTER'], role: 'admin' });
    await world.drain(id);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'voided' });
    expect(world.talos.calls).toEqual([]);
  });
});

function otherKey({ reach }: Evidence): Evidence['reach'] {
  return reach.certificate ? { ...reach, certificate: { ...reach.certificate, spki: 'YW5vdGhlcg==' } } : reach;
}
function silentNow(): Evidence {
  return {
    ...waiting,
    reach: { mode: 'silent', error: { code: 'connection_timeout', message: 'timeout' } },
    readings: {},
  };
}

describe('crashes around the one call', () => {
  const crash = () => {
    throw new Error('killed');
  };

  test('killed before the call arrived: it is sent again once, after its deadline and a look at the node', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    world.talos.onCall = crash;
    await expect(world.step(id, 'act', planId)).rejects.toThrow('killed');
    world.talos.onCall = becomes(well);
    await expect(world.step(id, 'act', planId)).rejects.toThrow('deadline'); // too early to say
    expect(world.talos.calls).toEqual([]);
    world.forward(30_000);
    await untilVerdict(id, planId);
    expect(world.talos.calls).toEqual(['apply']);
    const types = await world.types(id);
    expect(count(types, 'step_intended')).toBe(2);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
    await chainHolds();
  });

  /** What happens while a look at the node goes on. */
  const duringLooks = (happens: () => unknown) => {
    const { collect } = world.talos;
    world.talos.collect = async (target, options) => {
      const seen = await collect(target, options);
      await happens();
      return seen;
    };
  };

  test('a look that began before the deadline of the call proves nothing after it', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    world.talos.onCall = crash;
    await expect(world.step(id, 'act', planId)).rejects.toThrow('killed');
    world.talos.onCall = becomes(well);
    duringLooks(() => world.forward(20_000)); // the sweep waits for a silent control plane
    await expect(world.step(id, 'act', planId)).rejects.toThrow('deadline');
    expect(count(await world.types(id), 'step_intended')).toBe(1);
    expect(world.talos.calls).toEqual([]);
  });

  test('a node that takes the call again and again without a trace gets it three times, then a person has to look', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    let sent = 0;
    world.talos.onCall = () => {
      sent += 1;
      return refusedByTalos('deadline_exceeded');
    };
    while ((await world.plan(id, planId)).verification === undefined) {
      await world.step(id, 'act', planId).catch((error: TryAgain) => expect(error.delayMs).toBeGreaterThan(0));
      world.forward(15_000);
    }
    await untilVerdict(id, planId);
    expect(sent).toBe(3);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'unverified', holdsLease: false });
    await chainHolds();
  });

  test('a plan that began in time is not carried out hours later', async () => {
    const { id, planId } = await rebootReady();
    await confirm(id, planId);
    const { put } = world.blobs;
    world.blobs.put = () => Promise.reject(new Error('killed'));
    await expect(world.step(id, 'act', planId)).rejects.toThrow('killed');
    world.blobs.put = put;
    world.forward(8 * 3600_000);
    await world.drain(id);
    expect(await world.plan(id, planId)).toMatchObject({
      status: 'refused',
      because: expect.stringContaining('expired'),
      holdsLease: false,
    });
    expect(world.talos.calls).toEqual([]);
  });

  test('a dry run that begins while an approved plan looks at its node makes it wait', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    const key = { pk: 'LEASE#test', sk: 'LEASE' };
    const attributes = { planId: 'plan-other', action: 'a dry run', isDryRun: 'yes', node: 'cp-2', incident: 'other' };
    duringLooks(() => world.store.write({ do: 'put', key, attributes }));
    await expect(world.step(id, 'act', planId)).rejects.toThrow('a dry run on cp-2 ends first');
    expect((await world.plan(id, planId)).status).toBe('approved');
  });

  test('half a surrogate pair from a node stops neither the diagnosis nor the plan', async () => {
    const half = ok({ tag: 'v1.13.2', platform: 'metal \ud83d', mode: 'metal' });
    const services = ok([
      { id: 'kubelet', state: 'Waiting', health: 'unhealthy' as const, lastMessage: '\ud83d', events: [] },
    ]);
    world.talos.evidence = { ...misnamed, readings: { ...misnamed.readings, version: half, services } };
    const id = await world.open();
    expect((await world.state(id)).status).toBe('diagnosed');
    await chainHolds();
  });

  test('a look that breaks off is a failed diagnosis, five times at most', async () => {
    world.talos.evidence = undefined; // the fake throws
    const id = await world.open();
    for (let n = 0; n < 10; n += 1) await world.step(id, 'diagnose', ''); // as its delayed messages do
    const types = await world.types(id);
    expect(count(types, 'diagnosis_failed')).toBe(5);
    expect((await world.state(id)).diagnosisFailures).toBe(5);
  });

  test('a plan is not frozen in an incident that was closed meanwhile', async () => {
    world.talos.evidence = misnamed;
    const id = await world.open();
    const asked = await world.desk.requestPlan(id, 'reboot', world.by('UOP'));
    expect(await world.desk.close(id, world.by('UREQUESTER'), 'no reboot now')).toMatchObject({ ok: true });
    await world.drain(id);
    const planId = asked.ok ? asked.value.planId : '';
    expect(await world.plan(id, planId)).toMatchObject({ status: 'refused', holdsLease: false });
    expect(await confirm(id, planId)).toMatchObject({ ok: false });
  });

  test('killed after the call arrived: it is not sent again', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    world.talos.onCall = () => {
      world.talos.evidence = well;
      world.talos.calls.push('apply');
      return crash();
    };
    await expect(world.step(id, 'act', planId)).rejects.toThrow('killed');
    world.forward(30_000);
    await untilVerdict(id, planId);
    expect(world.talos.calls).toEqual(['apply']);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'verified' });
  });

  test('a reply that is lost is looked into at once: arrived is not sent again, not arrived is', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    let sent = 0;
    world.talos.onCall = () => {
      sent += 1;
      if (sent === 1) return refusedByTalos('deadline_exceeded'); // it never arrived, but who knows
      world.talos.evidence = well;
      return 'lose_reply';
    };
    await expect(world.step(id, 'act', planId)).rejects.toThrow();
    expect((await world.plan(id, planId)).steps[1]).toMatchObject({ status: 'intended', attempt: 1 });
    world.forward(30_000);
    await untilVerdict(id, planId);
    expect(world.talos.calls).toEqual(['apply']);
    expect(sent).toBe(2);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'verified' });
  });

  test('a node that cannot tell is asked for five minutes, nothing is resent, and a person has to look', async () => {
    const { id, planId } = await rebootReady();
    await confirm(id, planId);
    world.talos.onCall = () => {
      world.talos.evidence = silentNow();
      return 'lose_reply';
    };
    await expect(world.step(id, 'act', planId)).rejects.toThrow();
    world.forward(60_000);
    await expect(world.step(id, 'act', planId)).rejects.toThrow();
    world.forward(5 * 60_000);
    await untilVerdict(id, planId);
    expect(world.talos.calls).toEqual(['reboot']);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'unverified', holdsLease: false });
    expect(await world.lease()).toBeUndefined();
  });

  test('what Talos refuses ends the plan as refused and gives the cluster back', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    world.talos.onCall = () => refusedByTalos('invalid_config');
    await world.drain(id);
    expect(await world.plan(id, planId)).toMatchObject({ status: 'refused', holdsLease: false });
    expect(world.talos.calls).toEqual([]);
    expect(await world.lease()).toBeUndefined();
  });

  test('when the audit trail does not take the intent the call is not made', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    const { store } = world;
    const change = store.change.bind(store);
    let isDown = false;
    Object.assign(world.deps.ledger, {
      change: async (...given: Parameters<typeof change>) => {
        if (isDown) return { ok: false, error: { code: 'unavailable', message: 'down' } };
        return change(...given);
      },
    });
    const { collect } = world.talos;
    let looks = 0;
    world.talos.collect = (...given) => {
      looks += 1;
      isDown = looks >= 3; // start, step 0, and now the look before the call
      return collect(...given);
    };
    await expect(world.step(id, 'act', planId)).rejects.toThrow('nothing was sent');
    expect(world.talos.calls).toEqual([]);
    isDown = false;
    expect((await world.plan(id, planId)).steps[1]).toMatchObject({ status: 'pending', attempt: 0 });
  });
});

describe('Slack', () => {
  test('a post whose reply was lost is found again: one card, and it catches up with what happened since', async () => {
    world.talos.evidence = waiting;
    world.slack.fail = (call) => (call === 'postCard' ? 'after' : undefined);
    await expect(world.open()).rejects.toThrow('Slack');
    world.slack.fail = () => undefined;
    const id = world.slack.cards[0]?.incidentId ?? '';
    const first = JSON.stringify(world.slack.cards[0]?.card);
    world.talos.evidence = well;
    await world.desk.diagnoseAgain(id, world.by('UREQUESTER'));
    await world.step(id, 'diagnose', '');
    await world.drain(id);
    expect(world.slack.cards).toHaveLength(1);
    expect(JSON.stringify(world.slack.cards[0]?.card)).not.toBe(first);
    const { card, cardSeq } = await world.state(id);
    expect(card?.seq).toBe(cardSeq);
  });

  test('a card that somebody deleted is posted again, once, and the incident goes on in it', async () => {
    const { id, planId } = await awaiting();
    world.slack.cards.length = 0;
    world.slack.fail = (call) => (call === 'postCard' ? 'after' : undefined);
    await approve(id, planId);
    await expect(world.step(id, 'card', '')).rejects.toThrow('no_answer');
    world.slack.fail = () => undefined;
    world.talos.onCall = becomes(well);
    await untilVerdict(id, planId);
    expect(world.slack.cards.map(({ ts, incidentId }) => [ts, incidentId])).toEqual([['2.0', id]]);
    expect((await world.state(id)).card).toMatchObject({ ts: '2.0' });
    expect(world.slack.thread.some((text) => text.includes('*verified*'))).toBe(true);
  });

  test('a Slack that refuses is asked again after a minute, one that does not answer after seconds', async () => {
    const { id } = await awaiting();
    await world.desk.diagnoseAgain(id, world.by('UREQUESTER'));
    const wait = async (code: 'refused' | 'unavailable') => {
      world.slack.updateCard = async () => ({ ok: false, error: { code, slackCode: 'not_in_channel', message: '' } });
      return world.step(id, 'card', '').catch((error: TryAgain) => error.delayMs);
    };
    expect([await wait('refused'), await wait('unavailable')]).toEqual([60_000, 2_000]);
  });

  test('Slack being down delays no action, and everything is said afterwards', async () => {
    const { id, planId } = await awaiting();
    await approve(id, planId);
    world.slack.fail = () => 'before';
    world.talos.onCall = becomes(well);
    await expect(world.step(id, 'card', '')).rejects.toThrow('Slack');
    await world.step(id, 'act', planId);
    world.forward(10_000);
    await world.step(id, 'verify', planId);
    expect(world.talos.calls).toEqual(['apply']);
    expect((await world.plan(id, planId)).status).toBe('verified');
    world.slack.fail = () => undefined;
    await world.drain(id);
    expect(world.slack.thread.some((text) => text.includes('*verified*'))).toBe(true);
    expect((await world.state(id)).threadDue).toEqual([]);
  });
});

test('a diagnose message that comes twice, or late, diagnoses once', async () => {
  world.talos.evidence = misnamed;
  const id = await world.open();
  await world.step(id, 'diagnose', '');
  await world.step(id, 'diagnose', '');
  expect(count(await world.types(id), 'diagnosis_started')).toBe(1);
});
