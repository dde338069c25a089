import type { Reading } from './reading.ts';
import type {
  AddressSpecReading,
  AffiliateReading,
  CpuReading,
  DiscoveredVolumeReading,
  DiskReading,
  EtcdMemberReading,
  EtcdStatusReading,
  KernelLine,
  KubespanPeerReading,
  LinkReading,
  MachineStage,
  MemberReading,
  ProcessReading,
  SequenceReading,
  ServiceReading,
  StaticPodReading,
  VolumeReading,
} from './values.ts';

/** Everything that one sweep learned about one node. JSON all the way: stored by its hash, replayed by playbooks. */
export type Evidence = {
  readonly cluster: string;
  /** Inventory name of the node that this is about. */
  readonly node: string;
  readonly address: string;
  readonly collectedAt: string;
  readonly tookMs: number;
  readonly reach: Reach;
  readonly readings: Readings;
  /** What control planes (never the node itself) say about it, asked in the same sweep. */
  readonly peers: readonly PeerEvidence[];
};

/**
 * How the node could be spoken to.
 * `mtls`: the cluster's certificate and ours were accepted. `forwarded`: only through the control plane `via`.
 * `maintenance`: it answers without knowing us, under a certificate made at boot; `spki` names that boot.
 * `refused`: it answers, but does not speak with us (foreign cluster, expired certificate, role ...).
 * `silent`: nothing answers; `error.code` says how.
 */
export type Reach = {
  readonly mode: 'mtls' | 'forwarded' | 'maintenance' | 'refused' | 'silent';
  readonly via?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly certificate?: PeerCertificate;
  /** Until when our own certificate is good, ISO 8601; where one was shown. */
  readonly ourCertificateEndsAt?: string;
};

/** `spki`: base64(SHA-256(SubjectPublicKeyInfo)), the form that Talos prints on the console. */
export type PeerCertificate = {
  readonly spki: string;
  readonly fingerprint256: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly isSignedByCluster: boolean;
};

export type Readings = {
  readonly version?: Reading<{ readonly tag: string; readonly platform: string; readonly mode: string }>;
  readonly machineStatus?: Reading<{
    readonly stage: MachineStage;
    readonly ready: boolean;
    readonly unmetConditions: readonly { readonly name: string; readonly reason: string }[];
  }>;
  readonly services?: Reading<readonly ServiceReading[]>;
  readonly kernelLog?: Reading<readonly KernelLine[]>;
  /**
   * Last lines of the logs that were asked for, by Talos log id (`machined`, `etcd`, `ext-x`), and those of containers
   * that do not run, by `<namespace>/<pod>:<container>`.
   */
  readonly logs?: Readonly<Record<string, Reading<readonly string[]>>>;
  readonly sequences?: Reading<readonly SequenceReading[]>;
  readonly systemStat?: Reading<{ readonly bootTimeS: number }>;
  readonly bootId?: Reading<string>;
  readonly mounts?: Reading<
    readonly {
      readonly filesystem: string;
      readonly mountedOn: string;
      readonly sizeBytes: number;
      readonly availableBytes: number;
    }[]
  >;
  readonly etcdMembers?: Reading<readonly EtcdMemberReading[]>;
  readonly etcdStatus?: Reading<EtcdStatusReading>;
  readonly etcdAlarms?: Reading<readonly { readonly memberId: string; readonly alarm: string }[]>;
  /** EtcdSpecs `etcd`: the hostname as it was when etcd started; `quotaBytes` only where its extra arguments set one. */
  readonly etcdSpec?: Reading<{ readonly name: string; readonly quotaBytes?: number }>;
  /** EtcdMembers `local`: own member id as a decimal string. Absent while etcd is unhealthy. */
  readonly etcdLocalMember?: Reading<{ readonly memberId: string }>;
  readonly hostname?: Reading<{ readonly hostname: string; readonly domainname: string }>;
  /** HostnameSpecs in `network-config`: who wants which name. `layer` as Talos writes it. */
  readonly hostnameSpecs?: Reading<
    readonly {
      readonly id: string;
      readonly layer: 'default' | 'cmdline' | 'platform' | 'operator' | 'configuration';
      readonly hostname: string;
      readonly domainname: string;
    }[]
  >;
  readonly nodename?: Reading<{ readonly nodename: string }>;
  readonly nodeStatus?: Reading<{
    readonly nodename: string;
    readonly nodeReady: boolean;
    readonly unschedulable: boolean;
    readonly labels?: Readonly<Record<string, string>>;
    /** Only those that name whoever manages the machine. */
    readonly annotations?: Readonly<Record<string, string>>;
  }>;
  readonly volumes?: Reading<readonly VolumeReading[]>;
  readonly discoveredVolumes?: Reading<readonly DiscoveredVolumeReading[]>;
  readonly disks?: Reading<readonly DiskReading[]>;
  /** null: Talos knows no system disk (not installed, or the disk is not there). */
  readonly systemDisk?: Reading<{ readonly diskId: string; readonly devPath: string } | null>;
  readonly systemInformation?: Reading<{
    readonly uuid: string;
    readonly serialNumber: string;
    readonly manufacturer: string;
    readonly productName: string;
  }>;
  readonly links?: Reading<readonly LinkReading[]>;
  readonly identity?: Reading<{ readonly nodeId: string }>;
  readonly clusterInfo?: Reading<{ readonly clusterId: string; readonly clusterName: string }>;
  readonly machineType?: Reading<string>;
  readonly members?: Reading<readonly MemberReading[]>;
  readonly extensions?: Reading<
    readonly { readonly id: string; readonly name: string; readonly version: string; readonly image: string }[]
  >;
  readonly platformMetadata?: Reading<{
    readonly platform: string;
    readonly hostname: string;
    readonly instanceId: string;
  }>;
  readonly networkStatus?: Reading<{
    readonly addressReady: boolean;
    readonly connectivityReady: boolean;
    readonly hostnameReady: boolean;
    readonly etcFilesReady: boolean;
  }>;
  readonly timeStatus?: Reading<{ readonly synced: boolean; readonly syncDisabled: boolean }>;
  /** `offsetMs`: undefined where the node printed no duration. */
  readonly adjtime?: Reading<{
    readonly offsetMs: number | undefined;
    readonly isSynced: boolean;
    readonly state: string;
  }>;
  /** TimeService/Time: `offsetMs` is how far the node is behind its time server. */
  readonly clock?: Reading<{ readonly server: string; readonly nodeTime: string; readonly offsetMs: number }>;
  readonly kernelCmdline?: Reading<string>;
  /** What the config asks for and what is loaded, both with `_` where people write `-`. */
  readonly kernelModuleSpecs?: Reading<readonly { readonly name: string; readonly parameters: readonly string[] }[]>;
  /** `state`: live, loading, unloading, built-in, as the kernel or Talos names it. */
  readonly kernelModules?: Reading<readonly { readonly name: string; readonly state: string }[]>;
  /** `apiUrl`: of the factory that built the image, as the image says. */
  readonly imageSchematic?: Reading<{ readonly schematicId: string; readonly flavor: string; readonly apiUrl: string }>;
  readonly securityState?: Reading<{ readonly secureBoot: boolean; readonly bootedWithUki: boolean | undefined }>;
  readonly apiService?: Reading<{ readonly isReadOnly: boolean; readonly takesAnyClient: boolean }>;
  /** Ids of the META keys that are set (`0x06`: an upgrade that is not confirmed). */
  readonly metaKeys?: Reading<readonly string[]>;
  readonly diagnostics?: Reading<
    readonly { readonly id: string; readonly message: string; readonly details: readonly string[] }[]
  >;
  readonly staticPods?: Reading<readonly StaticPodReading[]>;
  /** Addresses with prefix lengths. */
  readonly addresses?: Reading<readonly string[]>;
  /** Addresses that links should have, whether those links are there or not. DHCP and virtual addresses: `operator`. */
  readonly addressSpecs?: Reading<readonly AddressSpecReading[]>;
  /** Empty where KubeSpan is off. */
  readonly kubespanPeers?: Reading<readonly KubespanPeerReading[]>;
  readonly resolvers?: Reading<readonly string[]>;
  readonly timeServers?: Reading<readonly string[]>;
  readonly affiliates?: Reading<readonly AffiliateReading[]>;
  readonly memory?: Reading<{
    readonly totalBytes: number;
    readonly availableBytes: number;
    readonly swapTotalBytes: number;
    readonly swapFreeBytes: number;
  }>;
  readonly loadAverage?: Reading<{ readonly load1: number; readonly load5: number; readonly load15: number }>;
  readonly cpu?: Reading<CpuReading>;
  readonly processes?: Reading<readonly ProcessReading[]>;
  /** What fills /var, the largest first; read only where it is nearly full. */
  readonly diskUsage?: Reading<readonly { readonly path: string; readonly sizeBytes: number }[]>;
};

export type PeerEvidence = {
  /** Inventory name of the control plane that was asked. */
  readonly node: string;
  readonly members: Reading<readonly MemberReading[]>;
  readonly etcdMembers: Reading<readonly EtcdMemberReading[]>;
  readonly etcdStatus: Reading<EtcdStatusReading>;
  /** MachineStatus of the peer itself, so that it can be said who of the others is healthy. */
  readonly machineStatus: Reading<{ readonly stage: MachineStage; readonly ready: boolean }>;
  /** Version of the node, asked through this control plane. Only where the node did not answer us directly. */
  readonly proxyDial?: Reading<{ readonly tag: string }>;
  /** Who has announced itself, with the addresses that were last seen. */
  readonly affiliates?: Reading<readonly AffiliateReading[]>;
  /** A node publishes the status of itself alone; whoever knows more says it here. */
  readonly nodeStatuses?: Reading<readonly { readonly nodename: string; readonly nodeReady: boolean }[]>;
};
