import type * as grpc from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { type EtcdMember, type EtcdMemberStatus, SequenceEvent } from '../../lib/talos/generated/machine/machine.ts';
import { createReader } from '../../lib/talos/reader.ts';
import { READING_MS, SWEEP_MS } from '../../lib/talos/sweep.ts';
import type { NodeTarget } from '../../lib/talos/talos.ts';
import { issueExpiredCertificate, issueMaintenanceCertificate, spkiOf } from '../../simulator/nodes/pki.ts';
import {
  AskingMaintenance,
  answers,
  bytes,
  type FakeNode,
  frames,
  maintenance,
  makeCluster,
  nodeCertificate,
  refuses,
  running,
  stage,
  startNode,
  targetAt,
  version,
} from './fake-node.ts';
import { nodesForThisFile, type Parts } from './nodes-for-this-file.ts';

const here = nodesForThisFile();
const start = async (address: string, credentials: grpc.ServerCredentials, parts?: Parts): Promise<FakeNode> =>
  here.keep(await startNode(address, credentials, parts));
const startRunning = (host: number, parts?: Parts) => here.startRunning(parts, host);
const collect = (target: NodeTarget, more: { peers?: readonly NodeTarget[]; mayEnterMaintenance?: boolean } = {}) =>
  createReader(here.cluster.access).collect(target, { peers: [], mayEnterMaintenance: false, ...more });
const gone = (node: FakeNode) => expect.poll(() => node.openSockets()).toBe(0);

test('a running node is read over mTLS, and nothing stays open', async () => {
  const sequence = SequenceEvent.encode({ sequence: 'boot', action: 'START' }).finish();
  const node = await startRunning(1, {
    machine: {
      version: version('v1.13.2'),
      systemStat: answers({ messages: [{ bootTime: '1763672400', processRunning: '1', processBlocked: '0' }] }),
      serviceList: answers({
        messages: [
          {
            services: [
              {
                id: 'ext-gpu',
                state: 'Waiting',
                health: { unknown: true, healthy: false, lastMessage: '' },
                events: {
                  events: [{ msg: 'login with password=hunter22', state: 'Waiting', ts: new Date(1_763_672_401_000) }],
                },
              },
            ],
          },
        ],
      }),
      dmesg: frames(bytes('kern:    info: [2026-11-20T21:00:00.5Z]: Linux version 6.12\n')),
      logs: frames(bytes('first li'), bytes('ne\nAuthorization: Bearer abcdefghijkl\n')),
      events: (call: grpc.ServerWritableStream<unknown, unknown>) => {
        call.write({ id: '', actorId: '' });
        call.write({
          id: 'e1',
          actorId: 'a',
          data: { typeUrl: 'talos/runtime/machine.SequenceEvent', value: sequence },
        });
      },
    },
    resources: {
      ...stage('running'),
      'VolumeStatuses.block.talos.dev': [{ id: 'STATE', yaml: 'phase: molten\nsize: 104857600\npartitionUUID: abc\n' }],
      'SystemDisks.block.talos.dev': [],
    },
  });
  const evidence = await collect(targetAt(node.address));
  expect(evidence.reach.mode).toBe('mtls');
  expect(evidence.reach.certificate?.isSignedByCluster).toBe(true);
  const { readings } = evidence;
  expect(readings.version).toMatchObject({
    ok: true,
    value: { tag: 'v1.13.2', platform: 'metal' },
    node: node.address,
  });
  expect(readings.machineStatus).toMatchObject({ ok: true, value: { stage: 'running', ready: true } });
  expect(readings.systemStat).toMatchObject({ ok: true, value: { bootTimeS: 1_763_672_400 } });
  expect(readings.services).toMatchObject({
    ok: true,
    redacted: 1,
    value: [
      {
        id: 'ext-gpu',
        health: 'unknown',
        events: [{ message: 'login with password=[redacted]', at: '2025-11-20T21:00:01.000Z' }],
      },
    ],
  });
  expect(readings.kernelLog).toMatchObject({
    ok: true,
    value: [{ at: '2026-11-20T21:00:00.500Z', facility: 'kern', message: 'Linux version 6.12' }],
  });
  expect(Object.keys(readings.logs ?? {})).toContain('ext-gpu');
  expect(readings.logs?.['machined']).toMatchObject({
    ok: true,
    redacted: 1,
    value: ['first line', 'Authorization: Bearer [redacted]'],
  });
  expect(readings.sequences).toMatchObject({ ok: true, value: [{ id: 'e1', sequence: 'boot', action: 'START' }] });
  expect(readings.volumes).toMatchObject({
    ok: true,
    value: [{ id: 'STATE', phase: 'unknown', sizeBytes: 104_857_600 }],
  });
  expect(readings.systemDisk).toMatchObject({ ok: true, value: null });
  expect(readings.etcdStatus).toBeUndefined();
  expect(readings.bootId).toBeUndefined();
  expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
  await gone(node);
});

test('an etcd status is asked of a control plane, but of none before 1.9, where a reader may not', async () => {
  const memberStatus: EtcdMemberStatus = {
    protocolVersion: '',
    dbSize: '4096',
    dbSizeInUse: '0',
    leader: '0',
    raftIndex: '1',
    raftTerm: '1',
    raftAppliedIndex: '1',
    errors: [],
    isLearner: false,
    memberId: '17290344782362117385',
    storageVersion: '',
  };
  const status = answers({ messages: [{ memberStatus }] });
  const node = await startRunning(2, { machine: { version: version('v1.9.0'), etcdStatus: status } });
  const read = await collect(targetAt(node.address, { role: 'controlplane' }));
  expect(read.readings.etcdStatus).toMatchObject({
    ok: true,
    value: { memberId: '17290344782362117385', leader: '0', dbBytes: 4096 },
  });
  const old = await startRunning(3, { machine: { version: version('v1.8.4'), etcdStatus: status } });
  expect((await collect(targetAt(old.address, { role: 'controlplane' }))).readings.etcdStatus).toBeUndefined();
  expect(old.calls).not.toContain('machine.MachineService/EtcdStatus');
});

test('everything is asked while the version is on its way: a sweep waits once, not twice', async () => {
  let answerVersion = () => {};
  const node = await startRunning(40, {
    machine: {
      version: (call: unknown, reply: grpc.sendUnaryData<unknown>) => {
        answerVersion = () => version('v1.13.2')(call, reply);
      },
    },
  });
  const sweep = collect(targetAt(node.address));
  await expect
    .poll(() => node.calls)
    .toEqual(
      expect.arrayContaining([
        'machine.MachineService/Version',
        'cosi.resource.State/Get',
        'machine.MachineService/Dmesg',
      ]),
    );
  answerVersion();
  expect((await sweep).readings.version).toMatchObject({ ok: true, value: { tag: 'v1.13.2' } });
  expect(node.calls.filter((call) => call === 'machine.MachineService/Dmesg')).toHaveLength(1);
});

test.for([
  { known: undefined, said: 'v1.14.0', isAsked: true },
  { known: 'v1.13.2', said: 'v1.14.0', isAsked: true },
  { known: 'v1.14.0', said: 'v1.13.2', isAsked: false },
])('known as $known, it says $said: what only 1.14 tells is read: $isAsked', async ({ known, said, isAsked }) => {
  const bootId = { 'BootIDs.runtime.talos.dev': [{ id: 'boot-id', yaml: 'bootID: 0c6a\n' }] };
  const node = await startRunning(41, { machine: { version: version(said) }, resources: bootId });
  const { readings } = await collect(targetAt(node.address, { lastKnownVersion: known }));
  expect(readings.bootId?.ok).toBe(isAsked ? true : undefined);
});

test('maintenance mode of 1.8 answers resources only', async () => {
  const address = `${here.block}.4`;
  const server = issueMaintenanceCertificate(address, Date.now());
  const node = await start(address, maintenance(server), { resources: stage('maintenance') });
  const evidence = await collect(targetAt(address), { mayEnterMaintenance: true });
  expect(evidence.reach.mode).toBe('maintenance');
  expect(evidence.reach.certificate).toMatchObject({ spki: spkiOf(server.certPem), isSignedByCluster: false });
  expect(evidence.readings.version).toMatchObject({ ok: false, error: { code: 'not_supported_by_version' } });
  expect(evidence.readings.machineStatus).toMatchObject({ ok: true, value: { stage: 'maintenance' } });
  expect(evidence.readings.kernelLog).toBeUndefined();
  expect(node.calls).not.toContain('machine.MachineService/Dmesg');
  await gone(node);
});

test('maintenance mode of 1.13 also answers calls', async () => {
  const address = `${here.block}.5`;
  const server = issueMaintenanceCertificate(address, Date.now());
  await start(address, new AskingMaintenance(server), {
    machine: { version: version('v1.13.9'), dmesg: frames(bytes('kern: err: [2026-11-20T21:00:00Z]: no disk')) },
    resources: {
      ...stage('maintenance'),
      'Versions.runtime.talos.dev': [{ id: 'version', yaml: 'name: Talos\nversion: v1.13.9\n' }],
    },
  });
  const evidence = await collect(targetAt(address), { mayEnterMaintenance: true });
  expect(evidence.readings.version).toMatchObject({ ok: true, value: { tag: 'v1.13.9', platform: 'metal' } });
  expect(evidence.readings.kernelLog).toMatchObject({ ok: true, value: [{ message: 'no disk' }] });
});

test('without an incident that names the node, nobody looks behind an unknown certificate', async () => {
  const address = `${here.block}.6`;
  const server = issueMaintenanceCertificate(address, Date.now());
  const node = await start(address, maintenance(server), { resources: stage('maintenance') });
  const evidence = await collect(targetAt(address));
  expect(evidence.reach).toMatchObject({ mode: 'refused', error: { code: 'unknown_authority' } });
  expect(node.calls).toEqual([]);
});

test('a node of another cluster is refused, and gets no call', async () => {
  const address = `${here.block}.7`;
  const other = await makeCluster(here.block);
  const node = await start(address, running(nodeCertificate(other, address), other.ca), {
    resources: stage('running'),
  });
  const evidence = await collect(targetAt(address), { mayEnterMaintenance: true });
  expect(evidence.reach).toMatchObject({ mode: 'refused', error: { code: 'client_certificate_required' } });
  expect(evidence.reach.certificate?.isSignedByCluster).toBe(false);
  expect(node.calls).toEqual([]);
  await gone(node);
});

test('an open foreign node that is not in maintenance is refused too', async () => {
  const address = `${here.block}.8`;
  const server = issueMaintenanceCertificate(address, Date.now());
  await start(address, maintenance(server), { resources: stage('running') });
  const evidence = await collect(targetAt(address), { mayEnterMaintenance: true });
  expect(evidence.reach).toMatchObject({ mode: 'refused', error: { code: 'unknown_authority' } });
});

test('an expired server certificate is told apart from a foreign one', async () => {
  const address = `${here.block}.9`;
  const server = issueExpiredCertificate(here.cluster.ca, 'host-9', address, Date.now());
  await start(address, running(server, here.cluster.ca), { machine: { version: version('v1.13.0') } });
  const evidence = await collect(targetAt(address), { mayEnterMaintenance: true });
  expect(evidence.reach).toMatchObject({ mode: 'refused', error: { code: 'server_certificate_expired' } });
  expect(evidence.reach.certificate?.isSignedByCluster).toBe(true);
});

test('a certificate without the address is told apart', async () => {
  const address = `${here.block}.10`;
  const server = nodeCertificate(here.cluster, `${here.block}.99`);
  await start(address, running(server, here.cluster.ca));
  expect((await collect(targetAt(address))).reach).toMatchObject({
    mode: 'refused',
    error: { code: 'wrong_server_name' },
  });
});

test.for([
  { fault: 'close', mode: 'silent', code: 'connection_reset' },
  { fault: 'reset', mode: 'silent', code: 'connection_reset' },
  { fault: 'not-tls', mode: 'silent', code: 'not_tls' },
  { fault: { tlsAlert: 45 }, mode: 'refused', code: 'client_certificate_expired' },
  { fault: { tlsAlert: 48 }, mode: 'refused', code: 'client_certificate_refused' },
  { fault: { tlsAlert: 42 }, mode: 'refused', code: 'client_certificate_refused' },
] as const)('a port with fault $fault is $mode with $code', async ({ fault, mode, code }) => {
  const node = await startRunning(11);
  node.fault = fault;
  expect((await collect(targetAt(node.address))).reach).toMatchObject({ mode, error: { code } });
  await gone(node);
});

test('nobody listens: silent, refused at once', async () => {
  const evidence = await collect(targetAt(`${here.block}.12`));
  expect(evidence.reach).toMatchObject({ mode: 'silent', error: { code: 'connection_refused' } });
});

test('a handshake that hangs ends by our own deadline and leaves no socket open', async () => {
  const node = await startRunning(13);
  node.fault = 'hang';
  const evidence = await collect(targetAt(node.address));
  expect(evidence.reach).toMatchObject({ mode: 'silent', error: { code: 'handshake_timeout' } });
  await gone(node);
});

test('a call that hangs is a reading that timed out, the others are there', async () => {
  const node = await startRunning(14, {
    machine: { version: version('v1.13.0'), systemStat: () => {} },
    resources: stage('running'),
  });
  const evidence = await collect(targetAt(node.address));
  expect(evidence.reach.mode).toBe('mtls');
  expect(evidence.readings.systemStat).toMatchObject({ ok: false, error: { code: 'deadline_exceeded' } });
  expect(evidence.readings.machineStatus).toMatchObject({ ok: true });
  expect(evidence.tookMs).toBeLessThan(SWEEP_MS);
  await gone(node);
});

test('a connection that drops keeps the lines that came before, and says that it broke off', async () => {
  const node: FakeNode = await startRunning(15, {
    machine: {
      version: version('v1.13.0'),
      dmesg: (call: grpc.ServerWritableStream<unknown, unknown>) => {
        call.write(bytes('kern: info: [2026-11-20T21:00:00Z]: going down'), () =>
          setTimeout(() => node.dropAll(), 100),
        );
      },
    },
  });
  const evidence = await collect(targetAt(node.address));
  expect(evidence.readings.kernelLog).toMatchObject({
    ok: true,
    value: [{ message: 'going down' }],
    cut: expect.stringContaining('closed the connection'),
  });
});

test('replies of another shape are malformed, and spoil nothing else', async () => {
  const node = await startRunning(16, {
    machine: { version: version('v1.13.0'), systemStat: answers({ messages: [] }) },
    resources: {
      ...stage('running'),
      'VolumeStatuses.block.talos.dev': [{ id: 'STATE', yaml: 'a: &x [1]\nb: *x\n' }],
      'DiscoveredVolumes.block.talos.dev': [{ id: 'sda', yaml: `${'['.repeat(100)}${']'.repeat(100)}` }],
      'LinkStatuses.net.talos.dev': [{ id: 'eth0', yaml: 'kind: {a: b}' }],
      'Members.cluster.talos.dev': [{ id: 'a', yaml: '[['.repeat(60_000) }],
    },
  });
  const { readings } = await collect(targetAt(node.address));
  for (const reading of [
    readings.systemStat,
    readings.volumes,
    readings.discoveredVolumes,
    readings.links,
    readings.members,
  ]) {
    expect(reading).toMatchObject({ ok: false, error: { code: 'malformed_reply' } });
  }
  expect(readings.machineStatus?.ok).toBe(true);
});

test('an address outside of the cluster is never dialled', async () => {
  const node = await startRunning(17, { machine: { version: version('v1.13.0') } });
  const access = { ...here.cluster.access, nodeCidrs: ['10.0.0.0/8'] };
  const evidence = await createReader(access).collect(targetAt(node.address), {
    peers: [targetAt(node.address, { name: 'x' })],
    mayEnterMaintenance: true,
  });
  expect(evidence.reach).toMatchObject({ mode: 'refused', error: { code: 'address_not_allowed' } });
  expect(node.calls).toEqual([]);
});

test('a silent node is asked for through the control planes, whose own view is read too', async () => {
  const silent = targetAt(`${here.block}.18`, { role: 'controlplane' });
  const forwarded: (string | undefined)[] = [];
  const etcdMember: EtcdMember = { id: '7', hostname: 'cp-1', peerUrls: [], clientUrls: [], isLearner: false };
  const peerParts: Parts = {
    machine: {
      version: (call: grpc.ServerUnaryCall<unknown, unknown>, reply: grpc.sendUnaryData<unknown>) => {
        forwarded.push(call.metadata.get('node').map(String)[0]);
        version('v1.12.1')(call, reply);
      },
      etcdMemberList: answers({ messages: [{ legacyMembers: [], members: [etcdMember] }] }),
    },
    resources: {
      ...stage('running'),
      'Members.cluster.talos.dev': [{ id: 'cp-1', yaml: 'nodeId: n\nhostname: cp-1\naddresses: [10.0.0.1]\n' }],
    },
  };
  const peer = await startRunning(19, peerParts);
  const deaf = targetAt(`${here.block}.20`, { role: 'controlplane' });
  const evidence = await collect(silent, { peers: [silent, deaf, targetAt(peer.address, { role: 'controlplane' })] });
  expect(evidence.reach).toMatchObject({ mode: 'forwarded', via: 'node-19', error: { code: 'connection_refused' } });
  expect(forwarded).toEqual([silent.address]);
  expect(evidence.readings.machineStatus).toMatchObject({ ok: true, via: 'node-19', node: silent.address });
  expect(evidence.peers.map(({ node }) => node)).toEqual(['node-20', 'node-19']);
  expect(evidence.peers[1]).toMatchObject({
    members: { ok: true, value: [{ hostname: 'cp-1', addresses: ['10.0.0.1'] }] },
    etcdMembers: { ok: true, value: [{ id: '7' }] },
    machineStatus: { ok: true, value: { stage: 'running' } },
    proxyDial: { ok: true, value: { tag: 'v1.12.1' } },
  });
  expect(evidence.peers[0]).toMatchObject({ members: { ok: false, error: { code: 'connection_refused' } } });
  await gone(peer);
});

test('what a control plane sees of a node that it cannot reach either is kept', async () => {
  const refused = refuses(
    14,
    'connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority"',
  );
  const peer = await startRunning(21, { machine: { version: refused } });
  const evidence = await collect(targetAt(`${here.block}.22`), { peers: [targetAt(peer.address)] });
  expect(evidence.reach.mode).toBe('silent');
  expect(evidence.peers[0]?.proxyDial).toMatchObject({ ok: false, error: { code: 'unknown_authority' } });
});

test('a sweep that is called off ends at once', async () => {
  const stop = new AbortController();
  const node = await startRunning(23, {
    machine: {
      version: () => {
        stop.abort();
      },
    },
  });
  const reader = createReader(here.cluster.access);
  const evidence = await reader.collect(targetAt(node.address), {
    peers: [],
    mayEnterMaintenance: false,
    signal: stop.signal,
  });
  expect(evidence.readings.version).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  expect(evidence.tookMs).toBeLessThan(READING_MS);
  await gone(node);
});
