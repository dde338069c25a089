import * as z from 'zod';
import { Duration, PerBoot, PerBootOrNever, TalosVersion } from './schema-parts.ts';

/** The physical state of one machine and of what it depends on. */

const Presence = z.enum(['intact', 'absent']);

export const SystemDisk = z.strictObject({
  attachesAfter: PerBoot.optional(),
  /** Default: behind a RAID controller, or virtual. */
  bus: z.enum(['nvme']).optional(),
  /** It drops off the bus so long after the kernel started. */
  diesAfter: PerBootOrNever.optional(),
  partitions: z
    .union([
      z.literal('none'),
      z.strictObject({ META: Presence.optional(), STATE: Presence.optional(), EPHEMERAL: Presence.optional() }),
    ])
    .optional(),
  /** The file system of EPHEMERAL does not mount; repairing it takes so long and is in vain. */
  corruptEphemeral: z.strictObject({ repairTakes: Duration }).optional(),
  /** EPHEMERAL is encrypted; `opensAfter` per boot, `error` is what the volume says until then. */
  encryptedEphemeral: z.strictObject({ opensAfter: PerBootOrNever, error: z.string() }).optional(),
  /** Smaller than the disk has room for. */
  ephemeralGiB: z.number().positive().optional(),
  /** Share of EPHEMERAL that is in use, from 0 to 1. */
  usedShare: z.number().min(0).max(1).optional(),
  /** containerd's records on EPHEMERAL are inconsistent. */
  containerRecords: z.enum(['intact', 'corrupt']).optional(),
});

export const Extension = z.strictObject({
  name: z.string().min(1),
  version: z.string(),
  /** By Image Factory, or by the installer from the list in the machine config (Talos up to 1.9). */
  bakedInBy: z.enum(['factory', 'installer']).optional(),
  /** Its service ends at once, with this cause and these last lines. */
  crashes: z.strictObject({ cause: z.string(), log: z.array(z.string()).optional() }).optional(),
  /** Its service does not end when it is told to. */
  cannotStop: z.boolean().optional(),
  /** Builds for this Talos release and later ones have neither fault. */
  until: TalosVersion.optional(),
});
export type Extension = z.infer<typeof Extension>;

/** What Image Factory builds for a schematic, by its id. */
export const Schematics = z.record(
  z.string().regex(/^[0-9a-f]{64}$/, 'expected the id of a schematic, 64 hexadecimal digits'),
  z.strictObject({ extensions: z.array(Extension).optional(), kernelArgs: z.array(z.string()).optional() }),
);
export type Schematics = z.infer<typeof Schematics>;

export const ConfigPart = z.strictObject({
  hostname: z.string().nullable().optional(),
  /** Merged into the v1alpha1 document. */
  merge: z.record(z.string(), z.unknown()).optional(),
  /** Put behind it. */
  documents: z.array(z.looseObject({ apiVersion: z.literal('v1alpha1'), kind: z.string() })).optional(),
});

export const Surroundings = {
  /** A kind of start after which the firmware never hands over. */
  firmware: z.strictObject({ hangsAfter: z.enum(['kexec', 'coldBoot']) }).optional(),
  /** Images of these services cannot be pulled so long after the kernel started, per boot. */
  registry: z
    .strictObject({
      unreachableFor: PerBootOrNever,
      needs: z.array(z.enum(['etcd', 'kubelet'])).min(1),
      cause: z.string(),
    })
    .optional(),
  /** Time servers that it can reach; default: all. */
  timeServersAnswering: z.array(z.string()).optional(),
  /** Somebody called the API, so long after the kernel started. */
  ordered: z.array(z.strictObject({ after: Duration, action: z.enum(['reboot', 'powercycle']) })).optional(),
};
