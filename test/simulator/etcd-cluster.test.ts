import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { RESET } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { addressOf } from './talos-calls.ts';

/** Members of etcd that come, go and get into each other's way. */
const { clock, seen, world } = await seenForThisFile();

const reader = (name: string) => world.to(name, 'reader');
/** `name`, `name (learner)`, or `(learner)` where it has not told its name. */
async function members(asked: string): Promise<readonly string[]> {
  const answer = await reader(asked).call(m.etcdMemberList, { queryLocal: false });
  if (!('reply' in answer)) return [answer.text];
  const all = answer.reply.messages[0]?.members ?? [];
  return all.map(({ hostname, isLearner }) => [hostname, ...(isLearner ? ['(learner)'] : [])].join(' ').trim()).sort();
}
/** On which machines they are, by the addresses of their peers. */
async function homes(asked: string): Promise<readonly string[]> {
  const hosts = (await seen.members(asked)).map(({ host }) => host);
  return ['cp-1', 'cp-2', 'cp-3'].filter((name) => hosts.includes(addressOf(world.cluster.world, name)));
}
const etcd = async (name: string) => (await seen.services(name)).find(({ id }) => id === 'etcd');
const dmesg = async (name: string) => (await seen.kernelLog(name)).join('\n');
async function etcdLog(name: string): Promise<string> {
  const request = { namespace: 'system', id: 'etcd', driver: 'CONTAINERD' as const, follow: false, tailLines: -1 };
  const answer = await reader(name).frames(m.logs, request);
  return 'reply' in answer ? Buffer.concat(answer.reply.map(({ bytes }) => bytes)).toString() : answer.text;
}
const count = (text: string, part: string) => text.split(part).length - 1;
const healthy = (name: string) => () => seen.isHealthy(name, 'etcd');
const wipeEphemeral = async (name: string) => {
  const systemPartitionsToWipe = [{ label: 'EPHEMERAL', wipe: true }];
  const request = { ...RESET, graceful: false, systemPartitionsToWipe };
  expect(await world.to(name, 'admin').call(change.reset, request)).toHaveProperty('reply');
};

test('a removed member whose data stayed starts and ends for ever; wiped, it joins as a fresh one', async () => {
  await world.load('nodes: { cp-3: { etcd: { member: removed } } }');
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2']);
  const log = await etcdLog('cp-3');
  expect(log).toContain('"error":"the member has been permanently removed from the cluster"');
  expect(log).toContain('"msg":"data-dir used by this member must be removed"');
  const told = await dmesg('cp-3');
  expect(count(told, 'Runner Containerd(etcd) exited without error, going to restart it')).toBeGreaterThan(10);
  expect(await reader('cp-3').call(m.etcdStatus, {})).toMatchObject({ code: 14 });
  expect(await etcd('cp-3')).toMatchObject({ health: { healthy: false } });
  const booted = await seen.bootsOf('cp-3');
  await wipeEphemeral('cp-3');
  await seen.until(booted(1));
  await seen.until(healthy('cp-3'));
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3']);
  expect(await etcd('cp-3')).toMatchObject({ state: 'Running', health: { healthy: true } });
});

const STUCK = `nodes: { cp-3: { etcd: { member: learner } } }
network: { cuts: [{ between: [cp-3, cp-1], port: 2380 }, { between: [cp-3, cp-2], port: 2380 }] }`;

test('a learner that its leader does not reach is not promoted, and fails its health check; in reach, it is', async () => {
  await world.load(STUCK);
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
  await world.cluster.setNetwork([]);
  await seen.until(healthy('cp-3'));
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3']);
});

test('nobody asks for the promotion of a learner after ten minutes: it stays one although its peers are back', async () => {
  await world.load(STUCK);
  clock.advance(11 * 60_000);
  await world.cluster.setNetwork([]);
  clock.advance(5 * 60_000);
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3 (learner)']);
});

test('a second learner is refused as long as there is one, and joins afterwards', async () => {
  await world.load(`cluster: { controlPlanes: 5 }
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
  await world.cluster.setNetwork([]);
  await seen.until(healthy('cp-4'));
  await seen.until(healthy('cp-5'));
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3', 'cp-4', 'cp-5']);
  await world.load('healthy');
});

test('who joins while a voter is down is refused, until that one is removed', async () => {
  await world.load('nodes: { cp-2: { etcd: { member: none } } }');
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3']);
  await world.load(
    'cluster: { controlPlanes: 4 }\nnodes: { cp-2: { power: "off" }, cp-4: { etcd: { member: none } } }',
  );
  expect(await dmesg('cp-4')).toContain('retrying error: error adding member: etcdserver: unhealthy cluster');
  const memberId = await seen.memberId('cp-1', 'cp-2');
  const removed = await world.to('cp-1', 'admin').call(change.etcdRemoveMemberById, { memberId });
  expect(removed).toHaveProperty('reply');
  await seen.until(healthy('cp-4'));
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-3', 'cp-4']);
  await world.load('healthy');
});

test('a second control plane of the same name that joins without data removes the first one from the cluster', async () => {
  await world.load('nodes: { cp-2: { config: { hostname: cp-1 }, etcd: { member: none } } }');
  expect(await members('cp-3')).toEqual(['cp-1', 'cp-3']);
  expect(await homes('cp-3')).toEqual(['cp-2', 'cp-3']);
  expect(await etcdLog('cp-1')).toContain('the member has been permanently removed from the cluster');
  expect(await etcd('cp-2')).toMatchObject({ health: { healthy: true } });
  const booted = await seen.bootsOf('cp-1');
  await wipeEphemeral('cp-1');
  await seen.until(booted(1));
  await seen.until(healthy('cp-1'));
  expect(await homes('cp-3'), 'and the other way round').toEqual(['cp-1', 'cp-3']);
  await world.load('healthy');
});

test('with two of three members down the third has no leader; the first that comes back restores it', async () => {
  await world.load('nodes: { cp-2: { power: "off" }, cp-3: { power: "off" } }');
  expect(await members('cp-1')).toEqual(['etcdserver: no leader']);
  expect(await etcd('cp-1')).toMatchObject({ health: { healthy: false, lastMessage: 'etcdserver: no leader' } });
  expect(await etcdLog('cp-1')).toContain('etcdserver: no leader');
  await world.cluster.setPower('cp-2', 'on');
  await seen.until(healthy('cp-2'));
  expect(await etcd('cp-1')).toMatchObject({ health: { healthy: true } });
  expect(await members('cp-1')).toEqual(['cp-1', 'cp-2', 'cp-3']);
});
