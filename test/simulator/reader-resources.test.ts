import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulated, simulate } from './simulated.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterAll(() => world.end());

const VERSIONS = ['v1.8.4', 'v1.9.6', 'v1.10.7', 'v1.11.5', 'v1.12.11', 'v1.13.9', 'v1.14.0'] as const;
const minorOf = (version: string): number => Number(version.split('.')[1]);

const MODULES = ['configfs', 'ext4', 'kernel', 'xfs'];
const PODS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => `kube-system/${name}-cp-1`);

/** Since 1.8 where nothing else is said. `ids` are there, among others; none: the type is known and has no instance. */
type Row = {
  type: string;
  ns: string;
  since?: number;
  node?: 'cp-1';
  ids: readonly string[];
  keys?: readonly string[];
};
const ROWS: readonly Row[] = [
  { type: 'KernelModuleSpecs.runtime.talos.dev', ns: 'runtime', ids: [] },
  {
    type: 'LoadedKernelModules.runtime.talos.dev',
    ns: 'runtime',
    since: 11,
    ids: ['iscsi_tcp', 'ixgbe', 'megaraid_sas'],
    keys: ['size', 'referenceCount', 'state', 'address'],
  },
  {
    type: 'KernelModuleStatuses.runtime.talos.dev',
    ns: 'runtime',
    since: 14,
    ids: ['ixgbe', ...MODULES],
    keys: ['type', 'size', 'referenceCount', 'state', 'address'],
  },
  {
    type: 'KernelParamStatuses.runtime.talos.dev',
    ns: 'runtime',
    ids: ['proc.sys.net.ipv4.ip_forward'],
    keys: ['current', 'default', 'unsupported'],
  },
  {
    type: 'ImageFactorySchematics.runtime.talos.dev',
    ns: 'runtime',
    since: 14,
    ids: ['image-factory-schematic'],
    keys: ['schematicId', 'flavor', 'apiUrl'],
  },
  {
    type: 'APIServiceConfigs.runtime.talos.dev',
    ns: 'runtime',
    since: 13,
    ids: ['apid'],
    keys: ['listenAddress', 'nodeRoutingDisabled', 'readonlyRoleMode', 'skipVerifyingClientCert'],
  },
  {
    type: 'Services.v1alpha1.talos.dev',
    ns: 'runtime',
    ids: ['apid', 'cri', 'ext-iscsid', 'kubelet', 'machined'],
    keys: ['running', 'healthy', 'unknown'],
  },
  {
    type: 'ServicePIDs.runtime.talos.dev',
    ns: 'runtime',
    since: 13,
    ids: ['kubelet'],
    keys: ['pid', 'mountNamespace'],
  },
  { type: 'TimeStatuses.v1alpha1.talos.dev', ns: 'runtime', ids: ['node'], keys: ['synced', 'epoch', 'syncDisabled'] },
  {
    type: 'AdjtimeStatuses.v1alpha1.talos.dev',
    ns: 'runtime',
    ids: ['node'],
    keys: ['offset', 'maxError', 'estError', 'status', 'syncStatus', 'state'],
  },
  { type: 'TimeServerStatuses.net.talos.dev', ns: 'network', ids: ['timeservers'], keys: ['timeServers'] },
  { type: 'ResolverStatuses.net.talos.dev', ns: 'network', ids: ['resolvers'], keys: ['dnsServers'] },
  {
    type: 'NodeAddresses.net.talos.dev',
    ns: 'network',
    ids: ['accumulative', 'current', 'current-no-k8s', 'current-only-k8s', 'default', 'routed'],
    keys: ['addresses'],
  },
  {
    type: 'AddressSpecs.net.talos.dev',
    ns: 'network',
    ids: ['lo/127.0.0.1/8'],
    keys: ['address', 'linkName', 'family', 'scope', 'flags', 'layer'],
  },
  {
    type: 'AddressStatuses.net.talos.dev',
    ns: 'network',
    ids: ['lo/127.0.0.1/8'],
    keys: ['address', 'local', 'linkIndex', 'linkName', 'family', 'scope', 'flags'],
  },
  { type: 'MetaKeys.runtime.talos.dev', ns: 'runtime', ids: ['0x0a'], keys: ['value'] },
  { type: 'Diagnostics.runtime.talos.dev', ns: 'runtime', ids: [] },
  {
    type: 'StaticPodStatuses.kubernetes.talos.dev',
    ns: 'k8s',
    node: 'cp-1',
    ids: PODS,
    keys: ['phase', 'conditions', 'containerStatuses', 'hostIP', 'startTime'],
  },
  {
    type: 'NodeStatuses.kubernetes.talos.dev',
    ns: 'k8s',
    ids: ['w-1'],
    keys: ['nodename', 'nodeReady', 'unschedulable', 'labels', 'annotations'],
  },
  { type: 'NodeIPs.kubernetes.talos.dev', ns: 'k8s', ids: ['kubelet'], keys: ['addresses'] },
  { type: 'KubeletStatuses.kubernetes.talos.dev', ns: 'k8s', since: 14, ids: ['kubelet'], keys: ['image'] },
  { type: 'SecurityStates.talos.dev', ns: 'runtime', ids: ['securitystate'], keys: ['secureBoot'] },
  { type: 'BootedEntries.talos.dev', ns: 'runtime', since: 11, ids: [] },
  { type: 'SiderolinkStatuses.siderolink.talos.dev', ns: 'config', ids: [] },
  { type: 'WatchdogTimerStatuses.runtime.talos.dev', ns: 'runtime', ids: [] },
  { type: 'UnattendedInstallStatuses.runtime.talos.dev', ns: 'runtime', since: 14, ids: [] },
  { type: 'ExtensionServiceConfigStatuses.runtime.talos.dev', ns: 'runtime', ids: [] },
  { type: 'PKIStatuses.etcd.talos.dev', ns: 'etcd', node: 'cp-1', ids: ['etcd'], keys: ['ready', 'version'] },
  { type: 'DevicesStatuses.runtime.talos.dev', ns: 'runtime', ids: ['devices'], keys: ['ready'] },
  {
    type: 'MountStatuses.runtime.talos.dev',
    ns: 'runtime',
    ids: ['EPHEMERAL', 'STATE'],
    keys: ['source', 'target', 'filesystemType', 'options', 'encrypted'],
  },
  {
    type: 'MountStatuses.block.talos.dev',
    ns: 'runtime',
    since: 10,
    ids: ['EPHEMERAL', 'STATE'],
    keys: ['spec', 'source', 'target', 'filesystem', 'readOnly'],
  },
  {
    type: 'VolumeMountStatuses.block.talos.dev',
    ns: 'runtime',
    since: 10,
    ids: ['EPHEMERAL'],
    keys: ['volumeID', 'requester', 'target', 'readOnly'],
  },
  { type: 'OOMActions.talos.dev', ns: 'runtime', since: 12, ids: [] },
];
/** Readers may not see it from this version on. */
const SENSITIVE: Readonly<Record<string, number>> = { 'OOMActions.talos.dev': 12 };

describe.for(VERSIONS)('Talos %s', (version) => {
  beforeAll(() => world.load(`version: ${version}`));

  test.for(ROWS)('a reader of a running node asks for $type', async ({ type, ns, since = 8, node, ids, keys }) => {
    const seen = await world.to(node ?? 'w-1', 'reader').list(ns, type);
    if (minorOf(version) < since) {
      expect(seen).toEqual({ code: 7, text: `resource type "${type}" is not supported` });
      return;
    }
    if (minorOf(version) >= (SENSITIVE[type] ?? Number.POSITIVE_INFINITY)) {
      expect(seen).toEqual({ code: 7, text: 'not authorized' });
      return;
    }
    const reply: Record<string, unknown> = 'reply' in seen ? seen.reply : {};
    expect(seen).toHaveProperty('reply');
    expect(Object.keys(reply)).toEqual(expect.arrayContaining([...ids]));
    if (ids.length === 0) expect(reply).toEqual({});
    for (const id of ids) expect(Object.keys(Object(reply[id]))).toEqual(expect.arrayContaining([...(keys ?? [])]));
  });

  test('affiliates are merged under the id of the node, and kept per registry', async () => {
    const node = world.to('w-1', 'reader');
    const merged = await node.list('cluster', 'Affiliates.cluster.talos.dev');
    const raw = await node.list('cluster-raw', 'Affiliates.cluster.talos.dev');
    const [ids, rawIds] = [merged, raw].map((seen) => ('reply' in seen ? Object.keys(seen.reply) : []));
    expect(ids).toHaveLength(6);
    expect(rawIds).toHaveLength(5);
    expect(ids).toEqual(expect.arrayContaining((rawIds ?? []).map((id) => id.replace(/^service\//, ''))));
  });
});

test('an unknown type is told before an unknown namespace', async () => {
  const node = world.to('w-1', 'reader');
  const text = (what: string) => ({ code: 7, text: `${what} is not supported` });
  expect(await node.list('nowhere', 'Nothings.runtime.talos.dev')).toEqual(
    text('resource type "Nothings.runtime.talos.dev"'),
  );
  expect(await node.list('nowhere', 'Diagnostics.runtime.talos.dev')).toEqual(text('namespace "nowhere"'));
});
