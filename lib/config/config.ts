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
  /**
   * `daily`: the machine config of every node is read by the admin function once a day and before each change, and kept
   * closed for a key. It holds the keys of the cluster, so nobody turns this on for you.
   */
  configBackups: z.enum(['off', 'daily']).default('off'),
  /** `job` labels whose `instance` is the exporter and not the node. */
  exporterJobs: z.array(z.string()).default(['kube-state-metrics']),
  ...Limits.shape,
});
export type ClusterConfig = z.infer<typeof ClusterConfig>;

/** Names of images start with the host, so there is no path. */
function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return /^https?:$/.test(protocol) && [origin, `${origin}/`].includes(text);
}
const FactoryUrl = z
  .string()
  .refine(isAddress, 'expected https:// or http://, a host and, if need be, a port')
  .transform((url) => new URL(url).origin);

export const MedicConfig = z.strictObject({
  slack: z.strictObject({ team: z.string(), botUser: z.string(), bot: z.string() }),
  clusters: z.array(ClusterConfig).min(1),
  /** Image Factory that builds the images of the nodes: the public one, or your own. */
  imageFactory: FactoryUrl.default('https://factory.talos.dev'),
});
export type MedicConfig = z.infer<typeof MedicConfig>;

export const clusterOf = (config: MedicConfig, name: string): ClusterConfig | undefined =>
  config.clusters.find((cluster) => cluster.name === name);
