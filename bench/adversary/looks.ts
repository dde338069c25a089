import { ActionName, Parameters } from '../../lib/approvals/action-name.ts';
import type { Evidence, PeerEvidence, Readings } from '../../lib/evidence/evidence.ts';
import { readValue } from '../../lib/evidence/reading.ts';
import type { EtcdStatusReading } from '../../lib/evidence/values.ts';
import type { Finding, Playbook } from '../../lib/playbooks/finding.ts';
import type { NodeTarget } from '../../lib/talos/talos.ts';
import {
  ALL_LABELS,
  evidence as evidenceOf,
  failed,
  kernel,
  ok,
  partitions,
  running,
  STATIC_PODS,
  stateVolume,
} from '../../test/playbooks/build-evidence.ts';
import { CLUSTER, type Cluster, type Machine, VERSION } from './machines.ts';

const MARK = 'adversary: ';

/** What a node shows of itself at this moment, as far as it can be spoken to. Peers are asked separately. */
export function lookAtNode(cluster: Cluster, target: NodeTarget, at: string, nowMs: number): Evidence {
  const machine = cluster.addresses.get(target.address);
  const frame = { cluster: CLUSTER, node: target.name, address: target.address, collectedAt: at, peers: [] };
  if (machine === undefined || machine.power === 'off') {
    const error = { code: 'connection_timeout', message: `${target.name}: connection_timeout` };
    return evidenceOf({ ...frame, reach: { mode: 'silent', error }, readings: {} });
  }
  if (machine.power === 'maintenance') {
    const readings = {
      machineStatus: ok({ stage: 'maintenance' as const, ready: true, unmetConditions: [] }),
      ...disksOf(machine),
    };
    return evidenceOf({ ...frame, reach: { mode: 'maintenance', certificate: certificate(machine, false) }, readings });
  }
  if (machine.owner !== 'ours') {
    const error = { code: 'unknown_authority', message: `${target.name}: unknown_authority` };
    return evidenceOf({ ...frame, reach: { mode: 'refused', error, certificate: certificate(machine, false) } });
  }
  const readings = runningReadings(cluster, machine, at, nowMs);
  return running(readings, { ...frame, reach: { mode: 'mtls', certificate: certificate(machine, true) } });
}

/** What one control plane says of the others. */
export function askPeer(cluster: Cluster, peer: NodeTarget, nowMs: number): PeerEvidence {
  const machine = cluster.addresses.get(peer.address);
  if (machine === undefined || machine.power !== 'running' || machine.owner !== 'ours') {
    const away = { members: failed<never>('no_route'), machineStatus: failed<never>('no_route') };
    return { node: peer.name, ...away, etcdMembers: failed('no_route'), etcdStatus: failed('no_route') };
  }
  const { etcdMembers, etcdStatus } = etcdOf(cluster, machine, nowMs);
  const machineStatus = ok({ stage: 'running' as const, ready: true });
  return { node: peer.name, members: ok([]), etcdMembers, etcdStatus, machineStatus };
}

const certificate = ({ spki }: Machine, isSignedByCluster: boolean) => ({
  spki,
  fingerprint256: 'AA:BB',
  subject: 'CN=synthetic',
  issuer: 'O=talos',
  validFrom: '2026-03-01T00:00:00.000Z',
  validTo: '2027-03-01T00:00:00.000Z',
  isSignedByCluster,
});

function disksOf({ uuid, serial, mac, wwid, stateUuid, ephemeralUuid }: Machine): Readings {
  const labels = ALL_LABELS.filter((label) => label !== 'STATE' || stateUuid !== undefined);
  const all = partitions(labels, stateUuid).map((one) =>
    one.partitionLabel === 'EPHEMERAL' ? { ...one, partitionUuid: ephemeralUuid } : one,
  );
  const disk = { id: 'sda', devPath: '/dev/sda', model: 'PERC', serial: '', wwid, transport: '', sizeBytes: 480e9 };
  return {
    version: ok({ tag: VERSION, platform: 'metal', mode: 'metal' }),
    systemInformation: ok({ uuid, serialNumber: serial, manufacturer: 'Synthetic', productName: 'Box' }),
    links: ok([{ id: 'eno1', kind: '', hardwareAddr: mac, permanentAddr: mac, isUp: true }]),
    disks: ok([disk]),
    systemDisk: ok({ diskId: 'sda', devPath: '/dev/sda' }),
    discoveredVolumes: ok(all),
    volumes: ok([stateVolume(stateUuid === undefined ? 'missing' : 'ready', stateUuid)]),
  };
}

function etcdOf(cluster: Cluster, machine: Machine, nowMs: number): Pick<PeerEvidence, 'etcdMembers' | 'etcdStatus'> {
  const { memberId } = machine;
  const isMember = cluster.members.some(({ id }) => id === memberId);
  if (memberId === undefined || !isMember || machine.pausedUntilMs > nowMs)
    return { etcdMembers: failed('failed'), etcdStatus: failed('failed') };
  const status: EtcdStatusReading = {
    memberId,
    leader: cluster.leader,
    dbBytes: machine.dbBytes,
    dbInUseBytes: 50_000_000,
    raftIndex: '9',
    raftAppliedIndex: '9',
    raftTerm: '2',
    isLearner: false,
    errors: cluster.leader === '0' ? ['etcdserver: no leader'] : [],
  };
  const list = cluster.members.map(({ id, name, address }) => ({
    id,
    hostname: name,
    peerUrls: [`https://${address}:2380`],
    clientUrls: [`https://${address}:2379`],
    isLearner: false,
  }));
  return { etcdMembers: ok(list), etcdStatus: ok(status) };
}

function runningReadings(cluster: Cluster, machine: Machine, at: string, nowMs: number): Readings {
  const { name, role, memberId } = machine;
  const isControlPlane = role === 'controlplane';
  const etcd = etcdOf(cluster, machine, nowMs);
  const began = new Date(machine.bootTimeS * 1000 + 20_000).toISOString();
  const stops = machine.kubeletStops.flatMap((stop) => [
    { state: 'Stopping', message: 'Sending SIGTERM', at: stop },
    { state: 'Running', message: 'Started task kubelet', at: new Date(Date.parse(stop) + 1000).toISOString() },
  ]);
  const service = (id: string) => ({
    id,
    state: 'Running',
    health: 'healthy' as const,
    lastMessage: '',
    events: [{ state: 'Running', message: `Started task ${id}`, at: began }, ...(id === 'kubelet' ? stops : [])],
  });
  const services = ['apid', 'machined', 'kubelet', 'trustd', ...(isControlPlane ? ['etcd'] : [])];
  return {
    ...disksOf(machine),
    services: ok(services.map(service)),
    systemStat: ok({ bootTimeS: machine.bootTimeS }),
    bootId: ok(`${machine.uuid}-${machine.boot}`),
    machineType: ok(role),
    hostname: ok({ hostname: name, domainname: '' }),
    hostnameSpecs: ok([{ id: 'configuration/hostname', layer: 'configuration', hostname: name, domainname: '' }]),
    nodeStatus: ok({ nodename: name, nodeReady: true, unschedulable: false }),
    sequences: ok([...machine.sequences]),
    kernelLog: ok(machine.ailments.map((ailment) => kernel(at, `${MARK}${JSON.stringify(ailment)}`))),
    staticPods: ok(isControlPlane ? STATIC_PODS : []),
    ...(isControlPlane
      ? {
          etcdSpec: ok({ name }),
          etcdLocalMember: memberId === undefined ? failed('not_found') : ok({ memberId }),
          etcdAlarms: ok([]),
          ...etcd,
        }
      : {
          etcdSpec: failed('not_found'),
          etcdLocalMember: failed('not_found'),
          etcdMembers: failed('control_plane_only'),
          etcdStatus: failed('control_plane_only'),
        }),
  };
}

/** Says what the kernel log is marked with, and offers what somebody might want to do to a node that is away. */
export const adversaryPlaybook: Playbook = {
  name: 'adversary',
  diagnose(evidence) {
    const said = (readValue(evidence.readings.kernelLog) ?? [])
      .filter(({ message }) => message.startsWith(MARK))
      .map(({ message }): unknown => JSON.parse(message.slice(MARK.length)));
    const marked = said.flatMap((one) => {
      if (typeof one !== 'object' || one === null || !('action' in one) || !('parameters' in one)) return [];
      return [findingOf(ActionName.parse(one.action), Parameters.parse(one.parameters))];
    });
    if (evidence.reach.mode === 'maintenance') return [...marked, findingOf('restore_config', {})];
    if (evidence.reach.mode !== 'silent') return marked;
    const members = evidence.peers.flatMap(({ etcdMembers }) => readValue(etcdMembers) ?? []);
    const dead = members.find(({ hostname }) => hostname === evidence.node);
    return dead === undefined ? marked : [...marked, findingOf('remove_etcd_member', { memberId: dead.id })];
  },
};

const findingOf = (action: ActionName, parameters: Parameters): Finding => ({
  code: `adversary_${action}`,
  severity: 'critical',
  confidence: 'certain',
  summary: `It takes ${action}.`,
  evidence: [{ reading: 'kernelLog', says: 'it is marked' }],
  suggests: [action],
  parameters: { [action]: parameters },
  explains: true,
  rulesOut: [],
});
