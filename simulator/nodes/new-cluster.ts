import { randomBytes, randomInt } from 'node:crypto';
import { newFactory } from '../factory/factory-state.ts';
import { createClusterSecrets, createMachineConfig } from './machine-config.ts';
import { newNode, takeNodes } from './nodes-of-cluster.ts';
import {
  type Issued,
  issueCa,
  issueClientCertificate,
  issueEndingClientCertificate,
  issueExpiredClientCertificate,
} from './pki.ts';
import type { Clients, ClusterState, NodeState, Secrets } from './state.ts';
import { hostOf, nodeNames, type Topology } from './topology.ts';

const TALOS_PORT = 50_000;

type IssueOne = (ca: Issued, role: string, now: number) => Issued;
const issueClients = (ca: Issued, now: number, issueOne: IssueOne): Clients => ({
  reader: issueOne(ca, 'os:reader', now),
  operator: issueOne(ca, 'os:operator', now),
  admin: issueOne(ca, 'os:admin', now),
});

function createSecrets(now: number): Secrets {
  const ca = issueCa(now);
  return { ca, clients: issueClients(ca, now, issueClientCertificate) };
}

/** What Medic is given to log in with from now on; whether that is something else than before. */
export function handOutClients(state: ClusterState, wanted: ClusterState['talosconfig'], now: number): boolean {
  if (wanted === 'expired') state.expiredClients ??= issueClients(state.own.ca, now, issueExpiredClientCertificate);
  if (wanted === 'ending') state.endingClients ??= issueClients(state.own.ca, now, issueEndingClientCertificate);
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
export function createClusterState(cluster: string, seed: string, now: number, topology: Topology): ClusterState {
  const [own, foreign] = [createSecrets(now), { ca: issueCa(now) }];
  const secrets = createClusterSecrets(own.ca, now);
  const foreignSecrets = createClusterSecrets(foreign.ca, now);
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
