import { once } from 'node:events';
import * as tls from 'node:tls';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAdmin } from '../../lib/talos/admin.ts';
import { createOperator } from '../../lib/talos/operator.ts';
import { createReader } from '../../lib/talos/reader.ts';
import { type Issued, issueMaintenanceCertificate, openSslKey, spkiOf } from '../../simulator/nodes/pki.ts';
import { addressBlock, type Cluster, makeCluster, nodeCertificate, PORT, targetAt } from './fake-node.ts';

/** A bare TLS port that asks for a certificate, takes any, notes the one it got, and hangs up. */
const address = `${addressBlock()}.1`;
let cluster: Cluster;
let foreign: Issued;
let shown: string[];
let handshakes: number;
let close: () => void = () => {};
beforeAll(async () => {
  cluster = await makeCluster(address.slice(0, address.lastIndexOf('.')));
  foreign = issueMaintenanceCertificate(address, Date.now());
});
beforeEach(() => {
  shown = [];
  handshakes = 0;
});
afterEach(() => close());
async function listen(server: Issued): Promise<void> {
  const key = openSslKey(server.keyPem);
  const options = { key, cert: server.certPem, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['h2'] };
  const listener = tls.createServer(options, (socket) => {
    handshakes += 1;
    const certificate = socket.getPeerX509Certificate();
    if (certificate !== undefined) shown.push(certificate.subject);
    socket.on('error', () => {}).end();
  });
  listener.listen(PORT, address);
  await once(listener, 'listening');
  close = () => listener.close();
}

test('a server that is not of the cluster is never shown a certificate of ours, not even in maintenance mode', async () => {
  await listen(foreign);
  const target = targetAt(address);
  await createReader(cluster.access).collect(target, { peers: [], mayEnterMaintenance: true });
  await createOperator(cluster.access).reboot(target, { mode: 'default', deadlineMs: 2_000 });
  const request = { config: 'a: b', spki: spkiOf(foreign.certPem), dryRun: true, deadlineMs: 2_000 };
  await createAdmin(cluster.access).applyInMaintenance(target, request);
  await expect.poll(() => handshakes).toBe(2); // the look behind an unknown certificate, and the config
  expect(shown).toEqual([]);
});

test('a node of the cluster is shown the one that the call needs', async () => {
  await listen(nodeCertificate(cluster, address));
  await createOperator(cluster.access).reboot(targetAt(address), { mode: 'default', deadlineMs: 2_000 });
  await expect.poll(() => shown).toEqual(['O=os:operator']);
});
