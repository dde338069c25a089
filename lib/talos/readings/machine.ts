import { redactText } from '../../evidence/redact.ts';
import type { DiskReading, ServiceReading } from '../../evidence/values.ts';
import { err, ok } from '../../result.ts';
import { parseMinor } from '../../versions/talos-version.ts';
import { sourceOf } from '../connection.ts';
import type { ServiceInfo } from '../generated/machine/machine.ts';
import { machineService, storageService } from '../methods.ts';
import { askOne, isoTime, malformed, type Reader, short } from './read.ts';

const MAX_ITEMS = 1000;

/** Source: MachineService/Version. */
export const readVersion: Reader<{ tag: string; platform: string; mode: string }> = async (connection, context) => {
  const source = sourceOf(machineService.version);
  const message = await askOne(connection, machineService.version, {}, context);
  if (!message.ok) return message;
  const { version, platform } = message.value;
  const tag = (version?.tag ?? '').slice(0, 64);
  if (parseMinor(tag) === undefined) return err(malformed(context.node, source, 'no version'));
  return ok({ value: { tag, platform: short(platform?.name ?? ''), mode: short(platform?.mode ?? '') } });
};

/** Source: MachineService/SystemStat. Unix seconds; moves when the node's clock is corrected. */
export const readSystemStat: Reader<{ bootTimeS: number }> = async (connection, context) => {
  const source = sourceOf(machineService.systemStat);
  const message = await askOne(connection, machineService.systemStat, {}, context);
  if (!message.ok) return message;
  const bootTimeS = Number(message.value.bootTime);
  if (bootTimeS === 0 || !Number.isSafeInteger(bootTimeS)) return err(malformed(context.node, source, 'no boot time'));
  return ok({ value: { bootTimeS } });
};

/** Source: MachineService/Mounts. Bytes. */
export const readMounts: Reader<
  readonly { filesystem: string; mountedOn: string; sizeBytes: number; availableBytes: number }[]
> = async (connection, context) => {
  const message = await askOne(connection, machineService.mounts, {}, context);
  if (!message.ok) return message;
  const value = message.value.stats.slice(0, MAX_ITEMS).map((stat) => ({
    filesystem: short(stat.filesystem),
    mountedOn: short(stat.mountedOn),
    sizeBytes: Number(stat.size),
    availableBytes: Number(stat.available),
  }));
  return ok({ value, ...cutNote(message.value.stats.length) });
};

/** Source: MachineService/ServiceList. `events` are the last 64 changes of state. */
export const readServices: Reader<readonly ServiceReading[]> = async (connection, context) => {
  const message = await askOne(connection, machineService.serviceList, {}, context);
  if (!message.ok) return message;
  let redacted = 0;
  const clean = (text: string): string => {
    const kept = redactText(short(text));
    redacted += kept.redacted;
    return kept.text;
  };
  const value = message.value.services.slice(0, MAX_ITEMS).map((service) => ({
    id: short(service.id),
    state: short(service.state),
    health: healthOf(service),
    lastMessage: clean(service.health?.lastMessage ?? ''),
    events: (service.events?.events ?? []).slice(-64).map((event) => ({
      state: short(event.state),
      message: clean(event.msg),
      at: isoTime(event.ts),
    })),
  }));
  return ok({ value, redacted, ...cutNote(message.value.services.length) });
};

function healthOf({ health }: ServiceInfo): ServiceReading['health'] {
  if (health === undefined || health.unknown) return 'unknown';
  return health.healthy ? 'healthy' : 'unhealthy';
}

/** Source: StorageService/Disks: what a node says that does not offer the Disks resource. It knows no transport. */
export const readStorageDisks: Reader<readonly DiskReading[]> = async (connection, context) => {
  const message = await askOne(connection, storageService.disks, {}, context);
  if (!message.ok) return message;
  const value = message.value.disks.slice(0, MAX_ITEMS).map((disk) => ({
    id: short(disk.deviceName).replace(/^\/dev\//, ''),
    devPath: short(disk.deviceName),
    model: short(disk.model),
    serial: short(disk.serial),
    wwid: short(disk.wwid),
    transport: '',
    sizeBytes: Number(disk.size),
  }));
  return ok({ value, ...cutNote(message.value.disks.length) });
};

const cutNote = (count: number): { cut?: string } =>
  count > MAX_ITEMS ? { cut: `the first ${MAX_ITEMS} of ${count}` } : {};
