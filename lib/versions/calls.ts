import { isAtLeast, type Minor } from './talos-version.ts';

/** Roles of Talos' client certificates, the least first. */
export type TalosRole = 'os:reader' | 'os:operator' | 'os:admin';

/**
 * Who may make a call, of whom, since when. Source: the rule map in internal/app/machined/pkg/system/services/machined.go
 * of Talos 1.8 to 1.14.
 */
export type CallRule = {
  /** The least role of ours that may. */
  readonly role: TalosRole;
  readonly nodes: 'any' | 'controlplane';
  /** First line that has the call, for that role; absent: all that Medic knows. */
  readonly since?: Minor;
  /** First line that offers it in maintenance mode; absent: none does. */
  readonly inMaintenance?: Minor;
  /** What it changes; absent: nothing. */
  readonly does?: string;
};

const read = { role: 'os:reader', nodes: 'any', inMaintenance: '1.13' } as const;
const readEtcd = { role: 'os:reader', nodes: 'controlplane' } as const;
const operate = { role: 'os:operator', nodes: 'any' } as const;
const operateEtcd = { role: 'os:operator', nodes: 'controlplane' } as const;
const administer = { role: 'os:admin', nodes: 'any' } as const;
const administerEtcd = { role: 'os:admin', nodes: 'controlplane' } as const;

export const callRules = {
  'machine.MachineService/Version': read,
  'machine.MachineService/ServiceList': read,
  'machine.MachineService/Dmesg': read,
  'machine.MachineService/Logs': read,
  'machine.MachineService/Events': read,
  'machine.MachineService/SystemStat': read,
  'machine.MachineService/Mounts': read,
  'machine.MachineService/DiskUsage': read,
  'machine.MachineService/Memory': read,
  'machine.MachineService/LoadAvg': read,
  'machine.MachineService/Processes': read,
  'machine.MachineService/List': read,
  'machine.MachineService/EtcdMemberList': readEtcd,
  'machine.MachineService/EtcdStatus': { ...readEtcd, since: '1.9' },
  'machine.MachineService/EtcdAlarmList': { ...readEtcd, since: '1.9' },
  'machine.MachineService/EtcdSnapshot': operateEtcd,
  'time.TimeService/Time': read,
  'time.TimeService/TimeCheck': read,
  'storage.StorageService/Disks': { ...read, inMaintenance: '1.8' },
  'cosi.resource.State/Get': { ...read, inMaintenance: '1.8' },
  'cosi.resource.State/List': { ...read, inMaintenance: '1.8' },
  'cosi.resource.State/Watch': { ...read, inMaintenance: '1.8' },

  'machine.MachineService/Reboot': {
    ...operate,
    does: 'Restarts the machine: default, powercycle, or (from 1.12) force',
  },
  'machine.MachineService/ServiceRestart': { ...operate, does: 'Restarts the kubelet or an extension service' },
  'machine.ImageService/Pull': { ...operate, since: '1.13', does: 'Stores an image on the machine, for an upgrade' },
  'machine.MachineService/EtcdDefragment': {
    ...operateEtcd,
    does: "Gives the unused space of the member's database back; it serves nobody meanwhile",
  },
  'machine.MachineService/EtcdAlarmDisarm': {
    ...operateEtcd,
    does: "Takes etcd's alarms back; those whose cause remains come again",
  },

  /** In maintenance mode it is taken from anybody. */
  'machine.MachineService/ApplyConfiguration': {
    ...administer,
    inMaintenance: '1.8',
    does: 'Gives the machine a config: auto, no-reboot, staged, or tried for a time',
  },
  'machine.MachineService/Reset': { ...administer, does: 'Wipes the named partitions and restarts the machine' },
  'machine.MachineService/Rollback': {
    ...administer,
    does: 'Boots the version that was there before the last upgrade',
  },
  'machine.MachineService/Upgrade': {
    ...administer,
    does: 'Up to 1.12: pulls an image, checks etcd, drains, installs and reboots',
  },
  'machine.LifecycleService/Upgrade': {
    ...administer,
    since: '1.13',
    does: 'Installs a pulled image beside the running system',
  },
  'machine.MachineService/EtcdForfeitLeadership': {
    ...administerEtcd,
    does: "Hands etcd's leadership to another member",
  },
  'machine.MachineService/EtcdRemoveMemberByID': { ...administerEtcd, does: 'Removes a dead member from etcd' },
} as const satisfies Readonly<Record<string, CallRule>>;
export type CallName = keyof typeof callRules;

export const isCallName = (text: string): text is CallName => Object.hasOwn(callRules, text);
export const ruleOf = (call: CallName): CallRule => callRules[call];

/** Whether a node of this version answers the call; versions that are not known answer what all do. */
export function isOffered(call: CallName, version: string | undefined, isMaintenance: boolean): boolean {
  const { since, inMaintenance } = ruleOf(call);
  if (since !== undefined && !isAtLeast(version, since)) return false;
  if (!isMaintenance) return true;
  return inMaintenance !== undefined && (inMaintenance === '1.8' || isAtLeast(version, inMaintenance));
}
