import * as z from 'zod';
import { Duration, PerBoot, PerBootOrNever, TalosVersion } from './schema-parts.ts';

/** The physical state of one machine and of what it depends on. */

const Presence = z.enum(['intact', 'absent']);

export const SystemDisk = z.strictObject({
  attachesAfter: PerBoot.optional().describe('so long after the kernel started, per boot; the last entry repeats'),
  bus: z.enum(['nvme']).optional().describe('nvme; default: behind a RAID controller, or virtual'),
  diesAfter: PerBootOrNever.optional().describe('it drops off the bus so long after the kernel started, per boot'),
  partitions: z
    .union([
      z.literal('none'),
      z.strictObject({
        META: Presence.optional().describe('holds keys such as the boot entry to fall back to'),
        STATE: Presence.optional().describe("holds the machine config and the node's identity"),
        EPHEMERAL: Presence.optional().describe('holds /var: images, pods, data of etcd'),
      }),
    ])
    .optional()
    .describe('which ones there are; none: no partition table at all'),
  corruptEphemeral: z
    .strictObject({ repairTakes: Duration.describe('how long the repair runs, in vain') })
    .optional()
    .describe('the file system of EPHEMERAL does not mount'),
  encryptedEphemeral: z
    .strictObject({
      opensAfter: PerBootOrNever.describe('so long after the kernel started, per boot'),
      error: z.string().describe('what the volume says until then'),
    })
    .optional()
    .describe('EPHEMERAL is encrypted, and its key comes late or never'),
  ephemeralGiB: z.number().positive().optional().describe('size of EPHEMERAL, smaller than the disk has room for'),
  usedShare: z.number().min(0).max(1).optional().describe('share of EPHEMERAL that is in use, from 0 to 1'),
  containerRecords: z
    .enum(['intact', 'corrupt'])
    .optional()
    .describe("corrupt: containerd's records on EPHEMERAL are inconsistent, cri ends at once"),
});

export const Extension = z.strictObject({
  name: z.string().min(1).describe('as ExtensionStatuses name it'),
  version: z.string().describe('as ExtensionStatuses name it'),
  bakedInBy: z
    .enum(['factory', 'installer'])
    .optional()
    .describe('installer: from the list in the machine config, up to 1.9; default factory'),
  crashes: z
    .strictObject({
      cause: z.string().describe('how its service ends'),
      log: z.array(z.string()).optional().describe('last lines of its service'),
    })
    .optional()
    .describe('its service ends at once, again and again'),
  cannotStop: z.boolean().optional().describe('its service does not end when it is told to: a reboot waits for ever'),
  until: TalosVersion.optional().describe('builds for this Talos release and later ones have neither fault'),
});
export type Extension = z.infer<typeof Extension>;

export const ConfigPart = z.strictObject({
  hostname: z.string().nullable().optional().describe('static hostname; null: none'),
  merge: z.record(z.string(), z.unknown()).optional().describe('merged into the v1alpha1 document, lists as a whole'),
  documents: z
    .array(
      z.looseObject({
        apiVersion: z.literal('v1alpha1').describe('of the document'),
        kind: z.string().describe('of the document, such as ExtensionServiceConfig'),
      }),
    )
    .optional()
    .describe('documents behind the v1alpha1 one'),
});

/** Somebody applied the stored config with a change, so long after the kernel started. */
export const AppliedConfig = ConfigPart.omit({ hostname: true }).extend({
  after: Duration.describe('so long after the kernel started'),
  mode: z.enum(['no_reboot', 'staged']).describe('stored and in effect, or stored for the next boot'),
});
export type AppliedConfig = z.infer<typeof AppliedConfig>;

export const Surroundings = {
  firmware: z
    .strictObject({
      hangsAfter: z.enum(['kexec', 'coldBoot']).describe('after such a start nothing comes any more'),
    })
    .optional()
    .describe('a firmware that does not hand over'),
  registry: z
    .strictObject({
      unreachableFor: PerBootOrNever.describe('so long after the kernel started, per boot'),
      needs: z
        .array(z.enum(['etcd', 'kubelet']))
        .min(1)
        .describe('services whose images are not on the disk'),
      cause: z.string().describe('how a pull ends'),
    })
    .optional()
    .describe('images cannot be pulled'),
  timeServersAnswering: z.array(z.string()).optional().describe('time servers that it can reach; default all'),
  otherEntry: TalosVersion.optional().describe('Talos in the slot of the boot loader that does not run'),
  applied: z.array(AppliedConfig).optional().describe('configs that were given to it over the API'),
  ordered: z
    .array(
      z.strictObject({
        after: Duration.describe('so long after the kernel started'),
        action: z.enum(['reboot', 'powercycle']).describe('what was called'),
      }),
    )
    .optional()
    .describe('somebody called the API'),
};
