import { membersNow } from './discovery.ts';
import { isEtcdHealthy, memberOf } from './etcd.ts';
import { hostnameSpecs } from './hostname.ts';
import { etcdIdHex } from './identity.ts';
import { isNodeReady } from './machine-status.ts';
import { roleOf } from './physical.ts';
import { bootOf } from './record.ts';
import { one, type ResourceSource } from './resource.ts';
import { kubernetesOf } from './version.ts';

const hostnames: ResourceSource = ({ node }) => {
  const { hostname, domainname, layer } = bootOf(node).hostname;
  const sources = hostnameSpecs(node).map((spec) =>
    one('network-config', spec.id, { hostname: spec.hostname, domainname: spec.domainname, layer: spec.layer }),
  );
  return [one('network', 'hostname', { hostname, domainname, layer }), ...sources];
};

const hostnameStatus: ResourceSource = ({ node }) => {
  const { hostname, hostnameRevision } = bootOf(node);
  if (hostname.hostname === '') return [];
  const spec = { hostname: hostname.hostname, domainname: hostname.domainname };
  return [one('network', 'hostname', spec, { version: hostnameRevision })];
};

const links: ResourceSource = ({ node }) => [
  one('network', 'lo', {
    index: 1,
    type: 'loopback',
    linkIndex: 0,
    hardwareAddr: '00:00:00:00:00:00',
    mtu: 65536,
    operationalState: 'unknown',
    kind: '',
  }),
  ...node.physical.hardware.links.map(({ name, mac, driver }, n) =>
    one('network', name, {
      index: n + 2,
      type: 'ether',
      linkIndex: 0,
      flags: 'UP,BROADCAST,RUNNING,MULTICAST,LOWER_UP',
      hardwareAddr: mac,
      permanentAddr: mac,
      broadcastAddr: 'ff:ff:ff:ff:ff:ff',
      mtu: 1500,
      operationalState: n === 0 ? 'up' : 'down',
      kind: '',
      driver,
      linkState: n === 0,
      speedMbit: n === 0 ? 10000 : 0,
    }),
  ),
];

const nodeAddresses: ResourceSource = ({ node }) =>
  ['default', 'current', 'routed', 'accumulative'].map((id) =>
    one('network', id, { addresses: [`${node.address}/${id === 'default' ? 24 : 24}`] }),
  );

const networkStatus: ResourceSource = ({ node }) => {
  const isReady = bootOf(node).isNetworkReady || bootOf(node).api === 'maintenance';
  const spec = { addressReady: isReady, connectivityReady: isReady, hostnameReady: true, etcFilesReady: true };
  return [one('network', 'status', spec)];
};

const members: ResourceSource = ({ cluster, node, now }) => {
  if (bootOf(node).activeConfig === undefined || node.physical.cluster === 'foreign') return [];
  return membersNow(cluster, now).map((known) =>
    one(
      'cluster',
      known.nodename,
      {
        nodeId: known.nodeId,
        addresses: [known.address],
        hostname: known.hostname,
        machineType: known.machineType,
        operatingSystem: known.operatingSystem,
        ...(known.machineType === 'controlplane' ? { controlPlane: { port: 6443 } } : {}),
      },
      { updatedAt: known.seenAt, owner: 'cluster.MemberController' },
    ),
  );
};

const affiliates: ResourceSource = (context) =>
  members(context).map((member) => {
    const known = context.cluster.discovery;
    const found = Object.values(known).find(({ nodename }) => nodename === member.id);
    return { ...member, id: found?.nodeId ?? member.id };
  });

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

const nodenames: ResourceSource = ({ node }) => {
  const { nodename, hostnameRevision } = bootOf(node);
  if (nodename === undefined) return [];
  const spec = { nodename, hostnameVersion: String(hostnameRevision), skipNodeRegistration: false };
  return [one('k8s', 'nodename', spec)];
};

const nodeStatuses: ResourceSource = ({ cluster, node }) => {
  const { nodename } = bootOf(node);
  if (nodename === undefined) return [];
  const role = roleOf(node.name) === 'controlplane' ? { 'node-role.kubernetes.io/control-plane': '' } : {};
  const spec = {
    nodename,
    nodeReady: isNodeReady(cluster, node),
    unschedulable: false,
    labels: { 'kubernetes.io/hostname': nodename, ...role },
    annotations: { 'talos.dev/version': node.physical.version },
  };
  return [one('k8s', nodename, spec)];
};

const STATIC_PODS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const staticPods: ResourceSource = ({ cluster, node }) => {
  const { nodename } = bootOf(node);
  if (roleOf(node.name) === 'worker' || nodename === undefined) return [];
  const status = isNodeReady(cluster, node) ? 'True' : 'False';
  return STATIC_PODS.map((name) =>
    one('k8s', `kube-system/${name}-${nodename}`, {
      phase: 'Running',
      conditions: [{ type: 'Ready', status }],
      containerStatuses: [
        {
          name,
          ready: status === 'True',
          restartCount: 0,
          image: `registry.k8s.io/${name}:${kubernetesOf(node.physical.version)}`,
          state: { running: {} },
        },
      ],
    }),
  );
};

export const networkResources: Readonly<Record<string, ResourceSource>> = {
  'HostnameSpecs.net.talos.dev': hostnames,
  'HostnameStatuses.net.talos.dev': hostnameStatus,
  'LinkStatuses.net.talos.dev': links,
  'NodeAddresses.net.talos.dev': nodeAddresses,
  'NetworkStatuses.net.talos.dev': networkStatus,
  'Members.cluster.talos.dev': members,
  'Affiliates.cluster.talos.dev': affiliates,
  'EtcdMembers.etcd.talos.dev': etcdMembers,
  'EtcdSpecs.etcd.talos.dev': etcdSpecs,
  'PKIStatuses.etcd.talos.dev': ({ node }) =>
    bootOf(node).etcdName === undefined ? [] : [one('etcd', 'etcd', { ready: true, version: '1' })],
  'Nodenames.kubernetes.talos.dev': nodenames,
  'NodeStatuses.kubernetes.talos.dev': nodeStatuses,
  'StaticPodStatuses.kubernetes.talos.dev': staticPods,
};
