import * as z from 'zod';
import { Duration } from './schema-parts.ts';

/** The network card of one machine, and the lease of its address. */
export const Uplink = {
  uplink: z
    .strictObject({
      /** As the kernel calls it. */
      name: z
        .string()
        .regex(/^[a-z][a-z0-9]{1,14}$/, 'expected the name of a link, such as "enp3s0"')
        .optional(),
      /** Again and again, so long after the network came up, and back after `for`. */
      losesAddress: z.strictObject({ every: Duration, for: Duration }).optional(),
    })
    .optional(),
};
