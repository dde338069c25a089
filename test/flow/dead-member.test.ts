import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeInventory } from '../../lib/flow/inventory.ts';
import { learnEntries } from '../../lib/flow/learn-cluster.ts';
import { createAdmin } from '../../lib/talos/admin.ts';
import { createOperator } from '../../lib/talos/operator.ts';
import { createReader } from '../../lib/talos/reader.ts';
import { accessOf, targetsOf } from '../../local/simulated-access.ts';
import { startCluster } from '../../simulator/nodes/start-cluster.ts';
import { JournalLine } from '../../simulator/world.ts';
import { alertOf, payloadOf } from './alerts.ts';
import { staged, typed } from './stage.ts';
import { CLUSTER } from './world.ts';

/** Simulated nodes over real sockets, and a clock of Medic's own: five minutes are too long to wait for. */
const { world, untilVerdict, chainHolds } = staged();
const folder = mkdtempSync(join(tmpdir(), 'medic-dead-member-'));
let cluster: Awaited<ReturnType<typeof startCluster>>;
beforeAll(async () => {
  cluster = await startCluster({ folder, scenario: 'etcd-dead-member', before: true, factor: 1 });
});
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

/** What reached the nodes, as they have it. */
const journal = () =>
  readFileSync(join(folder, 'journal.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JournalLine.parse(JSON.parse(line)));

/** Medic learns the nodes while they are well, and speaks with them from now on. */
async function meetThem(): Promise<void> {
  const access = await accessOf(folder, cluster.world);
  const reader = createReader(access);
  const targets = targetsOf(cluster.world).map((target) => ({ ...target, cluster: CLUSTER }));
  const now = world().deps.now().toISOString();
  for (const entry of await learnEntries(reader, [], targets, now)) await writeInventory(world().deps, entry);
  const collect: typeof reader.collect = async (target, options) => {
    const seen = await reader.collect(target, options);
    return { ...seen, collectedAt: world().deps.now().toISOString() };
  };
  Object.assign(world().talos, reader, createOperator(access), createAdmin(access), { collect });
}

async function openFor(node: string): Promise<string> {
  const before = new Set(await world().store.listed('INCIDENT', 1_000));
  await world().post(payloadOf([alertOf('firing', { labels: { alertname: 'NodeDown', node, severity: 'critical' } })]));
  const stream = (await world().store.listed('INCIDENT', 1_000)).find((one) => !before.has(one)) ?? '';
  const id = stream.replace('INCIDENT#', '');
  await world().drain(id);
  return id;
}
const offerOf = async (id: string) =>
  (await world().state(id)).diagnosis?.offers.find(({ action }) => action === 'remove_etcd_member');

test('a control plane that is gone: silent twice, a sealed snapshot, removed by a survivor, proven', {
  timeout: 300_000,
}, async () => {
  await meetThem();
  await cluster.loadScenario('etcd-dead-member');
  const id = await openFor('cp-3');
  const early = await offerOf(id);
  expect(early?.answer).toBe('refused');
  expect(early?.gates.filter(({ answer }) => answer !== 'allowed').map(({ because }) => because)).toEqual([
    'It must be found silent twice, five minutes apart; diagnose again later.',
  ]);
  world().forward(5 * 60_000);
  await world().desk.diagnoseAgain(id, world().by('UREQUESTER'));
  await world().drain(id);
  const offer = await offerOf(id);
  expect(offer?.answer).toBe('allowed');

  const planId = await world().requested(id, offer?.id ?? '');
  expect(await world().plan(id, planId)).toMatchObject({ status: 'ready', because: '', approvalsNeeded: 2 });
  const form = { ...typed, nodeName: 'cp-3' };
  expect(await world().desk.submit(id, planId, world().by('UREQUESTER'), form)).toMatchObject({ ok: true });
  expect(await world().desk.approve(id, planId, world().by('UAPPROVER'), form)).toMatchObject({ ok: true });
  await untilVerdict(id, planId);

  const plan = await world().plan(id, planId);
  expect(plan).toMatchObject({ status: 'verified', holdsLease: false });
  expect(plan.because).toContain('Member gone, etcd voters');
  const { memberId } = offer?.parameters ?? {};
  expect(journal().map(({ node, method, request, outcome, roles }) => [node, method, request, outcome, roles])).toEqual(
    [['cp-1', 'EtcdRemoveMemberByID', { memberId }, 'accepted', ['os:admin']]],
  );
  expect(plan.steps[1]?.because).toMatch(
    /^etcd snapshot of cp-2: 0\.\d\d GiB \(\d+ bytes\), SHA-256 [0-9a-f]{64}, sealed/,
  );
  expect([...world().vault.kept.keys()]).toEqual([expect.stringMatching(/^test\/.*-cp-2-plan-.*\.sealed$/)]);
  await chainHolds();
});
