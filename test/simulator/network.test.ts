import { beforeEach, expect, test } from 'vitest';
import { machineService as m } from '../../lib/talos/methods.ts';
import type { NetworkPart } from '../../simulator/nodes/scenario-schema.ts';
import { panelOf } from './panel.ts';
import { seenForThisFile } from './seen.ts';
import { addressOf } from './talos-calls.ts';

/** Loss of network between two parties, and what each of them and the others make of it. */
const { clock, seen, world } = await seenForThisFile();
beforeEach(() => world.load('healthy'));

const MINUTE_MS = 60_000;
const reader = (name: string, via?: string) =>
  world.to(name, 'reader', { deadlineMs: 2_000, ...(via === undefined ? {} : { via }) });
const cut = async (...cuts: NetworkPart['cuts']) => {
  const set = await world.cluster.setNetwork(cuts);
  if (!set.ok) throw new Error(set.error);
};
const answers = async (name: string, via?: string) => 'reply' in (await reader(name, via).call(m.version, {}));
const conditions = async (name: string) => {
  const seen = await reader(name).list('runtime', 'MachineStatuses.runtime.talos.dev');
  return JSON.stringify('reply' in seen ? seen.reply['machine'] : seen);
};
const members = async (name: string) => {
  const seen = await reader(name).list('cluster', 'Members.cluster.talos.dev');
  return 'reply' in seen ? Object.keys(seen.reply) : [seen.text];
};
const ALL = ['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3'];

test('Medic cut from a node meets silence; a control plane still forwards to it; healed, it answers again', async () => {
  await cut({ between: ['medic', 'w-2'] });
  expect(await reader('w-2').call(m.version, {})).toMatchObject({ code: 4 });
  expect(await answers('w-2', 'cp-1')).toBe(true);
  expect(await answers('w-1')).toBe(true);
  await cut();
  expect(await answers('w-2')).toBe(true);
});

test('Medic cut from all nodes reaches none of them, and none of them has noticed anything', async () => {
  await cut({ between: ['medic', 'all'] });
  expect(await Promise.all(ALL.map((name) => answers(name)))).toEqual(ALL.map(() => false));
  await cut();
  expect(await conditions('cp-1')).toContain('"ready":true');
});

test('a control plane that does not reach a node says so as apid does, after it has waited', async () => {
  await cut({ between: ['w-2', 'cp-1'], port: 50_000 });
  expect(await answers('w-2', 'cp-2')).toBe(true);
  const address = addressOf(world.cluster.world, 'w-2');
  expect(await world.to('w-2', 'reader', { via: 'cp-1', deadlineMs: 25_000 }).call(m.version, {})).toEqual({
    code: 14,
    text: `connection error: desc = "transport: Error while dialing: dial tcp ${address}:50000: i/o timeout"`,
  });
}, 30_000);

test('an etcd member cut from its peers has no leader and is not ready; the others go on; healed, all is well', async () => {
  const leader = await seen.leader('cp-1');
  const lone = (await seen.members('cp-1')).find(({ id }) => id === leader)?.name ?? '';
  const others = ['cp-1', 'cp-2', 'cp-3'].filter((name) => name !== lone);
  await cut(...others.map((name): NetworkPart['cuts'][number] => ({ between: [lone, name], port: 2_380 })));
  const status = async (name: string) => {
    const seen = await reader(name).call(m.etcdStatus, {});
    return 'reply' in seen ? seen.reply.messages[0]?.memberStatus : undefined;
  };
  expect(await status(lone)).toMatchObject({ leader: '0', errors: ['etcdserver: no leader'] });
  expect(await reader(lone).call(m.etcdMemberList, { queryLocal: true })).toEqual({
    code: 14,
    text: 'etcdserver: no leader',
  });
  const services = await reader(lone).call(m.serviceList, {});
  const etcd = 'reply' in services ? services.reply.messages[0]?.services.find(({ id }) => id === 'etcd') : undefined;
  expect(etcd).toMatchObject({ state: 'Running', health: { healthy: false, lastMessage: 'etcdserver: no leader' } });
  expect(await conditions(lone)).toContain('etcd not healthy');
  for (const name of others) {
    expect(await status(name)).toMatchObject({ leader: expect.not.stringMatching(`^(?:0|${leader})$`), errors: [] });
    expect(await conditions(name)).toContain('"ready":true');
  }
  const before = await Promise.all([status(lone), status(others[0] ?? '')]);
  clock.advance(MINUTE_MS);
  const after = await Promise.all([status(lone), status(others[0] ?? '')]);
  expect(after[0]?.raftIndex, 'its log stands still').toBe(before[0]?.raftIndex);
  expect(Number(after[1]?.raftIndex)).toBeGreaterThan(Number(before[1]?.raftIndex));
  await cut();
  expect(await status(lone)).toMatchObject({ leader: await seen.leader(others[0] ?? ''), errors: [] });
  expect(await seen.leader(lone)).not.toBe('0');
  expect((await status(lone))?.raftIndex).toBe((await status(others[0] ?? ''))?.raftIndex);
  expect(await conditions(lone)).toContain('"ready":true');
});

test('control planes that all lost each other have no quorum, so no node is ready in Kubernetes', async () => {
  await cut({ between: ['cp-1', 'cp-2'] }, { between: ['cp-1', 'cp-3'] }, { between: ['cp-2', 'cp-3'] });
  for (const name of ['cp-1', 'cp-2', 'cp-3']) expect(await conditions(name)).toContain('etcd not healthy');
  expect(await conditions('w-1')).toContain('node \\"w-1\\" is not ready');
  await cut();
  for (const name of ALL) expect(await conditions(name)).toContain('"ready":true');
});

test('a worker cut from every control plane is not ready; one control plane within reach is enough', async () => {
  const from = (...names: string[]) => names.map((name): NetworkPart['cuts'][number] => ({ between: ['w-2', name] }));
  await cut(...from('cp-1', 'cp-2', 'cp-3'));
  expect(await conditions('w-2')).toContain('node \\"w-2\\" is not ready');
  expect(await conditions('w-1')).toContain('"ready":true');
  await cut(...from('cp-1', 'cp-2'));
  expect(await conditions('w-2')).toContain('"ready":true');
});

test('without the discovery service a node remembers the others for half an hour, and they it', async () => {
  await cut({ between: ['discovery', 'w-2'] });
  clock.advance(10 * MINUTE_MS);
  expect(await members('w-2')).toEqual(ALL);
  const log = await reader('w-2').frames(m.dmesg, { follow: false, tail: false });
  const said = 'reply' in log ? Buffer.concat(log.reply.map(({ bytes }) => bytes)).toString() : log.text;
  expect(said).toMatch(
    /hello failed \{.*"controller": "cluster\.DiscoveryServiceController".*discovery\.talos\.dev:443/,
  );
  clock.advance(21 * MINUTE_MS);
  expect(await members('w-2')).toEqual(['w-2']);
  expect(await members('w-1')).toEqual(ALL.filter((name) => name !== 'w-2'));
  await cut();
  expect(await members('w-2')).toEqual(ALL);
  expect(await members('w-1')).toEqual(ALL);
});

test('a node that boots without the discovery service knows itself alone', async () => {
  await world.load('nodes: { w-2: { power: "on" } }\nnetwork: { cuts: [{ between: [w-2, discovery] }] }');
  expect(await members('w-2')).toEqual(['w-2']);
  expect(await members('w-1')).toEqual(ALL);
});

test('what is cut stays cut when the simulator is started again, and is healed by the next scenario', async () => {
  await cut({ between: ['medic', 'w-3'] });
  await world.restart();
  expect(await answers('w-3')).toBe(false);
  await world.load('healthy');
  expect(await answers('w-3')).toBe(true);
});

test('parties that are not there are refused, in a file with their place', async () => {
  expect(await world.cluster.setNetwork([{ between: ['cp-1', 'w-9'] }])).toEqual({
    ok: false,
    error: 'there is no node w-9',
  });
  const load = world.load('network:\n  cuts:\n    - { between: [cp-1, w-9] }');
  await expect(load).rejects.toThrow('network.cuts.0.between.1: unknown node "w-9", there are cp-1 to cp-3');
});

test('the control API cuts and heals, tells what is cut, and refuses what is no party', async () => {
  const panel = await panelOf(world.cluster);
  const post = (cuts: unknown) => panel.post('/network', { cuts });
  const { state } = panel;
  try {
    const cuts = [{ between: ['medic', 'w-1'], port: 50_000 }];
    expect((await post(cuts)).status).toBe(200);
    expect(await answers('w-1')).toBe(false);
    expect(await state()).toMatchObject({ cuts });
    expect(await (await post([{ between: ['cp-1', 'w-9'] }])).json()).toEqual({ error: 'there is no node w-9' });
    expect((await post([{ between: ['w-1', 'the moon'] }])).status).toBe(400);
    expect(await state()).toMatchObject({ cuts });
    expect((await post([])).status).toBe(200);
    expect(await answers('w-1')).toBe(true);
  } finally {
    panel.close();
  }
});

test('two nodes that lose each other in KubeSpan say so on both sides; every other pair is up', async () => {
  const kubespan = 'config: { merge: { machine: { network: { kubespan: { enabled: true } } } } }';
  const nodes = ALL.map((name) => `  ${name}: { ${kubespan} }`).join('\n');
  await world.load(`nodes:\n${nodes}`);
  const states = async (name: string) => {
    const seen = await reader(name).list('kubespan', 'KubeSpanPeerStatuses.kubespan.talos.dev');
    const all = 'reply' in seen ? Object.values(seen.reply) : [];
    return all
      .map((peer) => JSON.stringify(peer))
      .map((text) => /"label":"([^"]+)","state":"([^"]+)"/.exec(text)?.slice(1).join(' '))
      .sort();
  };
  const up = (...names: string[]) => names.map((name) => `${name} up`);
  expect(await states('w-2')).toEqual(up('cp-1', 'cp-2', 'cp-3', 'w-1', 'w-3'));
  await cut({ between: ['w-2', 'w-3'], port: 51_820 });
  expect(await states('w-2')).toEqual([...up('cp-1', 'cp-2', 'cp-3', 'w-1'), 'w-3 down']);
  expect(await states('w-3')).toEqual([...up('cp-1', 'cp-2', 'cp-3', 'w-1'), 'w-2 down']);
  expect(await states('w-1')).toEqual(up('cp-1', 'cp-2', 'cp-3', 'w-2', 'w-3'));
  await world.load('healthy');
  expect(await states('w-2'), 'KubeSpan is off').toEqual([]);
});
