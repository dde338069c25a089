/* What single readings hold, in Talos' words: JSON all the way. */

export type MachineStage =
  | 'unknown'
  | 'booting'
  | 'installing'
  | 'maintenance'
  | 'running'
  | 'rebooting'
  | 'shutting down'
  | 'resetting'
  | 'upgrading';

/** Shares from 0 to 1 of all processors; `running` and `blocked` count processes. */
export type CpuReading = {
  readonly busyShare: number;
  readonly iowaitShare: number;
  readonly running: number;
  readonly blocked: number;
};

/** `state` as the kernel names it (R, S, D, Z ...). */
export type ProcessReading = {
  readonly pid: number;
  readonly command: string;
  readonly state: string;
  readonly cpuTimeS: number;
  readonly residentBytes: number;
};

export type StaticPodReading = {
  /** `<namespace>/<pod>` */
  readonly id: string;
  readonly phase: string;
  readonly containers: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly restarts: number;
    readonly containerId: string;
    /** `CrashLoopBackOff`, `ImagePullBackOff` ...; empty: it does not wait. */
    readonly waitingFor: string;
  }[];
};

export type ServiceReading = {
  readonly id: string;
  /** Initialized, Preparing, Waiting, Starting, Running, Stopping, Finished, Failed, Skipped. */
  readonly state: string;
  readonly health: 'unknown' | 'healthy' | 'unhealthy';
  readonly lastMessage: string;
  /** The last 64 changes of state, oldest first. */
  readonly events: readonly { readonly state: string; readonly message: string; readonly at: string }[];
};

/** One dmesg frame. `at` is the time that Talos printed in it (ISO 8601), undefined where it printed none. */
export type KernelLine = { readonly at: string | undefined; readonly facility: string; readonly message: string };

/** One SequenceEvent, oldest first. Source: Events with the whole tail. `id` sorts by time. */
export type SequenceReading = {
  readonly id: string;
  readonly actorId: string;
  readonly sequence: string;
  readonly action: 'NOOP' | 'START' | 'STOP' | 'unknown';
  readonly error?: { readonly code: 'FATAL' | 'LOCKED' | 'CANCELED' | 'unknown'; readonly message: string };
};

/** Ids are uint64 as decimal strings. */
export type EtcdMemberReading = {
  readonly id: string;
  readonly hostname: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
};

export type EtcdStatusReading = {
  readonly memberId: string;
  /** '0': no leader. */
  readonly leader: string;
  readonly dbBytes: number;
  readonly dbInUseBytes: number;
  readonly raftIndex: string;
  readonly raftAppliedIndex: string;
  readonly raftTerm: string;
  readonly isLearner: boolean;
  readonly errors: readonly string[];
};

export type VolumeReading = {
  readonly id: string;
  readonly phase:
    | 'waiting'
    | 'failed'
    | 'missing'
    | 'located'
    | 'provisioned'
    | 'prepared'
    | 'ready'
    | 'closed'
    | 'unknown';
  readonly location: string;
  readonly parentLocation: string;
  readonly partitionUuid: string;
  readonly filesystem: string;
  readonly sizeBytes: number;
  readonly errorMessage: string;
};

export type DiscoveredVolumeReading = {
  /** Kernel name: `sda`, `sda5`. */
  readonly id: string;
  readonly type: string;
  readonly devPath: string;
  readonly parent: string;
  /** Detected format: `xfs`, `luks`, `gpt` ...; empty: unformatted. */
  readonly name: string;
  readonly partitionLabel: string;
  readonly partitionUuid: string;
  readonly sizeBytes: number;
};

export type DiskReading = {
  readonly id: string;
  readonly devPath: string;
  readonly model: string;
  readonly serial: string;
  readonly wwid: string;
  readonly transport: string;
  readonly sizeBytes: number;
};

export type MemberReading = {
  readonly id: string;
  readonly nodeId: string;
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly machineType: string;
  readonly operatingSystem: string;
};

/** `nodename` is empty while Kubernetes has none for it. */
export type AffiliateReading = Omit<MemberReading, 'operatingSystem'> & { readonly nodename: string };

/** `kind` is empty for what is no bond, bridge or the like. Hardware addresses in lower case. */
export type LinkReading = {
  readonly id: string;
  readonly kind: string;
  readonly hardwareAddr: string;
  readonly permanentAddr: string;
  readonly isUp: boolean;
};

/** `address` with its prefix length. `layer`: who wants it; DHCP and virtual addresses are `operator`. */
export type AddressSpecReading = {
  readonly address: string;
  readonly link: string;
  readonly layer: 'default' | 'cmdline' | 'platform' | 'operator' | 'configuration';
};

/** `label`: name of the node; `state`: unknown, up or down; `lastHandshakeAt` as the node says it, ISO 8601. */
export type KubespanPeerReading = {
  readonly label: string;
  readonly state: string;
  readonly endpoint: string;
  readonly lastHandshakeAt: string;
};
