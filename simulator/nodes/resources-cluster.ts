import { membersSeenBy } from './discovery.ts';
import { isEtcdHealthy, memberOf } from './etcd.ts';
import { etcdIdHex } from './identity.ts';
import { roleOf } from './physical.ts';
import { readMachineConfig } from './read-machine-config.ts';
import { bootOf } from './record.ts';
import { one, type ResourceSource } from './resource.ts';

const controlPlaneOf = (machineType: string) =>
  machineType === 'controlplane' ? { controlPlane: { port: 6443 } } : {};

const members: ResourceSource = ({ cluster, node, now }) => {
  if (bootOf(node).activeConfig === undefined || node.physical.cluster === 'foreign') return [];
  // of two nodes with one name the later one is seen
  const byName = new Map(membersSeenBy(cluster, node, now).map((known) => [known.nodename, known]));
  return [...byName.values()].map((known) =>
    one(
      'cluster',
      known.nodename,
      {
        nodeId: known.nodeId,
        addresses: [known.address],
        hostname: known.hostname,
        machineType: known.machineType,
        operatingSystem: known.operatingSystem,
        ...controlPlaneOf(known.machineType),
      },
      { updatedAt: known.seenAt, owner: 'cluster.MemberController' },
    ),
  );
};

/** Merged under the node's id, and as each registry has them; the discovery service does not tell a node of itself. */
const affiliates: ResourceSource = ({ cluster, node, now }) => {
  if (bootOf(node).activeConfig === undefined || node.physical.cluster === 'foreign') return [];
  return membersSeenBy(cluster, node, now).flatMap((known) => {
    const spec = {
      nodeId: known.nodeId,
      addresses: [known.address],
      hostname: known.hostname,
      nodename: known.nodename,
      operatingSystem: known.operatingSystem,
      machineType: known.machineType,
      kubespan: { publicKey: '', address: '', additionalAddresses: [], endpoints: [] },
      ...controlPlaneOf(known.machineType),
    };
    const isOwn = known.nodeId === node.physical.disk.nodeId;
    const owner = isOwn ? 'cluster.LocalAffiliateController' : 'cluster.AffiliateMergeController';
    const raw = one('cluster-raw', `service/${known.nodeId}`, spec, { owner: 'cluster.DiscoveryServiceController' });
    return [one('cluster', known.nodeId, spec, { updatedAt: known.seenAt, owner }), ...(isOwn ? [] : [raw])];
  });
};

const etcdMembers: ResourceSource = ({ cluster, node }) => {
  const member = memberOf(cluster, node);
  if (member === undefined || !isEtcdHealthy(node)) return [];
  return [one('etcd', 'local', { memberID: etcdIdHex(member.id) }, { owner: 'etcd.MemberController' })];
};

/** The name is the hostname as it was when etcd started. */
const etcdSpecs: ResourceSource = ({ node }) => {
  const name = bootOf(node).etcdName;
  if (roleOf(node.name) === 'worker' || name === undefined) return [];
  const spec = {
    name,
    advertisedAddresses: [node.address],
    listenPeerAddresses: ['::'],
    listenClientAddresses: ['::'],
    image: 'gcr.io/etcd-development/etcd:v3.5.16',
    extraArgs: {},
  };
  return [one('etcd', 'etcd', spec, { owner: 'etcd.SpecController' })];
};

const clusterInfo: ResourceSource = ({ node }) => {
  const { activeConfig } = bootOf(node);
  const read = activeConfig === undefined ? undefined : readMachineConfig(activeConfig);
  if (read === undefined || !('config' in read)) return [];
  return [one('cluster', 'current', { clusterId: read.config.clusterId, clusterName: read.config.clusterName })];
};

export const clusterResources: Readonly<Record<string, ResourceSource>> = {
  'Members.cluster.talos.dev': members,
  'Affiliates.cluster.talos.dev': affiliates,
  'Identities.cluster.talos.dev': ({ node }) =>
    bootOf(node).activeConfig === undefined ? [] : [one('cluster', 'local', { nodeId: node.physical.disk.nodeId })],
  'Infos.cluster.talos.dev': clusterInfo,
  'EtcdMembers.etcd.talos.dev': etcdMembers,
  'EtcdSpecs.etcd.talos.dev': etcdSpecs,
  'PKIStatuses.etcd.talos.dev': ({ node }) =>
    bootOf(node).etcdName === undefined ? [] : [one('etcd', 'etcd', { ready: true, version: '1' })],
};
