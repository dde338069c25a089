import * as z from 'zod';
import { Duration } from './schema-parts.ts';

/** The network card of one machine, and the lease of its address. */
export const Uplink = {
  uplink: z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z][a-z0-9]{1,14}$/, 'expected the name of a link, such as "enp3s0"')
        .optional()
        .describe('as the kernel calls it'),
      losesAddress: z
        .strictObject({
          every: Duration.describe('again and again, so long after the network came up'),
          for: Duration.describe('how long it is gone'),
        })
        .optional()
        .describe('the lease of its address runs out'),
    })
    .optional()
    .describe('the network card that carries the address of the node'),
};
