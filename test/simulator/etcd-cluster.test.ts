import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { RESET, simulateStepped } from './acting.ts';

/** Members of etcd that come, go and get into each other's way. */
let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

const reader = (name: string) => stepped.world.to(name, 'reader');
/** `name`, `name (learner)`, or `(learner)` where it has not told its name. */
async function members(asked: string): Promise<readonly string[]> {
  const seen = await reader(asked).call(m.etcdMemberList, { queryLocal: false });
  if (!('reply' in seen)) return [seen.text];
  const all = seen.reply.messages[0]?.members ?? [];
  return all.map(({ hostname, isLearner }) => [hostname, ...(isLearner ? ['(learner)'] : [])].join(' ').trim()).sort();
}
async function etcd(name: string) {
  const seen = await reader(name).call(m.serviceList, {});
  return 'reply' in seen ? seen.reply.messages[0]?.services.find(({ id }) => id === 'etcd') : undefined;
}
async function dmesg(name: string): Promise<string> {
  const seen = await reader(name).frames(m.dmesg, { follow: false, tail: false });
  return 'reply' in seen ? Buffer.concat(seen.reply.map(({ bytes }) => bytes)).toString() : seen.text;
}
async function etcdLog(name: string): Promise<string> {
  const request = { namespace: 'system', id: 'etcd', driver: 'CONTAINERD' as const, follow: false, tailLines: -1 };
  const seen = await reader(name).frames(m.logs, request);
  return 'reply' in seen ? Buffer.concat(seen.reply.map(({ bytes }) => bytes)).toString() : seen.text;
}
const count = (text: string, part: string) => text.split(part).length - 1;
const healthy = (name: string) => () => stepped.node(name).boot?.services['etcd']?.health.healthy === true;
const wipeEphemeral = async (name: string) => {
  const systemPartitionsToWipe = [{ label: 'EPHEMERAL', wipe: true }];
  const request = { ...RESET, graceful: false, systemPartitionsToWipe };
  expect(await stepped.world.to(name, 'admin').call(change.reset, request)).toHaveProperty('reply');
};

test('a removed member whose data stayed starts and ends for ever; wiped, it joins as a fresh one', async () => {
  await stepped.world.load('nodes: { cp-3: { etcd: { member: removed } } }');
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2']);
  const log = await etcdLog('cp-3');
  expect(log).toContain('"error":"the member has been permanently removed from the cluster"');
  expect(log).toContain('"msg":"data-dir used by this member must be removed"');
  const told = await dmesg('cp-3');
  expect(count(told, 'Runner Containerd(etcd) exited without error, going to restart it')).toBeGreaterThan(10);
  expect(await reader('cp-3').call(m.etcdStatus, {})).toMatchObject({ code: 14 });
  expect(await etcd('cp-3')).toMatchObject({ health: { healthy: false } });
  await wipeEphemeral('cp-3');
  await stepped.pass(() => stepped.node('cp-3').bootCount === 2 && healthy('cp-3')(), 300);
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3']);
  expect(await etcd('cp-3')).toMatchObject({ state: 'Running', health: { healthy: true } });
});

const STUCK = `nodes: { cp-3: { etcd: { member: learner } } }
network: { cuts: [{ between: [cp-3, cp-1], port: 2380 }, { between: [cp-3, cp-2], port: 2380 }] }`;

test('a learner that its leader does not reach is not promoted, and fails its health check; in reach, it is', async () => {
  await stepped.world.load(STUCK);
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3 (learner)']);
  expect(await etcd('cp-3')).toMatchObject({
    state: 'Running',
    health: { healthy: false, lastMessage: 'etcdserver: rpc not supported for learner' },
  });
  expect(await reader('cp-3').call(m.etcdMemberList, { queryLocal: true })).toEqual({
    code: 2,
    text: 'etcdserver: rpc not supported for learner',
  });
  const problem = 'retrying error: etcdserver: can only promote a learner member which is in sync with leader';
  expect(count(await dmesg('cp-3'), problem)).toBe(1);
  await stepped.world.cluster.setNetwork([]);
  await stepped.pass(healthy('cp-3'));
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3']);
});

test('nobody asks for the promotion of a learner after ten minutes: it stays one although its peers are back', async () => {
  await stepped.world.load(STUCK);
  stepped.clock.advance(11 * 60_000);
  await stepped.world.cluster.setNetwork([]);
  stepped.clock.advance(5 * 60_000);
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3 (learner)']);
});

test('a second learner is refused as long as there is one, and joins afterwards', async () => {
  await stepped.world.load(`cluster: { controlPlanes: 5 }
nodes:
  cp-4: { etcd: { member: learner } }
  cp-5: { etcd: { member: none } }
network: { cuts: ${JSON.stringify(['cp-1', 'cp-2', 'cp-3'].map((name) => ({ between: ['cp-4', name], port: 2_380 })))} }`);
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3', 'cp-4 (learner)']);
  const told = await dmesg('cp-5');
  expect(told).toContain('retrying error: error adding member: etcdserver: too many learner members in cluster');
  expect(told).toContain('etcd is waiting to join the cluster, if this node is the first node in the cluster');
  const service = await etcd('cp-5');
  expect(service).toMatchObject({ state: 'Preparing' });
  expect(service?.events?.events.at(-1)?.msg).toBe('Running pre state');
  await stepped.world.cluster.setNetwork([]);
  await stepped.pass(() => healthy('cp-4')() && healthy('cp-5')());
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3', 'cp-4', 'cp-5']);
  await stepped.world.load('healthy');
});

test('who joins while a voter is down is refused, until that one is removed', async () => {
  await stepped.world.load('nodes: { cp-2: { etcd: { member: none } } }');
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3']);
  await stepped.world.load(
    'cluster: { controlPlanes: 4 }\nnodes: { cp-2: { power: "off" }, cp-4: { etcd: { member: none } } }',
  );
  expect(await dmesg('cp-4')).toContain('retrying error: error adding member: etcdserver: unhealthy cluster');
  const memberId = stepped.world.cluster.state.etcd.members.find(({ node }) => node === 'cp-2')?.id ?? '';
  const removed = await stepped.world.to('cp-1', 'admin').call(change.etcdRemoveMemberById, { memberId });
  expect(removed).toHaveProperty('reply');
  await stepped.pass(healthy('cp-4'));
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-3', 'cp-4']);
  await stepped.world.load('healthy');
});

test('a second control plane of the same name that joins without data removes the first one from the cluster', async () => {
  await stepped.world.load('nodes: { cp-2: { config: { hostname: cp-1 }, etcd: { member: none } } }');
  expect(await members('cp-3')).toEqual(['cp-1', 'cp-3']);
  const { etcd: state } = stepped.world.cluster.state;
  expect(state.members.map(({ node }) => node).sort()).toEqual(['cp-2', 'cp-3']);
  expect(await etcdLog('cp-1')).toContain('the member has been permanently removed from the cluster');
  expect(await etcd('cp-2')).toMatchObject({ health: { healthy: true } });
  await wipeEphemeral('cp-1');
  await stepped.pass(() => stepped.node('cp-1').bootCount === 2 && healthy('cp-1')(), 300);
  expect(state.members.map(({ node }) => node).sort(), 'and the other way round').toEqual(['cp-1', 'cp-3']);
  await stepped.world.load('healthy');
});

test('with two of three members down the third has no leader; the first that comes back restores it', async () => {
  await stepped.world.load('nodes: { cp-2: { power: "off" }, cp-3: { power: "off" } }');
  expect(await members('cp-1')).toEqual(['etcdserver: no leader']);
  expect(await etcd('cp-1')).toMatchObject({ health: { healthy: false, lastMessage: 'etcdserver: no leader' } });
  expect(await etcdLog('cp-1')).toContain('etcdserver: no leader');
  await stepped.world.cluster.setPower('cp-2', 'on');
  await stepped.pass(healthy('cp-2'));
  expect(await etcd('cp-1')).toMatchObject({ health: { healthy: true } });
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3']);
});
