import type { FactoryState } from '../factory/factory-state.ts';
import type { Hardware } from './identity.ts';
import type { ClusterSecrets } from './machine-config.ts';
import type { Extension } from './machine-schema.ts';
import type { Told } from './node-events.ts';
import type { Order } from './orders.ts';
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
  /** No boot loader any more: whoever switches the machine on waits in vain. */
  isUnbootable?: boolean;
  /** On EPHEMERAL: names under which images are stored, and the image that each one means. */
  images?: Record<string, string>;
  /** Per boot, how long after the start of the kernel it drops off the bus. */
  diesAfterMs?: number[];
  /** The file system of EPHEMERAL does not mount; repairing it takes so long and is in vain. */
  ephemeralRepairMs?: number;
  /** EPHEMERAL is encrypted: per boot, when it opens, and what the volume says until then. */
  encrypted?: { opensAfterMs: number[]; error: string };
  ephemeralBytes?: number;
  usedShare?: number;
  hasCorruptRecords?: boolean;
  /** Absent: the data of this node's member. `none`: etcd starts anew. `removed`: of a member that was removed. */
  etcdData?: 'none' | 'removed';
};

/** One layer of the image. The schematic is one too: its id as its version, no image, and in `info` what it says. */
export type ExtensionLayer = Extension & { image: string; info?: string };

/** One of the two slots of the boot loader. */
export type BootEntry = {
  version: string;
  kernelArgs: string[];
  extensions: ExtensionLayer[];
  label: 'A' | 'B';
};

/** Said by the scenario, because it follows from nothing else. */
type Signs = Pick<
  NodePart,
  | 'kernelModules'
  | 'diagnostics'
  | 'memory'
  | 'load'
  | 'clockOffset'
  | 'metaKeys'
  | 'staticPods'
  | 'kernelLog'
  | 'logs'
  | 'restarts'
  | 'firmware'
  | 'registry'
  | 'timeServersAnswering'
  | 'uplink'
>;

/** The machine as it stands in the rack. Only scenarios, actions and the steps of an installation change it. */
export type Physical = {
  hardware: Hardware;
  platform: 'metal' | 'hcloud';
  /** Whose certificates and secrets it has. */
  cluster: 'own' | 'foreign';
  version: string;
  kernelArgs: string[];
  extensions: ExtensionLayer[];
  disk: SystemDisk;
  /** `userData`: a machine config. */
  metadata: { hostname: string; arrivesAfterMs: number[]; userData?: string } | undefined;
  /** Of the boot entry that runs. Default A. */
  bootLabel?: 'A' | 'B';
  /** What the next boot starts, where it is not what runs. */
  next?: BootEntry;
  /** What the other slot holds, where that is not what boots next: in most cases what ran before. */
  previous?: BootEntry;
  /** META has the label to fall back to until the new boot entry has been running and ready. */
  isUpgradeUnconfirmed?: boolean;
  /** The database of this node's etcd member, where it is not as usual. */
  etcdFile?: { bytes: number; inUseBytes: number };
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

export type Volume = { phase: string; updatedAt: number; revision: number; failed?: { from: string; error: string } };

export type KernelLine = { at: number; facility: string; priority: string; text: string };

export type StoredEvent = { id: string; at: number; actorId: string } & Told;

/** Lives from the start of the kernel until the next one. */
export type Boot = {
  number: number;
  id: string;
  startedAt: number;
  stage: Stage;
  stageRevision: number;
  /** Stage, readiness and unmet conditions as the last MachineStatusEvent told them. */
  said?: string;
  hasSaidReady?: boolean;
  stageAt: number;
  /** What answers at the port. */
  api: 'none' | 'maintenance' | 'running';
  certificate: Issued | undefined;
  /** A machine that leaves maintenance mode gets another one. */
  certificateFor: 'maintenance' | 'running';
  sequence: string | undefined;
  /** Of the sequence that runs, where a call started it. */
  order?: Order;
  actorId?: string;
  actorCount?: number;
  isKexecPrepared?: boolean;
  /** The sequence that runs cannot be stopped. */
  holdsLock?: boolean;
  /** A config was applied that needs the reboot that goes on. */
  awaitsRebootForConfig?: boolean;
  /** Numbers of what the node worked on for a caller, and finished. */
  workCount?: number;
  workDone?: number[];
  isDiskAttached: boolean;
  isDiskDead?: boolean;
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
  /** Lines that services and containers wrote, by the id of the log. */
  logs?: Record<string, { at: number; text: string }[]>;
  /** Loaded because a config asked for them; Talos unloads nothing. */
  configuredModules?: string[];
  /** Since when its etcd hears nothing of a leader, so that its log stands still. */
  leaderLostAt?: number;
  /** The discovery service does not answer. */
  isDiscoveryLost?: boolean;
  /** Since when it has no address any more. */
  addressLostAt?: number;
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
  /** Talos has cordoned its node in Kubernetes. */
  isCordoned?: boolean;
  pending: { due: number; step: Step }[];
  faults: Fault[];
  lastActions: Action[];
  /** While a scenario is put in place: it is still as well as it was before, whatever comes later. */
  isAsBefore?: boolean;
};

export type EtcdMember = { id: string; node: string; name: string; isLearner: boolean };

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

/** Two parties that do not reach each other: nodes, `all` of them, `medic`, `discovery`; on all ports, or on one. */
export type Cut = { between: readonly [string, string]; port?: number | undefined; since: number };

export type Clients = Record<'reader' | 'operator' | 'admin', Issued>;
export type Secrets = { ca: Issued; clients: Clients };

export type ClusterState = {
  format: 3;
  cluster: string;
  seed: string;
  scenario: string;
  createdAt: number;
  controlToken: string;
  nodeCidr: string;
  own: Secrets;
  /** Which client certificates are handed out. */
  talosconfig: 'valid' | 'expired' | 'ending';
  expiredClients?: Clients;
  endingClients?: Clients;
  /** What the configs of new nodes are made of. */
  secrets: ClusterSecrets;
  foreign: Pick<Secrets, 'ca'>;
  /** Backups by node name; the config that the node was installed with. */
  configs: Record<string, string>;
  /** SMBIOS UUID of the cluster's own machine of each name, whatever a scenario puts in its place. */
  machineUuids: Record<string, string>;
  nodes: Record<string, NodeState>;
  etcd: {
    members: EtcdMember[];
    leader: string;
    term: number;
    index: number;
    alarms?: EtcdAlarm[];
    /** Until when some control plane checks etcd before its upgrade. */
    upgradeMutexUntil?: number;
  };
  discovery: Record<string, Affiliate>;
  network: { cuts: Cut[] };
  factory: FactoryState;
};
