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
import { onlyResource, resource, resources, type Source, type Sweep, takeReading } from './sweep.ts';
import type { NodeTarget } from './talos.ts';
import { isAtLeast } from './talos-version.ts';

/** What decides which questions make sense. `version`: as the node said it, else as last known. */
export type Questions = {
  readonly isMaintenance: boolean;
  readonly role: NodeTarget['role'];
  readonly version: string | undefined;
};

/** Logs that are read of every node that offers logs, and how many services in trouble are added. */
const ALWAYS_LOGS = ['machined', 'controller-runtime'];
const MAX_TROUBLED = 4;

/**
 * Every reading of one node, all at once over one connection. A new question is one line here. What a version, mode or
 * role cannot answer is not asked, so that an error in a reading always means something.
 */
export async function collectReadings(sweep: Sweep, source: Source, questions: Questions): Promise<Readings> {
  const { isMaintenance, role, version } = questions;
  const isControlPlane = role === 'controlplane' && !isMaintenance;
  const offersCalls = !isMaintenance || isAtLeast(version, '1.13');

  const take = <T>(what: string, reader: Reader<T>): Promise<Reading<T>> => takeReading(sweep, source, what, reader);
  const call = <T>(m: { readonly path: string }, reader: Reader<T>) => take(sourceOf(m), reader);
  const one = <T>(kind: ResourceKind<T>, id: string) => take(kind.type, resource(kind, id));
  const all = <T>(kind: ResourceKind<T>) => take(kind.type, resources(kind));
  const when = (isAsked: boolean, ask: () => Promise<Readings>) => (isAsked ? [ask()] : []);

  const parts: readonly Promise<Readings>[] = [
    one(runtime.machineStatus, runtime.MACHINE_STATUS_ID).then((machineStatus) => ({ machineStatus })),
    one(runtime.systemInformation, runtime.SYSTEM_INFORMATION_ID).then((systemInformation) => ({ systemInformation })),
    one(runtime.platformMetadata, runtime.PLATFORM_METADATA_ID).then((platformMetadata) => ({ platformMetadata })),
    one(runtime.timeStatus, runtime.TIME_STATUS_ID).then((timeStatus) => ({ timeStatus })),
    one(network.networkStatus, network.NETWORK_STATUS_ID).then((networkStatus) => ({ networkStatus })),
    one(network.hostnameStatus, network.HOSTNAME_ID).then((hostname) => ({ hostname })),
    all(network.hostnameSpec).then((hostnameSpecs) => ({ hostnameSpecs })),
    all(network.linkStatus).then((links) => ({ links })),
    all(block.volumeStatus).then((volumes) => ({ volumes })),
    all(block.discoveredVolume).then((discoveredVolumes) => ({ discoveredVolumes })),
    all(runtime.extensionStatus).then((extensions) => ({ extensions })),
    readDisks(take),
    readSystemDisk(take),
    ...when(isAtLeast(version, '1.11'), () =>
      one(runtime.kernelCmdline, runtime.KERNEL_CMDLINE_ID).then((kernelCmdline) => ({ kernelCmdline })),
    ),
    ...when(isAtLeast(version, '1.14'), () => one(runtime.bootId, runtime.BOOT_ID_ID).then((bootId) => ({ bootId }))),
    ...when(offersCalls, () => call(machineService.dmesg, readKernelLog).then((kernelLog) => ({ kernelLog }))),
    ...when(offersCalls, () => call(machineService.events, readSequences).then((sequences) => ({ sequences }))),
    ...when(offersCalls, () => call(machineService.systemStat, readSystemStat).then((systemStat) => ({ systemStat }))),
    ...when(offersCalls, () => readServicesAndLogs(take, questions)),
    ...when(!isMaintenance, () => call(machineService.mounts, readMounts).then((mounts) => ({ mounts }))),
    ...when(!isMaintenance, () =>
      one(runtime.machineType, runtime.MACHINE_TYPE_ID).then((machineType) => ({ machineType })),
    ),
    ...when(!isMaintenance, () => one(cluster.identity, cluster.IDENTITY_ID).then((identity) => ({ identity }))),
    ...when(!isMaintenance, () =>
      one(cluster.clusterInfo, cluster.CLUSTER_INFO_ID).then((clusterInfo) => ({ clusterInfo })),
    ),
    ...when(!isMaintenance, () => all(cluster.member).then((members) => ({ members }))),
    ...when(!isMaintenance, () => one(cluster.nodename, cluster.NODENAME_ID).then((nodename) => ({ nodename }))),
    ...when(!isMaintenance, () =>
      take(cluster.nodeStatus.type, onlyResource(cluster.nodeStatus)).then((nodeStatus) => ({ nodeStatus })),
    ),
    ...when(isControlPlane, () => one(cluster.etcdSpec, cluster.ETCD_SPEC_ID).then((etcdSpec) => ({ etcdSpec }))),
    ...when(isControlPlane, () =>
      one(cluster.etcdLocalMember, cluster.ETCD_LOCAL_MEMBER_ID).then((etcdLocalMember) => ({ etcdLocalMember })),
    ),
    ...when(isControlPlane, () =>
      call(machineService.etcdMemberList, readEtcdMembers).then((etcdMembers) => ({ etcdMembers })),
    ),
    ...when(isControlPlane && isAtLeast(version, '1.9'), () =>
      call(machineService.etcdStatus, readEtcdStatus).then((etcdStatus) => ({ etcdStatus })),
    ),
    ...when(isControlPlane && isAtLeast(version, '1.9'), () =>
      call(machineService.etcdAlarmList, readEtcdAlarms).then((etcdAlarms) => ({ etcdAlarms })),
    ),
  ];
  const readings: Readings = {};
  for (const part of await Promise.all(parts)) Object.assign(readings, part);
  return readings;
}

type Take = <T>(what: string, reader: Reader<T>) => Promise<Reading<T>>;

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

/** Which logs are worth reading depends on the services, so those come first; the standing ones do not wait. */
async function readServicesAndLogs(take: Take, { isMaintenance, role }: Questions): Promise<Readings> {
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
