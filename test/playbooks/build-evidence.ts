import type { Evidence, PeerEvidence, Readings } from '../../lib/evidence/evidence.ts';
import type { Reading } from '../../lib/evidence/reading.ts';
import type {
  DiscoveredVolumeReading,
  EtcdMemberReading,
  KernelLine,
  ServiceReading,
  StaticPodReading,
  VolumeReading,
} from '../../lib/evidence/values.ts';
import type { InventoryEntry } from '../../lib/inventory/entry.ts';
import type { Facts } from '../../lib/playbooks/finding.ts';

// All synthetic: shapes and texts as Talos prints them, machines and names invented for these tests.

export const AT = '2026-03-01T12:00:00.000Z';
/** 2026-03-01T11:50:00Z: the boot that is looked at. */
export const BOOT_S = 1_772_365_800;
/** 2026-02-01T00:00:00Z: the boot that the inventory knows. */
export const EARLIER_BOOT_S = 1_769_904_000;
export const STATE_UUID = '6f1c2a34-0000-4000-8000-00000000000a';
const WWID = 'naa.600508b1001c0000000000000000000a';

export const ok = <T>(value: T): Reading<T> => ({
  source: 'synthetic',
  node: '10.0.0.1',
  at: AT,
  tookMs: 3,
  ok: true,
  value,
});
export const failed = <T>(code = 'deadline_exceeded'): Reading<T> => ({
  source: 'synthetic',
  node: '10.0.0.1',
  at: AT,
  tookMs: 8000,
  ok: false,
  error: { code, message: `cp-1: ${code}` },
});

export const inventory: InventoryEntry = {
  cluster: 'test',
  name: 'cp-1',
  role: 'controlplane',
  addresses: ['10.0.0.1'],
  hostname: 'cp-1',
  identity: {
    uuid: '8a5f3c1e-1111-4222-8333-0123456789ab',
    serialNumber: 'SN-4711',
    macs: ['b0:83:fe:00:00:01'],
    systemDiskWwid: WWID,
    nodeId: 'node-id-1',
  },
  version: 'v1.13.2',
  schematic: 'schematic-a',
  statePartitionUuid: STATE_UUID,
  boots: [{ bootTimeS: EARLIER_BOOT_S, seenAt: '2026-02-28T00:00:00.000Z' }],
  etcdName: 'cp-1',
  baseline: undefined,
  seenAt: '2026-02-28T00:00:00.000Z',
};
export const facts = (change: Partial<InventoryEntry> = {}): Facts => ({
  inventory: { ...inventory, ...change },
  ordered: [],
});

export const hardware: Readings = {
  systemInformation: ok({
    uuid: '8a5f3c1e-1111-4222-8333-0123456789ab',
    serialNumber: 'SN-4711',
    manufacturer: 'Synthetic',
    productName: 'Box',
  }),
  links: ok([
    { id: 'eno1', kind: '', hardwareAddr: 'b0:83:fe:00:00:01', permanentAddr: 'b0:83:fe:00:00:01', isUp: true },
  ]),
  disks: ok([disk('sda', WWID)]),
};
export const otherHardware: Readings = {
  systemInformation: ok({
    uuid: '99999999-1111-4222-8333-0123456789ab',
    serialNumber: 'SN-0815',
    manufacturer: 'Synthetic',
    productName: 'Box',
  }),
  links: ok([
    { id: 'eno1', kind: '', hardwareAddr: 'b0:83:fe:00:00:99', permanentAddr: 'b0:83:fe:00:00:99', isUp: true },
  ]),
  disks: ok([disk('sda', 'naa.600508b1001c0000000000000000000b')]),
};

function disk(id: string, wwid: string) {
  return { id, devPath: `/dev/${id}`, model: 'PERC', serial: '', wwid, transport: '', sizeBytes: 480_000_000_000 };
}

export function partitions(labels: readonly string[], stateUuid = STATE_UUID): readonly DiscoveredVolumeReading[] {
  return [
    {
      id: 'sda',
      type: 'disk',
      devPath: '/dev/sda',
      parent: '',
      name: labels.length ? 'gpt' : '',
      partitionLabel: '',
      partitionUuid: '',
      sizeBytes: 480_000_000_000,
    },
    ...labels.map((label, n) => ({
      id: `sda${n + 1}`,
      type: 'partition',
      devPath: `/dev/sda${n + 1}`,
      parent: 'sda',
      name: label === 'META' ? 'talosmeta' : 'xfs',
      partitionLabel: label,
      partitionUuid: label === 'STATE' ? stateUuid : `uuid-of-${label}`,
      sizeBytes: 104_857_600,
    })),
  ];
}
export const ALL_LABELS = ['EFI', 'BOOT', 'META', 'STATE', 'EPHEMERAL'];

export const stateVolume = (phase: VolumeReading['phase'], partitionUuid = ''): VolumeReading => ({
  id: 'STATE',
  phase,
  location: partitionUuid === '' ? '' : '/dev/sda4',
  parentLocation: partitionUuid === '' ? '' : '/dev/sda',
  partitionUuid,
  filesystem: partitionUuid === '' ? '' : 'xfs',
  sizeBytes: 104_857_600,
  errorMessage: '',
});

export const kernel = (at: string, message: string): KernelLine => ({ at, facility: 'kern', message });
export const STATE_WENT_MISSING = kernel(
  '2026-03-01T11:50:10Z',
  '[talos] volume status {"component": "controller-runtime", "controller": "block.VolumeManagerController", "volume": "STATE", "phase": "waiting -> missing"}',
);
export const SDA_ATTACHED = (at: string) => kernel(at, 'sd 0:2:0:0: [sda] Attached SCSI disk');

export function member(id: string, hostname: string, address: string): EtcdMemberReading {
  return {
    id,
    hostname,
    peerUrls: [`https://${address}:2380`],
    clientUrls: [`https://${address}:2379`],
    isLearner: false,
  };
}
export const MEMBERS = [
  member('1001', 'cp-1', '10.0.0.1'),
  member('1002', 'cp-2', '10.0.0.2'),
  member('1003', 'cp-3', '10.0.0.3'),
];
export const etcdStatus = (memberId: string) => ({
  memberId,
  leader: '1002',
  dbBytes: 1,
  dbInUseBytes: 1,
  raftIndex: '9',
  raftAppliedIndex: '9',
  raftTerm: '2',
  isLearner: false,
  errors: [],
});

export function peer(node: string, change: Partial<PeerEvidence> = {}): PeerEvidence {
  return {
    node,
    members: ok([
      {
        id: 'cp-1',
        nodeId: 'n1',
        hostname: 'cp-1',
        addresses: ['10.0.0.1'],
        machineType: 'controlplane',
        operatingSystem: 'Talos',
      },
    ]),
    etcdMembers: ok(MEMBERS),
    etcdStatus: ok(etcdStatus(node === 'cp-2' ? '1002' : '1003')),
    machineStatus: ok({ stage: 'running', ready: true }),
    ...change,
  };
}
export const PEERS = [peer('cp-2'), peer('cp-3')];
export const SPKI = 'c3BraS1vZi10aGlzLWJvb3Q=';
const certificate = (isSignedByCluster: boolean) => ({
  spki: SPKI,
  fingerprint256: 'AA:BB',
  subject: 'CN=synthetic',
  issuer: 'O=talos',
  validFrom: AT,
  validTo: '2026-03-02T08:00:00.000Z',
  isSignedByCluster,
});

export function evidence(change: Partial<Evidence> = {}): Evidence {
  return {
    cluster: 'test',
    node: 'cp-1',
    address: '10.0.0.1',
    collectedAt: AT,
    tookMs: 100,
    reach: { mode: 'mtls', certificate: certificate(true) },
    readings: {},
    peers: PEERS,
    ...change,
  };
}

/** A control plane in maintenance mode on Talos 1.8: volumes and disks, no log. */
export function inMaintenance(readings: Readings, change: Partial<Evidence> = {}): Evidence {
  return evidence({
    reach: { mode: 'maintenance', certificate: certificate(false) },
    readings: {
      machineStatus: ok({ stage: 'maintenance', ready: true, unmetConditions: [] }),
      systemDisk: ok({ diskId: 'sda', devPath: '/dev/sda' }),
      ...hardware,
      ...readings,
    },
    ...change,
  });
}

export const staticPod = (
  name: string,
  container: Partial<StaticPodReading['containers'][number]> = {},
): StaticPodReading => ({
  id: `kube-system/${name}-cp-1`,
  phase: 'Running',
  containers: [{ name, ready: true, restarts: 0, containerId: 'ab'.repeat(32), waitingFor: '', ...container }],
});
export const STATIC_PODS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) =>
  staticPod(name),
);

/** A control plane that runs, with etcd under its own name. */
export function running(readings: Readings = {}, change: Partial<Evidence> = {}): Evidence {
  const service = (id: string) => ({ id, state: 'Running', health: 'healthy' as const, lastMessage: '', events: [] });
  return evidence({
    readings: {
      version: ok({ tag: 'v1.13.2', platform: 'metal', mode: 'metal' }),
      machineStatus: ok({ stage: 'running', ready: true, unmetConditions: [] }),
      services: ok(['apid', 'etcd', 'kubelet'].map(service)),
      extensions: ok([]),
      systemStat: ok({ bootTimeS: EARLIER_BOOT_S + 1 }),
      kernelLog: ok([]),
      sequences: ok([]),
      kubespanPeers: ok([]),
      addresses: ok(['10.0.0.1/24']),
      addressSpecs: ok([{ address: '10.0.0.1/24', link: 'eno1', layer: 'configuration' }]),
      mounts: ok([
        { filesystem: '/dev/sda5', mountedOn: '/var', sizeBytes: 100_000_000_000, availableBytes: 60_000_000_000 },
      ]),
      systemDisk: ok({ diskId: 'sda', devPath: '/dev/sda' }),
      ...hardware,
      machineType: ok('controlplane'),
      hostname: ok({ hostname: 'cp-1', domainname: '' }),
      hostnameSpecs: ok([
        { id: 'default/hostname', layer: 'default', hostname: 'talos-8qy-c5p', domainname: '' },
        { id: 'configuration/hostname', layer: 'configuration', hostname: 'cp-1', domainname: '' },
      ]),
      etcdSpec: ok({ name: 'cp-1' }),
      etcdLocalMember: ok({ memberId: '1001' }),
      etcdStatus: ok(etcdStatus('1001')),
      etcdMembers: ok(MEMBERS),
      staticPods: ok(STATIC_PODS),
      diagnostics: ok([]),
      ...readings,
    },
    ...change,
  });
}

/** The same machine on its way up, in the boot that began at `BOOT_S`; only the services of the system run. */
export const booting = (readings: Readings = {}, change: Partial<Evidence> = {}): Evidence =>
  running(
    {
      machineStatus: ok({
        stage: 'booting',
        ready: false,
        unmetConditions: [{ name: 'services', reason: 'kubelet not running' }],
      }),
      systemStat: ok({ bootTimeS: BOOT_S }),
      etcdSpec: failed('not_found'),
      etcdLocalMember: failed('not_found'),
      etcdStatus: failed(),
      etcdMembers: failed(),
      ...readings,
    },
    change,
  );

export const refused = (code: string, isSignedByCluster = false): Evidence =>
  evidence({
    reach: {
      mode: 'refused',
      error: { code, message: `cp-1 says ${code}` },
      certificate: certificate(isSignedByCluster),
    },
  });
export const silent = (code: string, peers: readonly PeerEvidence[] = PEERS): Evidence =>
  evidence({ reach: { mode: 'silent', error: { code, message: `cp-1: ${code}` } }, peers });

/** A name that came too late: the platform's name came 12 s after etcd had started. */
export function temporaryName(readings: Readings = {}): Evidence {
  const members = [member('1001', 'talos-8qy-c5p', '10.0.0.1'), ...MEMBERS.slice(1)];
  const peers = PEERS.map((one) => ({ ...one, etcdMembers: ok(members) }));
  return running(
    {
      systemStat: ok({ bootTimeS: BOOT_S }),
      hostnameSpecs: ok([
        { id: 'default/hostname', layer: 'default', hostname: 'talos-8qy-c5p', domainname: '' },
        { id: 'platform/hostname', layer: 'platform', hostname: 'cp-1', domainname: '' },
      ]),
      etcdSpec: ok({ name: 'talos-8qy-c5p' }),
      etcdMembers: ok(members),
      kernelLog: ok([
        settingHostname('2026-03-01T11:50:05Z', 'talos-8qy-c5p'),
        kernel('2026-03-01T11:50:20Z', '[talos] service[etcd](Starting): Starting service'),
        settingHostname('2026-03-01T11:50:32Z', 'cp-1'),
      ]),
      ...readings,
    },
    { peers },
  );
}
export const settingHostname = (at: string, name: string): KernelLine =>
  kernel(
    at,
    `[talos] setting hostname {"component": "controller-runtime", "controller": "network.HostnameSpecController", "hostname": "${name}", "domainname": ""}`,
  );

export const NOSPACE_ERRORS = ['1001', '1002', '1003'].map((id) => `memberID:${id} alarm:NOSPACE `);
/** All three members over their quota, as far in use as `inUseShare` says; cp-2 leads. */
export function nospace(inUseShare: number, readings: Readings = {}, dbBytes = 2 * 1024 ** 3): Evidence {
  const status = (id: string) => {
    return { ...etcdStatus(id), dbBytes, dbInUseBytes: Math.round(dbBytes * inUseShare), errors: NOSPACE_ERRORS };
  };
  const peers = [peer('cp-2', { etcdStatus: ok(status('1002')) }), peer('cp-3', { etcdStatus: ok(status('1003')) })];
  const etcdAlarms = ok(['1001', '1002', '1003'].map((memberId) => ({ memberId, alarm: 'NOSPACE' })));
  return running({ etcdStatus: ok(status('1001')), etcdAlarms, ...readings }, { peers });
}

/** How service etcd looks when etcd ends 1 s after every start, `times` times; Talos starts it again after 5 s. */
const crashLoop = (times: number): ServiceReading => ({
  id: 'etcd',
  state: 'Waiting',
  health: 'unknown',
  lastMessage: '',
  events: Array.from({ length: times }, (_, n) => [
    { state: 'Running', message: `Started task etcd (PID ${1000 + n}) for container etcd`, at: afterBoot(20 + 6 * n) },
    {
      state: 'Waiting',
      message: 'Runner Containerd(etcd) exited without error, going to restart it',
      at: afterBoot(21 + 6 * n),
    },
  ]).flat(),
});
const afterBoot = (s: number) => new Date((BOOT_S + s) * 1000).toISOString();
export const REMOVED_LINE =
  '{"level":"warn","msg":"server error","error":"the member has been permanently removed from the cluster"}';
export const notReady = (reason: string) =>
  ok({ stage: 'running' as const, ready: false, unmetConditions: [{ name: 'services', reason }] });
export const etcdIs = (etcd: Partial<ServiceReading>): NonNullable<Readings['services']> => {
  const service = (id: string) => ({ id, state: 'Running', health: 'healthy' as const, lastMessage: '', events: [] });
  return ok([service('apid'), { ...service('etcd'), ...etcd }, service('kubelet')]);
};

/** cp-2 and cp-3 have removed cp-1, whose data stayed. */
export function memberRemoved(readings: Readings = {}, peers: readonly PeerEvidence[] = WITHOUT_CP_1): Evidence {
  return running(
    {
      machineStatus: notReady('etcd not running'),
      services: etcdIs(crashLoop(10)),
      etcdStatus: failed('connection_refused'),
      etcdMembers: failed('connection_refused'),
      etcdAlarms: failed('connection_refused'),
      etcdLocalMember: failed('not_found'),
      logs: { etcd: ok([REMOVED_LINE]) },
      ...readings,
    },
    { peers },
  );
}
export const WITHOUT_CP_1 = ['cp-2', 'cp-3'].map((name) => peer(name, { etcdMembers: ok(MEMBERS.slice(1)) }));

const announced = (nodeId: string, hostname: string, address: string) => ({
  id: nodeId,
  nodeId,
  hostname,
  nodename: hostname,
  addresses: [address],
  machineType: 'controlplane',
});
export const TWO_CP_1 = [announced('n1', 'cp-1', '10.0.0.1'), announced('n2', 'cp-1', '10.0.0.2')];
/** cp-2 was given the name cp-1; it joined etcd under it as 2002, which removed the member of cp-1. */
export function sameName(readings: Readings = {}): Evidence {
  const etcdMembers = ok([member('2002', 'cp-1', '10.0.0.2'), member('1003', 'cp-3', '10.0.0.3')]);
  const affiliates = ok([...TWO_CP_1, announced('n3', 'cp-3', '10.0.0.3')]);
  const nodeIs = (nodename: string) => ok([{ nodename, nodeReady: true }]);
  const peers = [
    peer('cp-2', { etcdMembers, affiliates, nodeStatuses: nodeIs('cp-1'), etcdStatus: ok(etcdStatus('2002')) }),
    peer('cp-3', { etcdMembers, affiliates, nodeStatuses: nodeIs('cp-3') }),
  ];
  return memberRemoved({ affiliates, ...readings }, peers);
}

const LEARNERS = MEMBERS.map((one) => ({ ...one, isLearner: one.id === '1001' }));
/** cp-1 runs as a learner for `minutes`, hears no leader, and the others list it so. */
export function learner(minutes: number, readings: Readings = {}): Evidence {
  const at = new Date(Date.parse(AT) - minutes * 60_000).toISOString();
  const lastMessage = 'etcdserver: rpc not supported for learner';
  const events = [{ state: 'Running', message: 'Started task etcd (PID 1353) for container etcd', at }];
  const peers = ['cp-2', 'cp-3'].map((name) => peer(name, { etcdMembers: ok(LEARNERS) }));
  return running(
    {
      machineStatus: notReady('etcd not healthy'),
      services: etcdIs({ health: 'unhealthy', lastMessage, events }),
      etcdStatus: ok({ ...etcdStatus('1001'), leader: '0', isLearner: true, errors: ['etcdserver: no leader'] }),
      etcdMembers: failed('failed'),
      etcdAlarms: failed('failed'),
      etcdLocalMember: failed('not_found'),
      ...readings,
    },
    { peers },
  );
}

/** cp-1 waits for `minutes` to join, while cp-2 is a learner. */
export function refusedLearner(minutes: number, readings: Readings = {}): Evidence {
  const at = new Date(Date.parse(AT) - minutes * 60_000).toISOString();
  const events = [{ state: 'Preparing', message: 'Running pre state', at }];
  const etcdMembers = ok([
    { ...member('1002', 'cp-2', '10.0.0.2'), isLearner: true },
    member('1003', 'cp-3', '10.0.0.3'),
  ]);
  const message = '[talos] retrying error: error adding member: etcdserver: too many learner members in cluster';
  return memberRemoved(
    {
      services: etcdIs({ state: 'Preparing', health: 'unknown', events }),
      logs: {},
      kernelLog: ok([kernel(at, message)]),
      ...readings,
    },
    [peer('cp-2', { etcdMembers: failed('failed') }), peer('cp-3', { etcdMembers })],
  );
}

const NO_LEADER = 'etcdserver: no leader';
/** cp-2 and cp-3 are away, and cp-1 says since `seconds` that there is no leader. */
export function quorumLost(seconds: number, readings: Readings = {}, peers = ['cp-2', 'cp-3'].map(away)): Evidence {
  const at = new Date(Date.parse(AT) - seconds * 1000).toISOString();
  const events = [{ state: 'Running', message: `Health check failed: ${NO_LEADER}`, at }];
  return running(
    {
      machineStatus: notReady('etcd not healthy'),
      services: etcdIs({ health: 'unhealthy', lastMessage: NO_LEADER, events }),
      etcdStatus: ok({ ...etcdStatus('1001'), leader: '0', errors: [NO_LEADER] }),
      etcdMembers: failed('unreachable'),
      etcdAlarms: failed('unreachable'),
      etcdLocalMember: failed('not_found'),
      staticPods: ok(STATIC_PODS.map((pod) => ({ ...pod, containers: pod.containers.map(unready) }))),
      ...readings,
    },
    { peers },
  );
}
const unready = (container: StaticPodReading['containers'][number]) => ({ ...container, ready: false });
/** A control plane that does not answer at all. */
export const away = (node: string): PeerEvidence =>
  peer(node, {
    members: failed('no_route'),
    etcdMembers: failed('no_route'),
    etcdStatus: failed('no_route'),
    machineStatus: failed('no_route'),
  });

const kubeletSince = (minutes: number): NonNullable<Readings['services']> => {
  const at = new Date(Date.parse(AT) - minutes * 60_000).toISOString();
  const events = [{ state: 'Running', message: 'Started task kubelet (PID 1370) for container kubelet', at }];
  const service = (id: string) => ({ id, state: 'Running', health: 'healthy' as const, lastMessage: '', events });
  return ok(['apid', 'etcd', 'kubelet'].map(service));
};
/** `version` renders no static pod; its kubelet has run for `minutes`. */
export const notRendered = (version: string, minutes: number, readings: Readings = {}): Evidence =>
  running({
    version: ok({ tag: version, platform: 'metal', mode: 'metal' }),
    services: kubeletSince(minutes),
    staticPods: ok([]),
    logs: { 'controller-runtime': ok([]) },
    ...readings,
  });

export const NO_CSR = ok([
  {
    id: 'kubelet-csr',
    message: 'kubelet server certificate rotation is enabled, but CSR is not approved',
    details: ['kubelet API error: remote error: tls: internal error'],
  },
]);
export const tlsError = (time: string) =>
  `2026-03-01T${time}Z controller failed {"controller": "k8s.KubeletStaticPodController", "error": "remote error: tls: internal error"}`;
export const TLS_ERRORS = ['11:58:10.0', '11:58:40.0', '11:59:10.0'].map(tlsError);
export const notApproved = (readings: Readings = {}): Evidence =>
  running({ diagnostics: NO_CSR, logs: { 'controller-runtime': ok(TLS_ERRORS) }, ...readings });

export const NO_KEY =
  'E 1 secretbox.go:91] "failed to decrypt data" err="no matching key was found for the provided Secretbox transformer"';
const apiServerLog = 'kube-system/kube-apiserver-cp-1:kube-apiserver';
/** kube-apiserver of cp-1 has ended 9 times; `log` is what it said last. */
export const apiServerCrashes = (log: readonly string[], readings: Readings = {}): Evidence =>
  running({
    machineStatus: ok({
      stage: 'running',
      ready: false,
      unmetConditions: [{ name: 'staticPods', reason: 'kube-system/kube-apiserver-cp-1 not ready' }],
    }),
    staticPods: ok([
      staticPod('kube-apiserver', { ready: false, restarts: 9, waitingFor: 'CrashLoopBackOff' }),
      ...STATIC_PODS.slice(1),
    ]),
    logs: { [apiServerLog]: ok(log) },
    kernelLog: ok([]),
    ...readings,
  });
