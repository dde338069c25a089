import { partitionName, partitionNumbers } from './disk-steps.ts';
import { roleOf } from './physical.ts';
import { bootOf } from './record.ts';
import { one, type ResourceSource } from './resource.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

/** Partitions that are mounted once there is a config, and where. */
const TARGETS = { STATE: '/system/state', EPHEMERAL: '/var' } as const;

type Mount = { readonly id: keyof typeof TARGETS; readonly source: string; readonly target: string };

function mountsOf(node: NodeState): readonly Mount[] {
  const boot = bootOf(node);
  const disk = node.physical.hardware.disks.find(({ isSystem }) => isSystem);
  if (disk === undefined || boot.activeConfig === undefined) return [];
  return (['EPHEMERAL', 'STATE'] as const).flatMap((id) => {
    const partition = partitionNumbers(node).find(({ label }) => label === id);
    if (partition === undefined || boot.volumes[id]?.phase !== 'ready') return [];
    return [{ id, source: `/dev/${partitionName(disk.name, partition.n)}`, target: TARGETS[id] }];
  });
}

/** Source: pkg/machinery/resources/runtime/mount_status.go. */
const runtimeMounts: ResourceSource = ({ node }) =>
  mountsOf(node).map(({ id, source, target }) =>
    one('runtime', id, { source, target, filesystemType: 'xfs', options: [], encrypted: false }),
  );

/** Who wants which volume: the boot sequence EPHEMERAL, a service its folder on it. */
function requestsOf(node: NodeState) {
  const { services } = bootOf(node);
  const isMounted = (id: string) => mountsOf(node).some((mount) => mount.id === id);
  const runs = (id: string) => services[id]?.state === 'Running';
  const etcd = roleOf(node.name) === 'controlplane' && runs('etcd');
  return [
    ...(isMounted('EPHEMERAL')
      ? [{ id: 'EPHEMERAL', volumeID: 'EPHEMERAL', requester: 'sequencer', target: '/var' }]
      : []),
    ...(etcd
      ? [{ id: 'service/etcd-ETCD', volumeID: 'ETCD', requester: 'service/etcd', target: '/var/lib/etcd' }]
      : []),
  ];
}

const volumeMounts: ResourceSource = ({ node }) => {
  const minor = minorOf(node.physical.version);
  const flags = {
    readOnly: false,
    ...(minor >= 12 ? { detached: false } : {}),
    ...(minor >= 13 ? { disableAccessTime: false, secure: false } : {}),
    ...(minor >= 14 ? { noExec: false } : {}),
  };
  return requestsOf(node).map(({ id, ...request }) => one('runtime', id, { ...request, ...flags }));
};

const blockMounts: ResourceSource = ({ node }) => {
  const detached = minorOf(node.physical.version) >= 12 ? { detached: false } : {};
  return mountsOf(node).map(({ id, source, target }) => {
    const requests = requestsOf(node).filter(({ volumeID }) => volumeID === id);
    const requesters = requests.map(({ requester }) => requester);
    const requesterIDs = requests.map((request) => request.id);
    const wish = { volumeID: id, parentID: '', readOnly: false, ...detached, requesters, requesterIDs };
    const spec = { spec: wish, source, target, filesystem: 'xfs', readOnly: false };
    return one('runtime', id, { ...spec, projectQuotaSupport: id === 'EPHEMERAL', ...detached });
  });
};

export const mountResources: Readonly<Record<string, ResourceSource>> = {
  'MountStatuses.runtime.talos.dev': runtimeMounts,
  'VolumeMountStatuses.block.talos.dev': volumeMounts,
  'MountStatuses.block.talos.dev': blockMounts,
  'DiscoveredVolumesStatuses.block.talos.dev': ({ node }) => [
    one('runtime', 'discovered-volumes-status', { ready: bootOf(node).isSettled }),
  ],
};
