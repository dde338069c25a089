import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import type { KernelLine, ServiceReading, VolumeReading } from '../../lib/evidence/values.ts';
import type { Facts } from '../../lib/playbooks/finding.ts';
import {
  ALL_LABELS,
  booting,
  facts,
  failed,
  kernel,
  ok,
  partitions,
  peer,
  refused,
  running,
  STATE_UUID,
  stateVolume,
} from './build-evidence.ts';

// Nodes with one thing wrong, read as a whole. Texts as Talos and Linux print them; all synthetic.

export const talos = (at: string, message: string): KernelLine => ({
  at,
  facility: 'user',
  message: `[talos] ${message}`,
});

const failedVolume = (errorMessage: string): VolumeReading => ({
  ...stateVolume('failed'),
  id: 'EPHEMERAL',
  errorMessage,
});
const volumeFailed = (error: string) =>
  talos(
    '2026-03-01T11:50:12Z',
    `volume failed {"component": "controller-runtime", "controller": "block.VolumeManagerController", "volume": "EPHEMERAL", "error": ${JSON.stringify(error)}}`,
  );
export const withoutEphemeral = (errorMessage: string, more: Readings = {}): Evidence =>
  booting({
    volumes: ok([stateVolume('ready', STATE_UUID), failedVolume(errorMessage)]),
    discoveredVolumes: ok(partitions(ALL_LABELS)),
    kernelLog: ok([volumeFailed(errorMessage)]),
    ...more,
  });
export const KMS = 'error opening encrypted volume: failed to get key for slot 0: context deadline exceeded';
export const MISMATCH = 'error encrypting volume: filesystem type mismatch: xfs != luks';

export const EPHEMERAL: VolumeReading = {
  ...stateVolume('ready', 'uuid-of-EPHEMERAL'),
  id: 'EPHEMERAL',
  location: '/dev/sda5',
};
export const volumes = ok([stateVolume('ready', STATE_UUID), EPHEMERAL]);

const GIVEN_UP = kernel(
  '2026-03-01T11:40:00Z',
  'sd 0:2:0:0: [sda] Synchronizing SCSI cache failed: Result: hostbyte=DID_BAD_TARGET',
);
export const WRITE_FAILED = kernel(
  '2026-03-01T11:40:01Z',
  'I/O error, dev sda, sector 604840256 op 0x1:(WRITE) flags 0x100000 phys_seg 1 prio class 2',
);
const EIO = talos(
  '2026-03-01T11:40:02Z',
  'controller failed {"controller": "k8s.NodeStatusController", "error": "stat /etc/kubernetes/kubeconfig-kubelet: input/output error"}',
);
const etcdWaits: ServiceReading = {
  id: 'etcd',
  state: 'Waiting',
  health: 'unknown',
  lastMessage: '',
  events: [
    { state: 'Waiting', message: 'failed to clean up task "etcd": input/output error', at: '2026-03-01T11:40:02Z' },
  ],
};
export const deadDisk = (more: Readings = {}): Evidence =>
  running({
    services: ok([etcdWaits]),
    disks: ok([]),
    systemDisk: ok(null),
    volumes,
    kernelLog: ok([GIVEN_UP, WRITE_FAILED, EIO]),
    ...more,
  });

export const LSN = kernel(
  '2026-03-01T11:50:11Z',
  'XFS (sda5): Corruption warning: Metadata has LSN (90:781352) ahead of current LSN (1:0). Please unmount and run xfs_repair (>= v4.3) to resolve.',
);
export const NOT_MOUNTED = kernel('2026-03-01T11:50:11Z', 'XFS (sda5): log mount failed');
const TASK = talos('2026-03-01T11:50:12Z', 'task mountEphemeralPartition (1/1): starting');
const mount = (mountedOn: string, sizeBytes: number, availableBytes: number) => ({
  filesystem: '/dev/sda5',
  mountedOn,
  sizeBytes,
  availableBytes,
});
/** `/` and, where its bytes are given, `/var`. */
export const mounts = (sizeBytes?: number, availableBytes = 0) =>
  ok([mount('/', 64_000_000, 0), ...(sizeBytes === undefined ? [] : [mount('/var', sizeBytes, availableBytes)])]);
export const damagedVar = (more: Readings = {}): Evidence =>
  booting({
    volumes,
    discoveredVolumes: ok(partitions(ALL_LABELS)),
    mounts: mounts(),
    kernelLog: ok([LSN, NOT_MOUNTED, TASK]),
    ...more,
  });

const GIB = 1024 ** 3;
export const memory = (availableGib: number) =>
  ok({ totalBytes: 8 * GIB, availableBytes: availableGib * GIB, swapTotalBytes: 0, swapFreeBytes: 0 });
/** What is known of the node: it ran the Talos that it runs. */
export const knownOf = ({ readings: { version: read } }: Evidence): Facts =>
  facts(read?.ok ? { version: read.value.tag } : {});

export const version = (tag: string) => ok({ tag, platform: 'metal', mode: 'metal' });
export const POD_KILLED = (at: string) =>
  talos(
    at,
    'Sending SIGKILL to cgroup {"component": "controller-runtime", "controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/kubepods/burstable/pod77f06c5c-7a4c"}',
  );
export const eagerController = (more: Readings = {}): Evidence =>
  running({
    version: version('v1.12.1'),
    memory: memory(4),
    kernelLog: ok([POD_KILLED('2026-03-01T11:30:00Z'), POD_KILLED('2026-03-01T11:31:30Z')]),
    ...more,
  });

export const APID_CALLED = kernel(
  '2026-03-01T11:30:00Z',
  'apid invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=-998',
);
export const killedApid: ServiceReading = {
  id: 'apid',
  state: 'Running',
  health: 'healthy',
  lastMessage: '',
  events: [
    {
      state: 'Waiting',
      message: 'Error running Containerd(apid), going to restart forever: task "apid" failed: exit code 137',
      at: '2026-03-01T11:30:01Z',
    },
    { state: 'Running', message: 'Health check successful', at: '2026-03-01T11:30:06Z' },
  ],
};
export const starvedApid = (more: Readings = {}): Evidence =>
  running({
    version: version('v1.10.2'),
    memory: memory(4),
    services: ok([killedApid]),
    kernelLog: ok([APID_CALLED]),
    ...more,
  });

export const JAVA_KILLED = kernel(
  '2026-03-01T11:30:00Z',
  'Out of memory: Killed process 4711 (java) total-vm:9000000kB, anon-rss:6900000kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:14000kB oom_score_adj:900',
);
export const fullMemory = (more: Readings = {}): Evidence =>
  running({ memory: memory(0.5), kernelLog: ok([JAVA_KILLED]), ...more });

export const HANG = (at: string) => kernel(at, 'e1000e 0000:00:1f.6 eno1: Detected Hardware Unit Hang:');
export const hangingCard = (more: Readings = {}): Evidence =>
  running({
    version: version('v1.9.2'),
    kernelLog: ok([HANG('2026-03-01T11:30:00Z'), HANG('2026-03-01T11:30:02Z'), HANG('2026-03-01T11:34:00Z')]),
    ...more,
  });

const CARD = {
  id: 'enp3s0',
  kind: '',
  hardwareAddr: 'b0:83:fe:00:00:01',
  permanentAddr: 'b0:83:fe:00:00:01',
  isUp: true,
};
export const renamedCard = (more: Readings = {}): Evidence =>
  running({
    links: ok([CARD]),
    addresses: ok(['10.0.0.9/24']),
    addressSpecs: ok([
      { address: '10.0.0.9/24', link: 'enp3s0', layer: 'operator' },
      { address: '10.0.0.1/24', link: 'eth0', layer: 'configuration' },
    ]),
    ...more,
  });

export const LEASED = { address: '10.0.0.1/24', link: 'eno1', layer: 'operator' } as const;
const addressLine = (what: string, at: string, address: string = LEASED.address) =>
  talos(
    at,
    `${what} address {"component": "controller-runtime", "controller": "network.AddressSpecController", "address": "${address}", "link": "eno1"}`,
  );
/** Gone for some seconds at each of these minutes. */
export const addressGoes = (minutes: readonly number[], address?: string): readonly KernelLine[] =>
  minutes.flatMap((minute) => [
    addressLine('removed', `2026-03-01T11:${minute}:00Z`, address),
    talos(`2026-03-01T11:${minute}:00Z`, 'service[kubelet](Stopping): Sending SIGTERM to task kubelet'),
    addressLine('assigned', `2026-03-01T11:${minute}:08Z`, address),
  ]);
export const lostLease = (more: Readings = {}): Evidence =>
  running({ addressSpecs: ok([LEASED]), kernelLog: ok(addressGoes([20, 24, 28])), ...more });

export const HELLO_FAILED = (at: string) =>
  talos(
    at,
    'hello failed {"component": "controller-runtime", "controller": "cluster.DiscoveryServiceController", "error": "rpc error: code = Unavailable desc = i/o timeout", "endpoint": "discovery.talos.dev:443"}',
  );
const member = (hostname: string, address: string) => ({
  id: hostname,
  nodeId: hostname,
  hostname,
  addresses: [address],
  machineType: 'controlplane',
  operatingSystem: 'Talos',
});
const THREE = [member('cp-1', '10.0.0.1'), member('cp-2', '10.0.0.2'), member('cp-3', '10.0.0.3')];
export const lonely = (more: Readings = {}, seen = THREE): Evidence =>
  running(
    {
      members: ok(THREE.slice(0, 1)),
      kernelLog: ok(['50', '54', '58'].map((minute) => HELLO_FAILED(`2026-03-01T11:${minute}:00Z`))),
      ...more,
    },
    { peers: ['cp-2', 'cp-3'].map((name) => peer(name, { members: ok(seen) })) },
  );

export const tunnel = (label: string, state: string, lastHandshakeAt = '2026-03-01T11:59:30Z') => ({
  label,
  state,
  endpoint: '10.0.0.3:51820',
  lastHandshakeAt,
});
export const lostPair = (more: Readings = {}): Evidence =>
  running({
    kubespanPeers: ok([tunnel('cp-2', 'up'), tunnel('cp-3', 'down', '2026-03-01T09:00:00Z')]),
    affiliates: ok(THREE.map((one) => ({ ...one, nodename: one.hostname }))),
    ...more,
  });

const EIGHT_GIB = 8 * GIB;
const SYSTEM_DISK = {
  id: 'sda',
  devPath: '/dev/sda',
  model: 'PERC',
  serial: '',
  wwid: 'naa.600508b1001c0000000000000000000a',
  transport: '',
  sizeBytes: 100 * GIB,
};
const withVarOf = (sizeBytes: number) =>
  ok(partitions(ALL_LABELS).map((one) => (one.partitionLabel === 'EPHEMERAL' ? { ...one, sizeBytes } : one)));
export const TABLE_TOO_SHORT = kernel(
  '2026-03-01T11:50:01Z',
  'GPT:Primary header thinks Alt. header is not at the end of the disk.',
);
/** 8 GiB of /var, 5 % of it left, on a disk of 100 GiB. */
export const smallVar = (more: Readings = {}): Evidence =>
  running({
    disks: ok([SYSTEM_DISK]),
    volumes,
    discoveredVolumes: withVarOf(EIGHT_GIB),
    mounts: mounts(EIGHT_GIB, 0.4 * GIB),
    kernelLog: ok([TABLE_TOO_SHORT]),
    ...more,
  });
/** 98 GiB of /var, 4.9 GiB of it left. */
export const fullVar = (more: Readings = {}): Evidence =>
  smallVar({
    discoveredVolumes: withVarOf(98 * GIB),
    mounts: mounts(98 * GIB, 4.9 * GIB),
    diskUsage: ok([
      { path: '/var', sizeBytes: 93 * GIB },
      { path: '/var/lib', sizeBytes: 90 * GIB },
      { path: '/var/lib/containerd', sizeBytes: 70 * GIB },
      { path: '/var/lib/kubelet', sizeBytes: 20 * GIB },
      { path: '/var/log', sizeBytes: 3 * GIB },
    ]),
    ...more,
  });

/** Refused by everybody, as too old. */
export function expiredForAll(ourCertificateEndsAt = '2026-02-28T09:00:00.000Z'): Evidence {
  const mine = refused('client_certificate_expired', true);
  const code = 'client_certificate_expired';
  const refuses = {
    members: failed<never>(code),
    etcdMembers: failed<never>(code),
    etcdStatus: failed<never>(code),
    machineStatus: failed<never>(code),
  };
  return {
    ...mine,
    reach: { ...mine.reach, ourCertificateEndsAt },
    peers: [peer('cp-2', refuses), peer('cp-3', refuses)],
  };
}

export const forwarded = (more: Readings = {}, code = 'connection_timeout'): Evidence =>
  running(more, { reach: { mode: 'forwarded', via: 'cp-2', error: { code, message: `cp-1: ${code}` } } });

/** What each of them is. */
export const ILL_NODES: readonly (readonly [truth: string, evidence: Evidence])[] = [
  ['volume_locked', withoutEphemeral(KMS)],
  ['encryption_of_existing_volume', withoutEphemeral(MISMATCH)],
  ['system_disk_failed', deadDisk()],
  ['ephemeral_corrupt', damagedVar()],
  ['ephemeral_not_grown', smallVar()],
  ['ephemeral_full', fullVar()],
  ['oom_controller_kills_pods', eagerController()],
  ['system_service_out_of_memory', starvedApid()],
  ['node_out_of_memory', fullMemory()],
  ['nic_hangs', hangingCard()],
  ['interface_renamed', renamedCard()],
  ['dhcp_takes_address_away', lostLease()],
  ['discovery_unreachable', lonely()],
  ['kubespan_peer_down', lostPair()],
  ['our_certificate_expired', expiredForAll()],
  ['unreachable_from_here', forwarded()],
];
