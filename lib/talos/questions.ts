import type { Readings } from '../evidence/evidence.ts';
import type { Reading } from '../evidence/reading.ts';
import { sourceOf } from './connection.ts';
import type { ResourceKind } from './cosi.ts';
import { machineService, storageService } from './methods.ts';
import { readEtcdAlarms, readEtcdMembers, readEtcdStatus } from './readings/etcd.ts';
import { readMounts, readServices, readStorageDisks, readSystemStat } from './readings/machine.ts';
import type { Reader } from './readings/read.ts';
import { readSequences } from './readings/sequences.ts';
import { readKernelLog, readLog } from './readings/text.ts';
import * as block from './resources/block.ts';
import * as cluster from './resources/cluster.ts';
import * as network from './resources/network.ts';
import * as runtime from './resources/runtime.ts';
import { onlyResource, resource, resources } from './sweep.ts';
import type { NodeTarget } from './talos.ts';
import { SECOND_MAINTENANCE } from '../versions/rules.ts';
import { isAtLeast, type Minor } from '../versions/talos-version.ts';

/** What decides which questions make sense. `version`: as the node said it, else as last known. */
export type Asked = {
  readonly isMaintenance: boolean;
  readonly role: NodeTarget['role'];
  readonly version: string | undefined;
};
export type Take = <T>(what: string, reader: Reader<T>) => Promise<Reading<T>>;

/**
 * One thing that a sweep asks of a node, and of which nodes. What a version, mode or role cannot answer is not asked, so
 * that an error in a reading always means something. docs/talos.md is written from this table.
 */
export type Question = {
  readonly asks: string;
  /** RPC or resource type. */
  readonly source: string;
  /** First minor that answers a reader; without it all that Medic knows do. */
  readonly since?: Minor;
  readonly role: 'any' | 'controlplane';
  /** `calls`: only in the second generation of maintenance mode, where machined answers. */
  readonly maintenance: 'yes' | 'calls' | 'no';
  readonly take: (take: Take, asked: Asked) => Promise<Readings>;
};

export const isAsked = ({ since, role, maintenance }: Question, asked: Asked): boolean =>
  (role === 'any' || asked.role === 'controlplane') &&
  (since === undefined || isAtLeast(asked.version, since)) &&
  (!asked.isMaintenance ||
    maintenance === 'yes' ||
    (maintenance === 'calls' && isAtLeast(asked.version, SECOND_MAINTENANCE)));

const always = { role: 'any', maintenance: 'yes' } as const;
const calls = { role: 'any', maintenance: 'calls' } as const;
const configured = { role: 'any', maintenance: 'no' } as const;
const etcd = { role: 'controlplane', maintenance: 'no' } as const;

type Source = Pick<Question, 'source' | 'take'>;
const call = <T>(m: { readonly path: string }, reader: Reader<T>, as: (reading: Reading<T>) => Readings): Source => ({
  source: sourceOf(m),
  take: async (take) => as(await take(sourceOf(m), reader)),
});
const from = <T>(kind: ResourceKind<T>, reader: Reader<T>, as: (reading: Reading<T>) => Readings): Source => ({
  source: kind.type,
  take: async (take) => as(await take(kind.type, reader)),
});
const one = <T>(kind: ResourceKind<T>, id: string, as: (reading: Reading<T>) => Readings): Source =>
  from(kind, resource(kind, id), as);
const all = <T>(kind: ResourceKind<T>, as: (reading: Reading<readonly T[]>) => Readings): Source => ({
  source: kind.type,
  take: async (take) => as(await take(kind.type, resources(kind))),
});

/** A new question is one entry here, its reading in lib/evidence, and a parser. */
export const questions: readonly Question[] = [
  {
    asks: 'How far is the machine, and what does it wait for?',
    ...always,
    ...one(runtime.machineStatus, runtime.MACHINE_STATUS_ID, (machineStatus) => ({ machineStatus })),
  },
  {
    asks: 'Which machine is it (UUID, serial number)?',
    ...always,
    ...one(runtime.systemInformation, runtime.SYSTEM_INFORMATION_ID, (systemInformation) => ({ systemInformation })),
  },
  {
    asks: 'Which network cards has it (permanent MACs)?',
    ...always,
    ...all(network.linkStatus, (links) => ({ links })),
  },
  { asks: 'Which disks has it (WWIDs)?', ...always, source: block.disk.type, take: readDisks },
  { asks: 'On which disk is Talos installed?', ...always, source: block.systemDisk.type, take: readSystemDisk },
  {
    asks: 'Are its volumes ready (STATE, EPHEMERAL)?',
    ...always,
    ...all(block.volumeStatus, (volumes) => ({ volumes })),
  },
  {
    asks: 'Which partitions are on the disks?',
    ...always,
    ...all(block.discoveredVolume, (discoveredVolumes) => ({ discoveredVolumes })),
  },
  {
    asks: 'What does the platform say about it?',
    ...always,
    ...one(runtime.platformMetadata, runtime.PLATFORM_METADATA_ID, (platformMetadata) => ({ platformMetadata })),
  },
  {
    asks: 'Which hostname has it?',
    ...always,
    ...one(network.hostnameStatus, network.HOSTNAME_ID, (hostname) => ({ hostname })),
  },
  {
    asks: 'Who wants which hostname?',
    ...always,
    ...all(network.hostnameSpec, (hostnameSpecs) => ({ hostnameSpecs })),
  },
  {
    asks: 'Is its network up?',
    ...always,
    ...one(network.networkStatus, network.NETWORK_STATUS_ID, (networkStatus) => ({ networkStatus })),
  },
  {
    asks: 'Is its clock in time?',
    ...always,
    ...one(runtime.timeStatus, runtime.TIME_STATUS_ID, (timeStatus) => ({ timeStatus })),
  },
  {
    asks: 'Which system extensions are in its image?',
    ...always,
    ...all(runtime.extensionStatus, (extensions) => ({ extensions })),
  },
  {
    asks: 'Which kernel arguments was it booted with?',
    since: '1.11',
    ...always,
    ...one(runtime.kernelCmdline, runtime.KERNEL_CMDLINE_ID, (kernelCmdline) => ({ kernelCmdline })),
  },
  {
    asks: 'Which boot is it (boot id)?',
    since: '1.14',
    ...always,
    ...one(runtime.bootId, runtime.BOOT_ID_ID, (bootId) => ({ bootId })),
  },
  {
    asks: 'Since when does it run (boot time)?',
    ...calls,
    ...call(machineService.systemStat, readSystemStat, (systemStat) => ({ systemStat })),
  },
  {
    asks: 'What does the kernel say?',
    ...calls,
    ...call(machineService.dmesg, readKernelLog, (kernelLog) => ({ kernelLog })),
  },
  {
    asks: 'Which sequences have run (boot, reboot, reset ...)?',
    ...calls,
    ...call(machineService.events, readSequences, (sequences) => ({ sequences })),
  },
  {
    asks: 'Which services run, which wait and for what; and the logs of those in trouble?',
    ...calls,
    source: `${sourceOf(machineService.serviceList)}, ${sourceOf(machineService.logs)}`,
    take: readServicesAndLogs,
  },
  { asks: 'Is a disk full?', ...configured, ...call(machineService.mounts, readMounts, (mounts) => ({ mounts })) },
  {
    asks: 'Is it a control plane or a worker?',
    ...configured,
    ...one(runtime.machineType, runtime.MACHINE_TYPE_ID, (machineType) => ({ machineType })),
  },
  {
    asks: 'Which node identity has it?',
    ...configured,
    ...one(cluster.identity, cluster.IDENTITY_ID, (identity) => ({ identity })),
  },
  {
    asks: 'To which cluster does it belong?',
    ...configured,
    ...one(cluster.clusterInfo, cluster.CLUSTER_INFO_ID, (clusterInfo) => ({ clusterInfo })),
  },
  { asks: 'Whom does it know in the cluster?', ...configured, ...all(cluster.member, (members) => ({ members })) },
  {
    asks: 'Under which name is it in Kubernetes?',
    ...configured,
    ...one(cluster.nodename, cluster.NODENAME_ID, (nodename) => ({ nodename })),
  },
  {
    asks: 'Is it Ready in Kubernetes?',
    ...configured,
    ...from(cluster.nodeStatus, onlyResource(cluster.nodeStatus), (nodeStatus) => ({ nodeStatus })),
  },
  {
    asks: 'Under which name did its etcd start?',
    ...etcd,
    ...one(cluster.etcdSpec, cluster.ETCD_SPEC_ID, (etcdSpec) => ({ etcdSpec })),
  },
  {
    asks: 'Which etcd member is it?',
    ...etcd,
    ...one(cluster.etcdLocalMember, cluster.ETCD_LOCAL_MEMBER_ID, (etcdLocalMember) => ({ etcdLocalMember })),
  },
  {
    asks: 'Who is in the etcd cluster?',
    ...etcd,
    ...call(machineService.etcdMemberList, readEtcdMembers, (etcdMembers) => ({ etcdMembers })),
  },
  {
    asks: 'Is its etcd member healthy, and who leads?',
    since: '1.9',
    ...etcd,
    ...call(machineService.etcdStatus, readEtcdStatus, (etcdStatus) => ({ etcdStatus })),
  },
  {
    asks: 'Which alarms does etcd raise?',
    since: '1.9',
    ...etcd,
    ...call(machineService.etcdAlarmList, readEtcdAlarms, (etcdAlarms) => ({ etcdAlarms })),
  },
];

async function readDisks(take: Take): Promise<Readings> {
  const disks = await take(block.disk.type, resources(block.disk));
  if (disks.ok || disks.error.code !== 'not_supported_by_version') return { disks };
  return { disks: await take(sourceOf(storageService.disks), readStorageDisks) };
}

/** Talos has no such resource when it knows no system disk, which is an answer and no failure. */
async function readSystemDisk(take: Take): Promise<Readings> {
  const systemDisk = await take(block.systemDisk.type, resource(block.systemDisk, block.SYSTEM_DISK_ID));
  if (systemDisk.ok || systemDisk.error.code !== 'not_found') return { systemDisk };
  const { error: _, ...facts } = systemDisk;
  return { systemDisk: { ...facts, ok: true, value: null } };
}

/** Logs that are read of every node that offers logs, and how many services in trouble are added. */
const ALWAYS_LOGS = ['machined', 'controller-runtime'];
const MAX_TROUBLED = 4;

/** Which logs are worth reading depends on the services, so those come first; the standing ones do not wait. */
async function readServicesAndLogs(take: Take, { isMaintenance, role }: Asked): Promise<Readings> {
  const readOne = async (id: string) =>
    [id, await take(`${sourceOf(machineService.logs)} ${id}`, readLog(id))] as const;
  const standing = [
    ...ALWAYS_LOGS,
    ...(isMaintenance ? [] : ['kubelet']),
    ...(!isMaintenance && role === 'controlplane' ? ['etcd'] : []),
  ];
  const standingLogs = Promise.all(standing.map(readOne));
  const services = await take(sourceOf(machineService.serviceList), readServices);
  const troubled = services.ok
    ? services.value
        .filter(({ id, state, health }) => !standing.includes(id) && (state !== 'Running' || health === 'unhealthy'))
        .filter(({ state }) => !['Finished', 'Skipped', 'Initialized'].includes(state))
        .slice(0, MAX_TROUBLED)
    : [];
  const more = await Promise.all(troubled.map(({ id }) => readOne(id)));
  return { services, logs: Object.fromEntries([...(await standingLogs), ...more]) };
}
