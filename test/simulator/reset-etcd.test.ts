import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import type { ResetRequest } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { actorOf, eventsOf, RESET, simulateStepped } from './acting.ts';
import { sequencesIn } from './simulated.ts';

let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

const reset = async (name: string, more: Partial<ResetRequest> = {}) =>
  actorOf(await stepped.world.to(name, 'admin').call(change.reset, { ...RESET, ...more }));
const EPHEMERAL = { systemPartitionsToWipe: [{ label: 'EPHEMERAL', wipe: true }] };

async function members(asked: string): Promise<readonly (readonly [id: string, name: string, isLearner: boolean])[]> {
  const seen = await stepped.world.to(asked, 'reader').call(m.etcdMemberList, { queryLocal: false });
  if (!('reply' in seen)) throw new Error(seen.text);
  return (seen.reply.messages[0]?.members ?? []).map(({ id, hostname, isLearner }) => [id, hostname, isLearner]);
}
const etcdOf = (name: string) => stepped.node(name).boot?.services['etcd'];

test('gracefully: the member leaves before anything is wiped; with its config it comes back as another one', async () => {
  await stepped.world.load('healthy');
  const [, old] = await members('cp-1');
  await reset('cp-2', EPHEMERAL);
  await stepped.pass(() => stepped.world.cluster.state.etcd.members.length === 2);
  expect(stepped.node('cp-2').physical.disk.partitions?.EPHEMERAL).toBe(true);
  expect((await members('cp-1')).map(([, name]) => name)).toEqual(['cp-1', 'cp-3']);
  await stepped.pass(() => stepped.world.cluster.state.etcd.members.length === 3);
  expect((await members('cp-1'))[2]).toEqual([expect.not.stringMatching(`^${old?.[0]}$`), '', true]);
  await stepped.pass(() => stepped.world.cluster.state.etcd.members.every(({ isLearner }) => !isLearner));
  await stepped.pass(stepped.isRunning('cp-2'));
  expect((await members('cp-1')).map(([, name]) => name)).toEqual(['cp-1', 'cp-3', 'cp-2']);
});

test('not gracefully: a dead member stays behind, until somebody removes it', async () => {
  await stepped.world.load('healthy');
  const before = await members('cp-1');
  await reset('cp-3', { graceful: false });
  await stepped.pass(() => stepped.node('cp-3').boot?.stage === 'maintenance', 180);
  expect(await members('cp-1')).toEqual(before);
  const memberId = before.find(([, name]) => name === 'cp-3')?.[0] ?? '';
  expect(await stepped.world.to('cp-1', 'admin').call(change.etcdRemoveMemberById, { memberId })).toHaveProperty(
    'reply',
  );
  expect((await members('cp-2')).map(([, name]) => name).sort()).toEqual(['cp-1', 'cp-2']);
});

test('EPHEMERAL, not gracefully: the node takes the place of its own dead member', async () => {
  await stepped.world.load('healthy');
  const before = await members('cp-1');
  await reset('cp-3', { ...EPHEMERAL, graceful: false });
  await stepped.pass(() => etcdOf('cp-3')?.state === 'Finished');
  await stepped.pass(() => etcdOf('cp-3')?.health.healthy === true);
  const after = await members('cp-1');
  expect(after.map(([, name]) => name).sort()).toEqual(['cp-1', 'cp-2', 'cp-3']);
  const own = (all: typeof after) => all.find(([, name]) => name === 'cp-3')?.[0];
  expect(own(after)).not.toBe(own(before));
});

test('the last member cannot leave: the sequence fails, and the node reboots unwiped', async () => {
  await stepped.world.load('healthy');
  const { etcd } = stepped.world.cluster.state;
  const all = etcd.members;
  etcd.members = all.filter(({ node }) => node === 'cp-1');
  const { config } = stepped.node('cp-1').physical.disk;
  const id = etcd.members[0]?.id;
  await reset('cp-1');
  await stepped.pass(() => stepped.node('cp-1').pending.some(({ step }) => step.kind === 'falls_silent'));
  const error = sequencesIn(await eventsOf(stepped.world, 'cp-1')).at(-1)?.error;
  const cause = 'etcdserver: re-configuration failed due to not enough started members';
  expect(error).toMatchObject({
    code: 'FATAL',
    message: `sequence failed: error running phase 4 in reset sequence: task 1/1: failed, failed to leave cluster: failed to remove member ${id}: ${cause}`,
  });
  await stepped.pass(() => stepped.node('cp-1').boot === undefined);
  await stepped.pass(stepped.isRunning('cp-1'));
  expect(stepped.node('cp-1')).toMatchObject({ bootCount: 2, physical: { disk: { config } } });
  etcd.members = all;
});

test('with another member down etcd does not let it go: five minutes of tries, then a reboot', async () => {
  await stepped.world.load('healthy');
  await stepped.world.cluster.setPower('cp-3', 'off');
  await reset('cp-2');
  stepped.clock.advance(240_000);
  expect(stepped.node('cp-2').boot?.stage).toBe('resetting');
  await stepped.pass(() => stepped.node('cp-2').boot === undefined);
  await stepped.pass(stepped.isRunning('cp-2'));
  expect((await members('cp-1')).map(([, name]) => name).sort()).toEqual(['cp-1', 'cp-2', 'cp-3']);
});
