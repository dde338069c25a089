import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { kernelSays, type Repeated, repeated, talosSays } from './log-lines.ts';

/** What says that the system disk does not work any more. */
export type DiskTrouble = {
  /** Kernel name, `nvme1n1`. */
  readonly device: string;
  /** The kernel took the disk out of service. */
  readonly gaveUp: Repeated | undefined;
  /** Reads or writes on it that failed. */
  readonly ioErrors: Repeated | undefined;
  /** It carries volumes of Talos and is not among the disks. */
  readonly isGone: boolean;
  /** What Talos could not read or write. */
  readonly talosErrors: Repeated | undefined;
};

const SYSTEM_VOLUMES: ReadonlySet<string> = new Set(['META', 'STATE', 'EPHEMERAL']);

/** undefined: no system disk is known, or nothing is wrong with it. */
export function diskTrouble(evidence: Evidence): DiskTrouble | undefined {
  const device = systemDevice(evidence);
  if (device === undefined) return undefined;
  const lines = kernelSays(evidence);
  const trouble = {
    device,
    gaveUp: repeated(lines, (message) => isGivenUp(message, device)),
    ioErrors: repeated(lines, (message) => isIoError(message, device)),
    isGone: isGone(evidence, device),
    talosErrors: repeated(talosSays(evidence), (message) => message.includes('input/output error')),
  };
  return trouble.gaveUp || trouble.ioErrors || trouble.isGone ? trouble : undefined;
}

/** Not every device that carries volumes is listed as a disk (RAID, mappings), so no other reading may show it either. */
function isGone({ readings }: Evidence, device: string): boolean {
  const disks = readValue(readings.disks);
  const path = `/dev/${device}`;
  const isListed = disks?.some(({ id, devPath }) => id === device || devPath === path);
  const isDiscovered = readValue(readings.discoveredVolumes)?.some(({ devPath }) => devPath === path);
  return disks !== undefined && !isListed && !isDiscovered && readValue(readings.systemDisk)?.devPath !== path;
}

/** Talos forgets the system disk when that is away; its volumes remember where they were. */
function systemDevice({ readings }: Evidence): string | undefined {
  const volumes = (readValue(readings.volumes) ?? []).filter(({ id }) => SYSTEM_VOLUMES.has(id));
  const path =
    volumes.map(({ parentLocation }) => parentLocation).find((location) => location !== '') ??
    readValue(readings.systemDisk)?.devPath;
  const name = path?.startsWith('/dev/') ? path.slice('/dev/'.length) : undefined;
  return name === '' ? undefined : name;
}

const NVME = /^nvme (nvme\d{1,4}): (.*)$/;
const NVME_GIVEN_UP = /Disabling device after reset failure|Removing after probe failure|Device not ready; aborting/;
const SCSI = /\[(sd[a-z]{1,4})\] (.*)$/;
const SCSI_GIVEN_UP = /offline|Synchroniz\w{1,4}(?: SCSI)? cache(?:\(\d+\))? failed/i;

/** Printed forms: `nvme nvme1: Disabling device after reset failure: -19`, `sd 0:0:0:0: [sda] Synchronizing SCSI cache failed`. */
function isGivenUp(message: string, device: string): boolean {
  const [, controller, nvmeText = ''] = NVME.exec(message) ?? [];
  if (controller !== undefined) return device.startsWith(`${controller}n`) && NVME_GIVEN_UP.test(nvmeText);
  const [, disk, scsiText = ''] = SCSI.exec(message) ?? [];
  return disk === device && SCSI_GIVEN_UP.test(scsiText);
}

const IO_ERROR = /(?:I\/O|medium|target|timeout) error[^,]{0,40}, (?:logical block \d+, )?dev (\w{1,32})\b/;
const BUFFER_ERROR = /^Buffer I\/O error on dev(?:ice)? (\w{1,32})\b/;
const XFS_ERROR = /^XFS \((\w{1,32})\): .*(?:I\/O [Ee]rror|error -5\b)/;

/** Printed forms: `I/O error, dev nvme1n1, sector 604840256 …`, `Buffer I/O error on dev sda6, …`, `XFS (sda6): log I/O error -5`. */
const isIoError = (message: string, device: string): boolean =>
  [IO_ERROR, BUFFER_ERROR, XFS_ERROR].some((pattern) => isPartOf(pattern.exec(message)?.[1], device));

/** `sda6` is on `sda`, `nvme0n1p6` on `nvme0n1`. */
const isPartOf = (name: string | undefined, device: string): boolean =>
  name?.startsWith(device) === true && /^(?:p?\d{1,3})?$/.test(name.slice(device.length));
