import type { Evidence, Readings } from '../evidence/evidence.ts';
import { type Reading, readValue } from '../evidence/reading.ts';
import { cite, list, present, quote } from './cite.ts';
import type { Citation, Facts, Finding } from './finding.ts';
import { narrowing } from './narrowing.ts';
import { brokenServices } from './services.ts';

/** The honest answer: something is wrong, and what was read does not say why. */
export function unknownCause(evidence: Evidence, facts: Facts): Finding {
  const symptoms = symptomsOf(evidence);
  return {
    code: 'unknown_cause',
    severity: 'warning',
    confidence: 'possible',
    summary: `${quote(facts.inventory?.name ?? evidence.node)} is not healthy and what was read does not say why${stateText(evidence)}.`,
    evidence: [...symptoms, ...readCitations(evidence)],
    suggests: [],
    rulesOut: [],
    advice: `Three readings would narrow it down: ${list(narrowing(evidence, facts))}.`,
  };
}

const stateText = ({ reach, readings }: Evidence): string => {
  const status = readValue(readings.machineStatus);
  if (status === undefined) return ` (reach: ${reach.mode})`;
  const unmet = status.unmetConditions.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  return ` (stage ${status.stage}${unmet === '' ? '' : `, ${quote(unmet)}`})`;
};

/** What is not as it should be. */
function symptomsOf({ reach, readings, peers }: Evidence): readonly Citation[] {
  const status = readValue(readings.machineStatus);
  const volumes = readValue(readings.volumes) ?? [];
  const etcd = readValue(readings.etcdStatus);
  const ill = peers.filter(({ etcdStatus }) => readValue(etcdStatus)?.leader === '0').map(({ node }) => node);
  return present([
    reach.error && cite('reach', `${reach.mode}: ${reach.error.message}`),
    status &&
      cite(
        'machineStatus',
        `Stage ${status.stage}, ${status.ready ? 'ready' : 'not ready'}${reasons(status.unmetConditions)}.`,
      ),
    ...brokenServices(readValue(readings.services) ?? []).map((service) =>
      cite('services', `${service.id} is ${service.state}: ${service.events.at(-1)?.message ?? service.lastMessage}`),
    ),
    ...volumes
      .filter(({ phase }) => phase === 'failed' || phase === 'missing')
      .map(({ id, phase, errorMessage }) => cite('volumes', `Volume ${id} is ${phase}. ${errorMessage}`)),
    etcd && (etcd.leader === '0' || etcd.errors.length > 0)
      ? cite('etcdStatus', `etcd has ${etcd.leader === '0' ? 'no leader' : 'errors'}. ${etcd.errors.join('; ')}`)
      : undefined,
    ...(readValue(readings.etcdAlarms) ?? []).map(({ alarm }) => cite('etcdAlarms', `etcd alarm ${alarm}.`)),
    readValue(readings.nodeStatus)?.nodeReady === false ? cite('nodeStatus', 'Kubernetes says not Ready.') : undefined,
    ill.length > 0 ? cite('peers', `etcd has no leader on ${list(ill)}.`) : undefined,
  ]);
}

const reasons = (unmet: readonly { readonly name: string; readonly reason: string }[]): string =>
  unmet.length === 0 ? '' : `; waiting for ${unmet.map(({ name, reason }) => `${name} (${reason})`).join(', ')}`;

/** Everything that was asked, so that a person sees what stands behind "unknown". */
function readCitations({ readings }: Evidence): readonly Citation[] {
  const asked = Object.keys(readings)
    .filter(isName)
    .flatMap((name) => {
      const reading: Reading<unknown> | undefined = readings[name];
      return reading === undefined ? [] : [cite(name, readText(reading))];
    });
  const logs = Object.keys(readings.logs ?? {});
  return logs.length === 0 ? asked : [...asked, cite('logs', `Asked for: ${logs.join(', ')}.`)];
}

function readText(reading: Reading<unknown>): string {
  if (!reading.ok) return `Not readable: ${reading.error.message}`;
  return Array.isArray(reading.value) ? `Read, ${reading.value.length} entries.` : 'Read.';
}

type Name = Exclude<keyof Readings, 'logs'>;
const isName = (name: string): name is Name => Object.hasOwn(NAMES, name);
/** An object, so that the compiler finds a reading that is missing here. */
const NAMES: Readonly<Record<Name, true>> = {
  version: true,
  machineStatus: true,
  services: true,
  kernelLog: true,
  sequences: true,
  systemStat: true,
  bootId: true,
  mounts: true,
  etcdMembers: true,
  etcdStatus: true,
  etcdAlarms: true,
  etcdSpec: true,
  etcdLocalMember: true,
  hostname: true,
  hostnameSpecs: true,
  nodename: true,
  nodeStatus: true,
  volumes: true,
  discoveredVolumes: true,
  disks: true,
  systemDisk: true,
  systemInformation: true,
  links: true,
  identity: true,
  clusterInfo: true,
  machineType: true,
  members: true,
  extensions: true,
  platformMetadata: true,
  networkStatus: true,
  timeStatus: true,
  kernelCmdline: true,
  kernelModuleSpecs: true,
  kernelModules: true,
  imageSchematic: true,
  securityState: true,
  apiService: true,
  metaKeys: true,
  diagnostics: true,
  staticPods: true,
  addresses: true,
  addressSpecs: true,
  resolvers: true,
  timeServers: true,
  affiliates: true,
  kubespanPeers: true,
  adjtime: true,
  clock: true,
  memory: true,
  loadAverage: true,
  cpu: true,
  processes: true,
  diskUsage: true,
};
