import { createHash } from 'node:crypto';
import type {
  MountsResponse,
  ServiceListResponse,
  VersionResponse,
} from '../../lib/talos/generated/machine/machine.ts';
import type { DisksResponse } from '../../lib/talos/generated/storage/storage.ts';
import { type Answer, answer, type CallContext } from './call-context.ts';
import { partitionName } from './disk-steps.ts';
import { bootOf } from './record.ts';
import { visibleDisks } from './resources-block.ts';
import { varUsage } from './storage-usage.ts';

const GIB = 1024 ** 3;

export function version({ node }: CallContext): Answer<VersionResponse> {
  const { version: tag, platform } = node.physical;
  const sha = createHash('sha256').update(tag).digest('hex').slice(0, 8);
  const info = { tag, sha, built: '', goVersion: 'go1.25.3', os: 'linux', arch: 'amd64' };
  const mode = platform === 'metal' ? 'metal' : 'cloud';
  const features = { rbac: bootOf(node).activeConfig !== undefined };
  return answer({ messages: [{ version: info, platform: { name: platform, mode }, features }] });
}

export function serviceList({ node }: CallContext): Answer<ServiceListResponse> {
  const services = Object.entries(bootOf(node).services).map(([id, { state, health, events }]) => ({
    id,
    state,
    events: { events: events.map(({ message, state: was, at }) => ({ msg: message, state: was, ts: new Date(at) })) },
    health: { ...health, lastChange: new Date(health.lastChange) },
  }));
  return answer({ messages: [{ services: services.sort((a, b) => a.id.localeCompare(b.id)) }] });
}

export function mounts({ node }: CallContext): Answer<MountsResponse> {
  const boot = bootOf(node);
  const disk = node.physical.hardware.disks.find(({ isSystem }) => isSystem);
  const mount = (filesystem: string, mountedOn: string, size: number, usedShare: number) => ({
    filesystem,
    mountedOn,
    size: String(Math.floor(size)),
    available: String(Math.floor(size * (1 - usedShare))),
  });
  const stats = [mount('/dev/loop0', '/', 0.06 * GIB, 1), mount('tmpfs', '/run', 4 * GIB, 0.01)];
  const isMounted = boot.volumes['EPHEMERAL']?.phase === 'ready' && !boot.isDiskDead;
  if (isMounted && node.physical.disk.ephemeralRepairMs === undefined && disk !== undefined) {
    const { totalBytes, usedBytes } = varUsage(node);
    stats.push(mount(`/dev/${partitionName(disk.name, 5)}`, '/system/state', 0.1 * GIB, 0.08));
    stats.push(mount(`/dev/${partitionName(disk.name, 6)}`, '/var', totalBytes, usedBytes / totalBytes));
  }
  return answer({ messages: [{ stats }] });
}

export function disks({ node }: CallContext): Answer<DisksResponse> {
  const isInstalled = node.physical.disk.partitions?.META === true;
  const shown = visibleDisks(node).map((disk) => ({
    size: String(disk.sizeBytes),
    model: disk.model,
    deviceName: `/dev/${disk.name}`,
    name: '',
    serial: disk.serial,
    modalias: '',
    uuid: '',
    wwid: disk.wwid,
    type: disk.transport === 'nvme' ? ('NVME' as const) : ('SSD' as const),
    busPath: '/pci0000:00/0000:00:02.0',
    systemDisk: disk.isSystem && isInstalled,
    subsystem: '/sys/class/block',
    readonly: false,
  }));
  return answer({ messages: [{ disks: shown }] });
}
