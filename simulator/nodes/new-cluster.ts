import { randomBytes, randomInt } from 'node:crypto';
import { newFactory } from '../factory/factory-state.ts';
import { createClusterSecrets, createMachineConfig } from './machine-config.ts';
import { newNode, takeNodes } from './nodes-of-cluster.ts';
import { type Issued, issueCa, issueClientCertificate, issueExpiredClientCertificate } from './pki.ts';
import type { Clients, ClusterState, NodeState, Secrets } from './state.ts';
import { hostOf, nodeNames, type Topology } from './topology.ts';

const TALOS_PORT = 50_000;

async function issueClients(
  ca: Issued,
  now: number,
  issueOne: (ca: Issued, role: string, now: number) => Promise<Issued>,
): Promise<Clients> {
  const [reader, operator, admin] = await Promise.all(
    ['os:reader', 'os:operator', 'os:admin'].map((role) => issueOne(ca, role, now)),
  );
  if (!reader || !operator || !admin) throw new Error('three certificates were asked for');
  return { reader, operator, admin };
}

async function createSecrets(now: number): Promise<Secrets> {
  const ca = await issueCa(now);
  return { ca, clients: await issueClients(ca, now, issueClientCertificate) };
}

/** What Medic is given to log in with from now on; whether that is something else than before. */
export async function handOutClients(state: ClusterState, wanted: 'valid' | 'expired', now: number): Promise<boolean> {
  if (wanted === 'expired')
    state.expiredClients ??= await issueClients(state.own.ca, now, issueExpiredClientCertificate);
  const isOther = state.talosconfig !== wanted;
  state.talosconfig = wanted;
  return isOther;
}

/** A random 127.a.b.0/24, away from 127.0.x.x, which others use. */
export const randomBlock = (): string => `127.${randomInt(1, 255)}.${randomInt(0, 255)}`;

export function moveTo(state: ClusterState, block: string): void {
  state.nodeCidr = `${block}.0/24`;
  for (const node of Object.values(state.nodes)) {
    node.address = `${block}.${hostOf(node.name)}`;
    node.port = TALOS_PORT;
    forgetCertificate(node);
  }
}

/** Where a machine has no addresses to spare (macOS): one address, any free port per node. */
export function moveToPorts(state: ClusterState): void {
  state.nodeCidr = '127.0.0.1/32';
  for (const node of Object.values(state.nodes)) {
    node.address = '127.0.0.1';
    node.port = 0;
    forgetCertificate(node);
  }
}

function forgetCertificate(node: NodeState): void {
  if (node.boot?.api === 'running') node.boot.certificate = undefined;
}

/** A cluster that has lived for a while: identities, secrets, configs, etcd members. No node is switched on yet. */
export async function createClusterState(
  cluster: string,
  seed: string,
  now: number,
  topology: Topology,
): Promise<ClusterState> {
  const [own, foreign] = await Promise.all([createSecrets(now), createSecrets(now)]);
  const [secrets, foreignSecrets] = await Promise.all([
    createClusterSecrets(own.ca, now),
    createClusterSecrets(foreign.ca, now),
  ]);
  const state: ClusterState = {
    format: 3,
    cluster,
    seed,
    scenario: '',
    createdAt: now,
    controlToken: randomBytes(24).toString('base64url'),
    nodeCidr: '',
    own,
    talosconfig: 'valid',
    secrets,
    foreign,
    configs: {},
    machineUuids: {},
    nodes: {},
    etcd: { members: [], leader: '0', term: 7, index: 1_284_000 },
    discovery: {},
    network: { cuts: [] },
    factory: newFactory(),
  };
  for (const role of ['controlplane', 'worker'] as const) {
    const [name, hostname] = ['node-1', role === 'worker' ? 'storage-1' : undefined];
    const request = { seed, cluster: 'elsewhere', name, role, hostname, secrets: foreignSecrets };
    state.configs[`foreign/${role}`] = createMachineConfig(request);
  }
  const names = nodeNames(topology);
  takeNodes(
    state,
    names.map((name) => newNode(state, name, { address: '', port: TALOS_PORT })),
  );
  return state;
}
