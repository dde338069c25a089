import * as z from 'zod';
import { Duration, TalosVersion } from '../nodes/schema-parts.ts';

/** What may be wrong with the factory: by a scenario, or over the control API. */
export const FactoryFault = z
  .strictObject({
    fault: z
      .enum(['down', 'fail', 'refuse', 'slow', 'malformed'])
      .describe('what a caller meets; the table of its faults says it in words'),
    of: z
      .enum(['versions', 'extensions', 'schematics', 'images'])
      .optional()
      .describe('only what it answers about this; default everything'),
    delay: Duration.optional().describe('of slow: how much longer an answer takes; default 30s'),
  })
  .refine(({ fault, of }) => fault !== 'down' || of === undefined, {
    path: ['of'],
    message: 'a factory is down for everything',
  })
  .refine(({ fault, delay }) => delay === undefined || fault === 'slow', {
    path: ['delay'],
    message: 'only "slow" takes a delay',
  });
export type FactoryFault = z.infer<typeof FactoryFault>;

export const FactoryPart = z.strictObject({
  versions: z.array(TalosVersion).optional().describe('releases of Talos that it builds; default all that there are'),
  lacks: z
    .array(z.string().regex(/^siderolabs\/[a-z0-9-]+$/, 'expected a name such as "siderolabs/zfs"'))
    .optional()
    .describe('official extensions that it does not have'),
  schematics: z
    .enum(['known', 'unknown'])
    .optional()
    .describe('unknown: another factory built the images of the nodes; default known'),
  fault: FactoryFault.optional().describe('what is wrong with it'),
});
export type FactoryPart = z.infer<typeof FactoryPart>;
