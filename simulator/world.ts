import * as z from 'zod';

/** The name of the simulated cluster. */
export const SIMULATED_CLUSTER = 'demo';

/**
 * What the simulated cluster leaves in its folder for whoever wants to talk to it. Medic reads `talosconfig` files
 * and stored configs as it would anywhere; the rest is for the panel and for tests.
 *
 *   <folder>/world.json            this file
 *   <folder>/talosconfig-<role>    role: reader, operator, admin
 *   <folder>/configs/<node>.yaml   stored machine config of each node, as a backup would have it
 *   <folder>/configs/<node>.json   what the backup says about it (lib/actions/stored-config.ts)
 *   <folder>/journal.jsonl         every mutating call that reached a node, one line each, never truncated
 */
export const World = z.object({
  cluster: z.string(),
  /** Base URL of the control API, loopback. */
  control: z.url(),
  controlToken: z.string(),
  /** Base URL of the simulated Image Factory, loopback. */
  factory: z.url(),
  pid: z.int(),
  port: z.int(),
  nodeCidr: z.string(),
  nodes: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['controlplane', 'worker']),
      address: z.string(),
      /** Only where it is not the cluster's: one address for all nodes, a port for each (macOS). */
      port: z.int().optional(),
    }),
  ),
});
export type World = z.infer<typeof World>;

/** One line of `journal.jsonl`. `request` is the decoded request without config text (its SHA-256 instead). */
export const JournalLine = z.object({
  at: z.string(),
  node: z.string(),
  method: z.string(),
  /** Roles of the client certificate; empty: none, or unverified. */
  roles: z.array(z.string()),
  request: z.record(z.string(), z.unknown()),
  dryRun: z.boolean(),
  /** `accepted`, or the gRPC code and text that it was refused with. */
  outcome: z.string(),
});
export type JournalLine = z.infer<typeof JournalLine>;
