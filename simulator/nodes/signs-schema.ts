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
/** One line, so long after the kernel started; again `times` times. */
const Line = {
  after: Duration,
  text: z.string().min(1),
  every: Duration.optional(),
  times: z.int().min(1).max(MAX_TIMES).optional(),
  /** Releases from this one on do not say it. */
  until: TalosVersion.optional(),
};

export const Signs = {
  kernelLog: z
    .array(
      z.strictObject({
        ...Line,
        facility: z.enum(['kern', 'user', 'daemon']).optional(),
        priority: z.string().optional(),
      }),
    )
    .optional(),
  /** By the id of the service or of another log of Talos. */
  logs: z.record(z.string(), z.array(z.strictObject(Line))).optional(),
  /** Services that end once, so long after the kernel started, and are started again. */
  restarts: z.array(z.strictObject({ service: z.string().min(1), after: Duration, cause: z.string() })).optional(),
  kernelModules: z
    .strictObject({ configured: z.array(ModuleName).optional(), loaded: z.array(ModuleName).optional() })
    .optional(),
  diagnostics: z
    .array(z.strictObject({ id: z.string().min(1), message: z.string(), details: z.array(z.string()).optional() }))
    .optional(),
  memory: z
    .strictObject({ totalMiB: z.int().positive(), availableMiB: z.int().nonnegative() })
    .refine(({ totalMiB, availableMiB }) => availableMiB <= totalMiB, {
      path: ['availableMiB'],
      message: 'more is available than there is',
    })
    .optional(),
  /** Of 1, 5 and 15 minutes. */
  load: z
    .array(z.number().nonnegative())
    .length(3, 'expected three numbers: the load of 1, 5 and 15 minutes')
    .optional(),
  /** What a time server says minus what the node says. */
  clockOffset: SignedDuration.optional(),
  metaKeys: z.record(z.string().regex(/^0x[0-9a-f]{2}$/, 'expected a key such as "0x06"'), z.string()).optional(),
  /**
   * The database of the node's etcd member, and an alarm that it raised; or what became of the membership: `removed`
   * while its data stayed, a `learner` that joined in this boot, `none` where there is no data and no member.
   */
  etcd: z
    .strictObject({
      fileMiB: z.int().positive().optional(),
      inUseMiB: z.int().positive().optional(),
      alarm: z.enum(['NOSPACE', 'CORRUPT']).optional(),
      member: z.enum(['removed', 'learner', 'none']).optional(),
    })
    .refine(({ fileMiB, inUseMiB }) => (fileMiB === undefined) === (inUseMiB === undefined), {
      message: 'fileMiB and inUseMiB belong together',
    })
    .refine(({ fileMiB = 0, inUseMiB = 0 }) => inUseMiB <= fileMiB, {
      path: ['inUseMiB'],
      message: 'more is in use than the file has',
    })
    .optional(),
  staticPods: z
    .partialRecord(
      StaticPodName,
      z.strictObject({
        waiting: z.string().min(1),
        restarts: z.int().nonnegative(),
        /** Last lines of its container. */
        log: z.array(z.string()).optional(),
        /** Only as long as the machine config contains this text. */
        whileConfigHas: z.string().optional(),
        /** Only releases before this one. */
        until: TalosVersion.optional(),
      }),
    )
    .optional(),
};
