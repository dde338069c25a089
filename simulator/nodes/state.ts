import type { Installer } from './boot-entry.ts';
import type { Hardware } from './identity.ts';
import type { Issued } from './pki.ts';
import type { Fault, NodePart } from './scenario-schema.ts';
import type { Step } from './step.ts';

/** What is on the system disk. `undefined` partitions: no partition table at all. */
export type SystemDisk = {
  attachesAfterMs: number[];
  partitions: { META: boolean; STATE: boolean; EPHEMERAL: boolean } | undefined;
  /** GPT ids by label; a partition that is made again gets a new one. */
  partitionUuids: { META: string; STATE: string; EPHEMERAL: string };
  /** In STATE: the machine config and the node's identity. */
  config: string | undefined;
  nodeId: string | undefined;
  /** In EPHEMERAL. Absent: there is some, as on every node that was ever up. */
  hasEtcdData?: boolean;
  images?: string[];
};

/** What the boot loader starts. */
export type BootEntry = Pick<Physical, 'version' | 'extensions' | 'kernelArgs'>;

/** Said by the scenario, because it follows from nothing else. */
type Signs = Pick<
  NodePart,
  'kernelModules' | 'diagnostics' | 'memory' | 'load' | 'clockOffset' | 'metaKeys' | 'staticPods'
>;

/** The machine as it stands in the rack. Only scenarios, actions and the steps of an installation change it. */
export type Physical = {
  hardware: Hardware;
  platform: 'metal' | 'hcloud';
  /** Whose certificates and secrets it has. */
  cluster: 'own' | 'foreign';
  version: string;
  kernelArgs: string[];
  extensions: { name: string; version: string; image: string }[];
  disk: SystemDisk;
  metadata: { hostname: string; arrivesAfterMs: number[] } | undefined;
  /** Installed, and booted next time. */
  nextEntry?: BootEntry | undefined;
  previousEntry?: BootEntry | undefined;
  isUnconfirmed?: boolean;
  /** Installed early in the next boot. */
  stagedInstaller?: Installer | undefined;
} & Signs;

export type Stage =
  | 'booting'
  | 'installing'
  | 'maintenance'
  | 'running'
  | 'rebooting'
  | 'shutting down'
  | 'resetting'
  | 'upgrading';

export type Service = {
  state: string;
  health: { unknown: boolean; healthy: boolean; lastMessage: string; lastChange: number };
  events: { state: string; message: string; at: number }[];
};

export type Volume = { phase: string; updatedAt: number; revision: number };

export type KernelLine = { at: number; facility: string; priority: string; text: string };

/** `type` is the message name of machine.proto, `value` the encoded message in base64. */
export type StoredEvent = { id: string; at: number; actorId: string; type: EventType; value: string };
export type EventType =
  | 'SequenceEvent'
  | 'PhaseEvent'
  | 'TaskEvent'
  | 'ServiceStateEvent'
  | 'RestartEvent'
  | 'AddressEvent'
  | 'MachineStatusEvent';

/** Lives from the start of the kernel until the next one. */
export type Boot = {
  number: number;
  id: string;
  startedAt: number;
  stage: Stage;
  stageRevision: number;
  stageAt: number;
  /** What answers at the port. */
  api: 'none' | 'maintenance' | 'running';
  certificate: Issued | undefined;
  /** A machine that leaves maintenance mode gets another one. */
  certificateFor: 'maintenance' | 'running';
  sequence: string | undefined;
  isDiskAttached: boolean;
  isSettled: boolean;
  stateLookup: 'open' | 'found' | 'missed';
  /** Given to the node in maintenance mode and not yet in STATE. */
  givenConfig: string | undefined;
  /** In effect. */
  activeConfig: string | undefined;
  hasMetadata: boolean;
  isNetworkReady: boolean;
  hostname: { hostname: string; domainname: string; layer: string };
  hostnameRevision: number;
  nodename: string | undefined;
  etcdName: string | undefined;
  volumes: Record<string, Volume>;
  services: Record<string, Service>;
  kernelLog: KernelLine[];
  events: StoredEvent[];
  eventCount: number;
  pid: number;
  /** Loaded because a config asked for them; Talos unloads nothing. */
  configuredModules?: string[];
};

export type Action = { at: string; method: string; outcome: string };

export type NodeState = {
  name: string;
  address: string;
  port: number;
  /** What the scenario said when it was loaded, to see what the next one changes. */
  part: NodePart;
  power: 'on' | 'off';
  physical: Physical;
  bootCount: number;
  boot: Boot | undefined;
  pending: { due: number; step: Step }[];
  faults: Fault[];
  lastActions: Action[];
};

export type EtcdMember = {
  id: string;
  node: string;
  name: string;
  isLearner: boolean;
  dbBytes?: number;
  inUseBytes?: number;
};
export type EtcdAlarm = { memberId: string; alarm: 'NOSPACE' | 'CORRUPT' };

/** What the discovery service knows of a node, until nobody refreshed it for 30 minutes. */
export type Affiliate = {
  nodeId: string;
  node: string;
  hostname: string;
  nodename: string;
  address: string;
  machineType: string;
  operatingSystem: string;
  seenAt: number;
};

export type Secrets = { ca: Issued; clients: Record<'reader' | 'operator' | 'admin', Issued> };

export type ClusterState = {
  format: 1;
  cluster: string;
  seed: string;
  scenario: string;
  createdAt: number;
  controlToken: string;
  nodeCidr: string;
  own: Secrets;
  foreign: Secrets;
  /** Backups by node name; the config that the node was installed with. */
  configs: Record<string, string>;
  /** SMBIOS UUID of the cluster's own machine of each name, whatever a scenario puts in its place. */
  machineUuids: Record<string, string>;
  nodes: Record<string, NodeState>;
  etcd: { members: EtcdMember[]; leader: string; term: number; index: number; alarms?: EtcdAlarm[] };
  discovery: Record<string, Affiliate>;
};
