import * as z from 'zod';
import { Limits } from '../safety/limits.ts';

/** What a team decides about Medic. Secrets are not in it. */
export const ClusterConfig = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/),
  /** Slack channel id that gets the cards. */
  channel: z.string(),
  playbooks: z.enum(['observe', 'suggest', 'act']).default('suggest'),
  /** Who may do what: `operator` may ask for and approve what os:operator does, `admin` everything. R3 lists users only. */
  bindings: z.array(z.strictObject({ users: z.array(z.string()), role: z.enum(['operator', 'admin']) })),
  /** Alert labels that name the node, the most trusted first. `address:` takes the host part as an address. */
  targetLabels: z.array(z.string()).default(['node', 'nodename', 'kubernetes_node', 'hostname', 'address:instance']),
  /** `job` labels whose `instance` is the exporter and not the node. */
  exporterJobs: z.array(z.string()).default(['kube-state-metrics']),
  ...Limits.shape,
});
export type ClusterConfig = z.infer<typeof ClusterConfig>;

export const MedicConfig = z.strictObject({
  slack: z.strictObject({ team: z.string(), botUser: z.string(), bot: z.string() }),
  clusters: z.array(ClusterConfig).min(1),
});
export type MedicConfig = z.infer<typeof MedicConfig>;

export const clusterOf = (config: MedicConfig, name: string): ClusterConfig | undefined =>
  config.clusters.find((cluster) => cluster.name === name);
