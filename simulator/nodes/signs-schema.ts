import * as z from 'zod';
import { durationMs } from './duration.ts';
import { Duration, TalosVersion } from './schema-parts.ts';

/** Signs that a scenario gives a machine: what follows from nothing else that is said about it. */

const ModuleName = z.string().regex(/^[A-Za-z0-9_-]+$/, 'expected the name of a kernel module, such as "drbd"');

/** The clock of the node may also be ahead. */
const AN_OFFSET = 'expected a duration such as "90s" or "-4m"';
const SignedDuration = z
  .string(AN_OFFSET)
  .refine((text) => Number.isFinite(durationMs(text.replace(/^-/, ''))), AN_OFFSET)
  .transform((text) => (durationMs(text.replace(/^-/, '')) ?? 0) * (text.startsWith('-') ? -1 : 1));

const StaticPodName = z.enum(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']);

const MAX_TIMES = 500;
const Line = {
  after: Duration.describe('so long after the kernel started'),
  text: z.string().min(1).describe('the line'),
  every: Duration.optional().describe('again after this time'),
  times: z.int().min(1).max(MAX_TIMES).optional().describe('how often, with `every`'),
  until: TalosVersion.optional().describe('releases from this one on do not say it'),
};

export const Signs = {
  kernelLog: z
    .array(
      z.strictObject({
        ...Line,
        facility: z.enum(['kern', 'user', 'daemon']).optional().describe('as dmesg has it; default kern'),
        priority: z.string().optional().describe('as dmesg has it; default info'),
      }),
    )
    .optional()
    .describe('lines that follow from nothing else'),
  logs: z
    .record(z.string(), z.array(z.strictObject(Line)))
    .optional()
    .describe('lines of services and of Talos itself, by the id of the log'),
  restarts: z
    .array(
      z.strictObject({
        service: z.string().min(1).describe('id of the service'),
        after: Duration.describe('so long after the kernel started'),
        cause: z.string().describe('how it ends'),
      }),
    )
    .optional()
    .describe('services that end once and are started again'),
  kernelModules: z
    .strictObject({
      configured: z.array(ModuleName).optional().describe('written into its machine config'),
      loaded: z.array(ModuleName).optional().describe('loads instead of what image and extensions have'),
    })
    .optional()
    .describe('kernel modules beside the drivers of the hardware'),
  diagnostics: z
    .array(
      z.strictObject({
        id: z.string().min(1).describe('id of the diagnostic'),
        message: z.string().describe('what it says'),
        details: z.array(z.string()).optional().describe('lines below it'),
      }),
    )
    .optional()
    .describe('what Talos itself says is wrong'),
  memory: z
    .strictObject({
      totalMiB: z.int().positive().describe('MemTotal'),
      availableMiB: z.int().nonnegative().describe('MemAvailable'),
    })
    .refine(({ totalMiB, availableMiB }) => availableMiB <= totalMiB, {
      path: ['availableMiB'],
      message: 'more is available than there is',
    })
    .optional()
    .describe('memory of the machine'),
  load: z
    .array(z.number().nonnegative())
    .length(3, 'expected three numbers: the load of 1, 5 and 15 minutes')
    .optional()
    .describe('load of 1, 5 and 15 minutes'),
  clockOffset: SignedDuration.optional().describe('what a time server says minus what the node says'),
  metaKeys: z
    .record(z.string().regex(/^0x[0-9a-f]{2}$/, 'expected a key such as "0x06"'), z.string())
    .optional()
    .describe('in META, beside 0x0a of a metal machine; 0x06: an upgrade is not confirmed'),
  etcd: z
    .strictObject({
      fileMiB: z.int().positive().optional().describe('size of the database file; with inUseMiB'),
      inUseMiB: z.int().positive().optional().describe('how much of it is in use; with fileMiB'),
      alarm: z.enum(['NOSPACE', 'CORRUPT']).optional().describe('alarm that the member raised'),
      member: z
        .enum(['removed', 'learner', 'none'])
        .optional()
        .describe('removed: its data stayed; learner: it joined in this boot; none: no data and no member'),
    })
    .refine(({ fileMiB, inUseMiB }) => (fileMiB === undefined) === (inUseMiB === undefined), {
      message: 'fileMiB and inUseMiB belong together',
    })
    .refine(({ fileMiB = 0, inUseMiB = 0 }) => inUseMiB <= fileMiB, {
      path: ['inUseMiB'],
      message: 'more is in use than the file has',
    })
    .optional()
    .describe("the node's member of etcd and its database"),
  staticPods: z
    .partialRecord(
      StaticPodName,
      z.strictObject({
        waiting: z.string().min(1).describe('reason for which its container waits'),
        restarts: z.int().nonnegative().describe('how often its container was started again'),
        log: z.array(z.string()).optional().describe('last lines of its container'),
        whileConfigHas: z.string().optional().describe('only as long as the machine config contains this text'),
        until: TalosVersion.optional().describe('only releases before this one'),
      }),
    )
    .optional()
    .describe('static pods whose container does not run'),
};
