import type { ProcessInfo } from '../../lib/talos/generated/machine/machine.ts';
import { roleOf } from './physical.ts';
import { bootOf } from './record.ts';
import type { NodeState } from './state.ts';
import { busyShareOf, memoryOf } from './workload.ts';

const MIB = 1024 ** 2;

/** What a service runs, and how much memory it takes. */
const PROGRAMS: Readonly<Record<string, { readonly path: string; readonly residentMib: number }>> = {
  apid: { path: '/apid', residentMib: 38 },
  containerd: { path: '/bin/containerd', residentMib: 62 },
  cri: { path: '/bin/containerd', residentMib: 118 },
  dashboard: { path: '/sbin/dashboard', residentMib: 41 },
  etcd: { path: '/usr/local/bin/etcd', residentMib: 164 },
  kubelet: { path: '/usr/local/bin/kubelet', residentMib: 104 },
  trustd: { path: '/trustd', residentMib: 27 },
  udevd: { path: '/sbin/systemd-udevd', residentMib: 11 },
};
const UNKNOWN_PROGRAM_MIB = 16;
const CONTROL_PLANE_PODS: readonly [path: string, residentMib: number][] = [
  ['/usr/local/bin/kube-apiserver', 512],
  ['/usr/local/bin/kube-controller-manager', 96],
  ['/usr/local/bin/kube-scheduler', 48],
];

/** The process of a service that runs in one of its own; those that are a part of machined have none. */
export function servicePid(node: NodeState, id: string): number | undefined {
  const service = bootOf(node).services[id];
  if (service?.state !== 'Running') return undefined;
  const started = service.events.findLast(({ message }) => /\(PID \d+\)/.test(message));
  const pid = /\(PID (\d+)\)/.exec(started?.message ?? '')?.[1];
  return pid === undefined ? undefined : Number(pid);
}

type Program = { readonly pid: number; readonly path: string; readonly residentMib: number };

function programsOf(node: NodeState): readonly Program[] {
  const { services, pid: lastPid } = bootOf(node);
  const own = Object.keys(services).flatMap((id) => {
    const pid = servicePid(node, id);
    const program = PROGRAMS[id] ?? {
      path: `/usr/local/sbin/${id.replace(/^ext-/, '')}`,
      residentMib: UNKNOWN_PROGRAM_MIB,
    };
    return pid === undefined ? [] : [{ pid, ...program }];
  });
  if (services['kubelet']?.state !== 'Running') return own;
  const pods = roleOf(node.name) === 'controlplane' ? CONTROL_PLANE_PODS : [];
  const known = [...own, ...pods.map(([path, residentMib], n) => ({ pid: lastPid + 20 + n, path, residentMib }))];
  // whatever else fills the memory belongs to pods
  const { totalKib, availableKib } = memoryOf(node);
  const restMib = (totalKib - availableKib) / 1024 - known.reduce((sum, { residentMib }) => sum + residentMib, 0);
  return [...known, { pid: lastPid + 60, path: '/app/server', residentMib: Math.max(64, Math.floor(restMib)) }];
}

/** Bytes and seconds. A kernel thread has neither memory nor arguments. */
export function processesOf(node: NodeState, now: number): readonly ProcessInfo[] {
  const upS = Math.max(0, (now - bootOf(node).startedAt) / 1000);
  const share = busyShareOf(node);
  const programs = [{ pid: 1, path: '/sbin/init', residentMib: 132 }, ...programsOf(node)];
  const infos = programs.map(({ pid, path, residentMib }, n) => ({
    pid,
    ppid: pid === 1 ? 0 : 1,
    state: 'S',
    threads: pid === 1 ? 24 : 12,
    cpuTime: Math.round(((upS * share) / (n + 2)) * 100) / 100,
    virtualMemory: String(residentMib * 12 * MIB),
    residentMemory: String(residentMib * MIB),
    command: path.slice(path.lastIndexOf('/') + 1).slice(0, 15),
    executable: path,
    args: path,
  }));
  const thread = {
    pid: 2,
    ppid: 0,
    state: 'S',
    threads: 1,
    cpuTime: 0,
    virtualMemory: '0',
    residentMemory: '0',
    command: 'kthreadd',
    executable: '',
    args: '',
  };
  return [...infos, thread].sort((a, b) => a.pid - b.pid);
}
