import { afterEach, beforeAll, expect, test } from 'vitest';
import { type AddressProbe, probeAddress } from '../../lib/talos/probe-address.ts';
import { issueExpiredCertificate, issueMaintenanceCertificate, spkiOf } from '../../simulator/nodes/pki.ts';
import {
  AskingMaintenance,
  addressBlock,
  type Cluster,
  type FakeNode,
  type Fault,
  maintenance,
  makeCluster,
  nodeCertificate,
  PORT,
  running,
  stage,
  startNode,
  version,
} from './fake-node.ts';

const block = addressBlock();
const address = `${block}.1`;
const { port, ...where } = { port: PORT, nodeCidrs: [`${block}.0/24`], isSimulated: true };
let cluster: Cluster;
beforeAll(async () => {
  cluster = await makeCluster(block);
});

let node: FakeNode | undefined;
afterEach(async () => {
  await node?.close();
  node = undefined;
});

type Standing = 'running' | 'maintenance 1.12' | 'maintenance 1.13' | 'expired' | 'foreign';

async function start(standing: Standing): Promise<FakeNode> {
  if (standing.startsWith('maintenance')) {
    const server = issueMaintenanceCertificate(address, Date.now());
    const credentials = standing.endsWith('1.12') ? maintenance(server) : new AskingMaintenance(server);
    return startNode(address, credentials, { resources: stage('maintenance') });
  }
  const { ca } = standing === 'foreign' ? await makeCluster(block) : cluster;
  const server =
    standing === 'expired'
      ? issueExpiredCertificate(ca, 'node-1', address, Date.now())
      : nodeCertificate(standing === 'foreign' ? { ...cluster, ca } : cluster, address);
  return startNode(address, running(server, ca), { machine: { version: version('v1.13.2') } });
}

const asOurs = () => {
  const { caPem, reader } = cluster.access;
  return probeAddress(address, { ...where, port, identity: { cluster: 'lab', caPem, reader } });
};
const asAnybody = () => probeAddress(address, { ...where, port });
/** Nothing that this process opened towards the node is left. */
const closed = () => expect.poll(() => node?.openSockets() ?? 0).toBe(0);

test.for([
  ['running', 'answers', 'running'],
  ['maintenance 1.12', 'maintenance', 'maintenance'],
  ['maintenance 1.13', 'maintenance', 'maintenance'],
  ['expired', 'server_certificate_expired', 'running'],
  ['foreign', 'client_certificate_required', 'running'],
] as const)('a node that is %s: %s with our certificate, %s without any', async ([standing, ours, anybody]) => {
  node = await start(standing);
  const [withCertificate, without] = [await asOurs(), await asAnybody()];
  expect([withCertificate.code, without.code]).toEqual([ours, anybody]);
  for (const { tcpMs, certificate, says } of [withCertificate, without]) {
    expect(tcpMs).toBeGreaterThanOrEqual(0);
    expect(certificate?.spki).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(says).toMatch(/^[A-Z0-9].{20,}\.$/s);
  }
  expect(withCertificate.certificate?.isSignedByCluster).toBe(standing === 'running' || standing === 'expired');
  await closed();
});

test('the fingerprint is the one that Talos prints on the console', async () => {
  const server = issueMaintenanceCertificate(address, Date.now());
  node = await startNode(address, maintenance(server), { resources: stage('maintenance') });
  expect((await asAnybody()).certificate?.spki).toBe(spkiOf(server.certPem));
});

test('what answers everybody and is not in maintenance mode is no Talos node, whatever it says', async () => {
  const server = issueMaintenanceCertificate(address, Date.now());
  node = await startNode(address, maintenance(server), { resources: stage('running') });
  expect(await asAnybody()).toMatchObject({ code: 'failed', says: expect.stringContaining('Talos would not') });
  expect((await asOurs()).code).toBe('unknown_authority');
});

test.for([
  ['close', 'connection_reset'],
  ['reset', 'connection_reset'],
  ['hang', 'handshake_timeout'],
  ['not-tls', 'not_tls'],
  [{ tlsAlert: 45 }, 'client_certificate_expired'],
] as const satisfies readonly (readonly [Fault, string])[])(
  'a port that opens and then does %j: %s, within the deadline, and nothing stays open',
  async ([fault, code]) => {
    node = await start('running');
    node.fault = fault;
    const probes: readonly AddressProbe[] = await Promise.all([asOurs(), asAnybody()]);
    for (const probe of probes) {
      expect(probe.code).toBe(code);
      expect(probe.certificate).toBeUndefined();
      expect(probe.version).toBeUndefined();
    }
    await closed();
  },
);

test('a closed port says so; what may not be dialled is not dialled', async () => {
  expect(await asOurs()).toMatchObject({ code: 'connection_refused', address, port });
  for (const other of ['169.254.169.254', '10.0.0.1', '::1', 'localhost']) {
    const probe = await probeAddress(other, { ...where, port });
    expect(probe).toMatchObject({ code: 'address_not_allowed', says: expect.stringContaining(other) });
    expect(probe.tcpMs).toBeUndefined();
  }
});
