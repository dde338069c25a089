import * as net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findEntry } from '../../lib/alerts/find-entry.ts';
import { createAdmin } from '../../lib/talos/admin.ts';
import { createOperator } from '../../lib/talos/operator.ts';
import { probeAddress } from '../../lib/talos/probe-address.ts';
import { createReader } from '../../lib/talos/reader.ts';
import type { ClusterAccess } from '../../lib/talos/talos.ts';
import {
  addressBlock,
  type Cluster,
  type FakeNode,
  makeCluster,
  nodeCertificate,
  PORT,
  running,
  startNode,
  targetAt,
  version,
  type Yaml,
} from './fake-node.ts';

/**
 * Addresses come from an inventory, from alerts and from nodes, and any of them may have been poisoned. Here somebody
 * listens where nothing must ever be dialled, and counts.
 */
const block = addressBlock();
const forbidden = `${addressBlock()}.9`;
let cluster: Cluster;
let node: FakeNode;
let listener: net.Server;
let knocks = 0;

const HOSTILE = [
  forbidden,
  '127.0.0.1',
  '169.254.169.254',
  'fe80::1',
  '100.100.100.200',
  '10.99.0.1',
  '::ffff:127.0.0.1',
];
const yaml = (type: string, spec: string): Yaml[string] =>
  HOSTILE.map((address, n) => ({
    id: `${type}-${n}`,
    yaml: spec.replaceAll('ADDRESS', address),
  }));

beforeAll(async () => {
  cluster = await makeCluster(block);
  listener = net.createServer((socket) => {
    knocks += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(PORT, forbidden, resolve));
  const address = `${block}.1`;
  const credentials = running(nodeCertificate(cluster, address), cluster.ca);
  const spec = 'nodeId: x\nhostname: cp-1\nnodename: cp-1\nmachineType: controlplane\naddresses: ["ADDRESS"]\n';
  node = await startNode(address, credentials, {
    machine: { version: version('v1.13.9') },
    resources: {
      'Members.cluster.talos.dev': yaml('member', spec),
      'Affiliates.cluster.talos.dev': yaml('affiliate', spec),
    },
  });
});
afterAll(async () => {
  await node.close();
  listener.close();
});

test.for(HOSTILE)(
  '%s in the inventory is never dialled: not to read, follow, watch, probe or change',
  async (address) => {
    const target = targetAt(address, { role: 'controlplane' });
    const access: ClusterAccess = cluster.access;
    const refused = { ok: false, error: { code: 'address_not_allowed' } };
    const reader = createReader(access);
    const evidence = await reader.collect(target, { peers: [targetAt(`${block}.1`)], mayEnterMaintenance: true });
    expect(evidence.reach).toMatchObject({ mode: 'refused', error: { code: 'address_not_allowed' } });
    const signal = new AbortController().signal;
    expect(await reader.follow(target, { signal, forMs: 1_000, isPersistent: true })).toMatchObject(refused);
    for await (const change of reader.watch(target, 'machineStatus', signal)) {
      expect(change).toMatchObject({ kind: 'failed', error: { code: 'address_not_allowed' } });
    }
    expect(await probeAddress(address, access)).toMatchObject({ code: 'address_not_allowed' });
    const deadlineMs = 1_000;
    const [operator, admin] = [createOperator(access), createAdmin(access)];
    const answers = await Promise.all([
      operator.reboot(target, { mode: 'default', deadlineMs }),
      operator.etcdDefragment(target, { deadlineMs }),
      admin.reset(target, { wipe: 'ephemeral', graceful: true, deadlineMs }),
      admin.applyConfig(target, { config: 'a: 1', mode: 'auto', dryRun: false, deadlineMs }),
      admin.applyInMaintenance(target, { config: 'a: 1', spki: 'x', dryRun: false, deadlineMs }),
    ]);
    for (const answer of answers) expect(answer).toMatchObject(refused);
    expect(knocks).toBe(0);
  },
);

test('a control plane with such an address is not asked, and says why', async () => {
  const peers = HOSTILE.map((address, n) => ({
    ...targetAt(address),
    name: `cp-${n + 2}`,
    role: 'controlplane' as const,
  }));
  const target = targetAt(`${block}.1`);
  const evidence = await createReader(cluster.access).collect(target, { peers, mayEnterMaintenance: false });
  expect(evidence.peers).toHaveLength(HOSTILE.length);
  for (const peer of evidence.peers) expect(peer.members).toMatchObject({ error: { code: 'address_not_allowed' } });
  expect(knocks).toBe(0);
});

test('what a node says of members and affiliates is read, and never dialled', async () => {
  const { readings } = await createReader(cluster.access).collect(targetAt(`${block}.1`, { role: 'controlplane' }), {
    peers: [],
    mayEnterMaintenance: true,
  });
  expect(readings.members).toMatchObject({ ok: true });
  expect(readings.affiliates).toMatchObject({ ok: true });
  expect(knocks).toBe(0);
});

test('a label selects among what is known, and a hostile one selects nothing', () => {
  const rules = { targetLabels: ['node', 'address:instance'], exporterJobs: [] };
  const entry = {
    cluster: 'lab',
    name: 'node-1',
    role: 'worker' as const,
    addresses: [`${block}.1`],
    hostname: 'node-1',
    identity: { uuid: undefined, serialNumber: undefined, macs: [], systemDiskWwid: undefined, nodeId: undefined },
    version: undefined,
    schematic: undefined,
    statePartitionUuid: undefined,
    boots: [],
    etcdName: undefined,
    baseline: undefined,
    seenAt: '',
  };
  for (const address of HOSTILE) {
    expect(findEntry({ instance: `${address}:9100`, node: address }, [entry], rules).found).toBe('none');
  }
  expect(findEntry({ instance: `${block}.1:9100` }, [entry], rules).found).toBe('entry');
});
