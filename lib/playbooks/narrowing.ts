import type { Evidence, Readings } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { present, quote } from './cite.ts';
import type { Facts } from './finding.ts';
import { isControlPlane } from './role.ts';
import { brokenServices } from './services.ts';
import { brokenStaticPods } from './static-pods.ts';

type Name = Exclude<keyof Readings, 'logs'>;

/** Readings as a person gets them. */
const HOW = {
  machineStatus: 'its stage and what it waits for (talosctl get machinestatus)',
  services: 'its services (talosctl services)',
  kernelLog: 'its kernel log (talosctl dmesg)',
  sequences: 'its events (talosctl events --tail -1)',
  volumes: 'its volumes (talosctl get volumestatus)',
  discoveredVolumes: 'what is on its disks (talosctl get discoveredvolumes)',
  disks: 'its disks (talosctl get disks)',
  systemInformation: 'which hardware answers (talosctl get systeminformation)',
  networkStatus: 'its network (talosctl get networkstatus)',
  timeStatus: 'its clock (talosctl time)',
  etcdMembers: 'the members of etcd (talosctl etcd members)',
  etcdStatus: 'the state of its etcd (talosctl etcd status)',
  staticPods: 'its static pods (talosctl get staticpodstatus)',
  nodeStatus: 'what Kubernetes says (kubectl describe node)',
  diagnostics: 'what Talos warns of (talosctl get diagnostics)',
  memory: 'its memory (talosctl memory)',
  mounts: 'how full its disks are (talosctl mounts)',
} as const satisfies Partial<Record<Name, string>>;
type Asked = keyof typeof HOW;

const CONSOLE = 'its console';
const CONFIG = 'its machine config (talosctl get machineconfig, as admin)';
const OTHER_ENDPOINT = 'the same asked through another control plane (talosctl -e)';
const INSECURE = 'whether it answers in maintenance mode (talosctl get machinestatus --insecure)';
const WHO = 'who changed what (config, upgrade, network) before the alert';
const logOf = (id: string): string => `the whole log of ${quote(id)} (talosctl logs ${quote(id)})`;

const WANTED = 3;

/** The three readings that would tell most: those that failed first, then what Medic does not read. */
export function narrowing(evidence: Evidence, facts: Facts): readonly string[] {
  const { missing, beyond } = situationOf(evidence, facts);
  const unread = missing.filter((name) => evidence.readings[name]?.ok !== true).map((name) => HOW[name]);
  return [...new Set([...unread, ...beyond])].slice(0, WANTED);
}

type Situation = { readonly missing: readonly Asked[]; readonly beyond: readonly string[] };

/** What is worth asking depends on what is wrong; `beyond` has three, so that there are always three. */
function situationOf(evidence: Evidence, facts: Facts): Situation {
  const { reach, readings } = evidence;
  if (reach.mode === 'maintenance') {
    return {
      missing: ['discoveredVolumes', 'disks', 'volumes', 'systemInformation', 'kernelLog'],
      beyond: [CONSOLE, 'whether somebody reset or replaced it', WHO],
    };
  }
  if (reach.mode === 'silent' || reach.mode === 'refused') {
    return { missing: [], beyond: [CONSOLE, OTHER_ENDPOINT, INSECURE] };
  }
  const status = readValue(readings.machineStatus);
  const [broken] = brokenServices(readValue(readings.services) ?? []);
  const [pod] = brokenStaticPods(readValue(readings.staticPods) ?? []);
  const etcd = readValue(readings.etcdStatus);
  const isEtcdIll =
    isControlPlane(evidence, facts) && (etcd === undefined || etcd.leader === '0' || etcd.errors.length > 0);
  const log = broken === undefined ? undefined : logOf(broken.id);
  const beyond = present([log, CONFIG, CONSOLE, WHO]);
  if (status === undefined) return { missing: ['machineStatus', 'services', 'kernelLog', 'sequences'], beyond };
  if (status.stage === 'booting') {
    return { missing: ['services', 'kernelLog', 'volumes', 'networkStatus', 'timeStatus', 'sequences'], beyond };
  }
  if (status.stage !== 'running') return { missing: ['sequences', 'services', 'kernelLog'], beyond };
  if (broken?.id === 'etcd' || (broken === undefined && isEtcdIll)) {
    return {
      missing: ['services', 'etcdStatus', 'etcdMembers', 'kernelLog'],
      beyond: [logOf('etcd'), CONFIG, CONSOLE],
    };
  }
  if (broken !== undefined) return { missing: ['kernelLog', 'volumes', 'mounts', 'memory', 'networkStatus'], beyond };
  if (pod !== undefined) {
    const why = `why ${quote(pod.id)} is not ready (talosctl logs -k)`;
    return { missing: ['services', 'etcdStatus', 'diagnostics', 'kernelLog'], beyond: [why, CONFIG, WHO] };
  }
  return {
    missing: ['services', 'nodeStatus', 'staticPods', 'kernelLog', 'diagnostics', 'memory'],
    beyond: [logOf('kubelet'), 'what Kubernetes says of the node (kubectl describe node)', CONFIG],
  };
}
