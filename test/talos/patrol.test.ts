import diagnostics from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { createReader } from '../../lib/talos/reader.ts';
import type { NodeTarget } from '../../lib/talos/talos.ts';
import { type FakeNode, targetAt, version } from './fake-node.ts';
import { nodesForThisFile, type Parts } from './nodes-for-this-file.ts';

const here = nodesForThisFile();
const answersVersion = version('v1.13.2');

/** TCP connections of this process to nodes: those that are open now, and the most that ever were at a time. */
const sockets: Socket[] = [];
let most = 0;
const watch = (message: unknown) => {
  const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : undefined;
  if (!(socket instanceof Socket)) throw new Error('Node tells of sockets in another way');
  sockets.push(socket);
  most = Math.max(most, sockets.filter(({ destroyed }) => !destroyed).length);
};
beforeEach(() => {
  sockets.length = 0;
  most = 0;
  diagnostics.subscribe('net.client.socket', watch);
});
afterEach(() => void diagnostics.unsubscribe('net.client.socket', watch));

/** The fault is set once it stands: a node that is ill is started as any other. */
async function start(
  role: NodeTarget['role'],
  name: string,
  parts: Parts = {},
): Promise<FakeNode & { target: NodeTarget }> {
  const fake = await here.startVersion('v1.13.2', parts);
  return Object.assign(fake, { target: { ...targetAt(fake.address), name, role } });
}
const startAll = (role: NodeTarget['role'], names: readonly string[], parts: Parts = {}) =>
  Promise.all(names.map((name) => start(role, name, parts)));
const numbered = (word: string, count: number) => Array.from({ length: count }, (_, n) => `${word}-${n + 1}`);

async function patrol(
  nodes: readonly { readonly target: NodeTarget }[],
  onTake: (evidence: Evidence) => void = () => {},
) {
  const seen: Evidence[] = [];
  const targets = nodes.map(({ target }) => target);
  await createReader(here.cluster.access).patrol(targets, {
    witnesses: targets.filter(({ role }) => role === 'controlplane'),
    mayEnterMaintenance: () => false,
    take: (evidence) => {
      seen.push(evidence);
      onTake(evidence);
    },
  });
  return seen;
}
const asked = ({ calls }: FakeNode, method: string) => calls.filter((call) => call.endsWith(`/${method}`)).length;

test('twenty-three nodes are looked at over eight connections at a time, and none stays open', async () => {
  const controlPlanes = await startAll('controlplane', numbered('cp', 3));
  const workers = await startAll('worker', numbered('w', 20));
  const seen = await patrol([...workers, ...controlPlanes]);
  expect(seen.map(({ reach }) => reach.mode)).toEqual(Array.from({ length: 23 }, () => 'mtls'));
  expect(new Set(seen.map(({ node }) => node)).size).toBe(23);
  expect(most).toBe(8);
  for (const node of [...controlPlanes, ...workers]) await expect.poll(() => node.openSockets()).toBe(0);
});

test('what the control planes say is asked once for all who answer, and nobody testifies about itself', async () => {
  const controlPlanes = await startAll('controlplane', numbered('cp', 3));
  const workers = await startAll('worker', numbered('w', 9));
  const seen = await patrol([...workers, ...controlPlanes]);
  const peersOf = (name: string) => seen.find(({ node }) => node === name)?.peers.map(({ node }) => node);
  expect(peersOf('w-7')).toEqual(['cp-1', 'cp-2', 'cp-3']);
  expect(peersOf('cp-2')).toEqual(['cp-1', 'cp-3']);
  // once as one of the nodes, once for the other eleven
  for (const node of controlPlanes) expect(asked(node, 'EtcdMemberList')).toBe(2);
});

test('nodes that accept connections and hang hold nobody up while the control planes look for them', async () => {
  let resolve = () => {};
  const othersAreDone = new Promise<void>((done) => {
    resolve = done;
  });
  /** A control plane that does not reach the node before all others are looked at. */
  const proxying = async (
    call: grpc.ServerUnaryCall<unknown, unknown>,
    reply: grpc.sendUnaryData<unknown>,
  ): Promise<void> => {
    if (call.metadata.get('node').length === 0) return answersVersion(call, reply);
    await othersAreDone;
    reply({
      code: grpc.status.UNAVAILABLE,
      details: 'connection error: desc = "transport: Error while dialing: dial tcp: i/o timeout"',
    });
  };
  const [cp] = await startAll('controlplane', ['cp-1'], { machine: { version: proxying } });
  const hung = await startAll('worker', numbered('a-hung', 7));
  for (const node of hung) node.fault = 'hang';
  const well = await startAll('worker', numbered('w', 3));
  let left = well.length;
  const seen = await patrol([...(cp ? [cp] : []), ...hung, ...well], ({ node }) => {
    if (node.startsWith('w-')) left -= 1;
    if (left === 0) resolve();
  });
  const modes = seen.map(({ node, reach }) => `${node.replace(/\d/, 'n')} ${reach.mode}`);
  expect(modes).toEqual([
    'cp-n mtls',
    ...Array.from({ length: 3 }, () => 'w-n mtls'),
    ...Array.from({ length: 7 }, () => 'a-hung-n silent'),
  ]);
  expect(most).toBeLessThanOrEqual(8);
}, 60_000);
