import * as z from 'zod';
import { STAGES } from '../playbooks/stage.ts';
import { Limits } from '../safety/limits.ts';

const Stage = z.enum(STAGES);
const PlaybookStages = z.strictObject({
  default: Stage.default('suggest').describe('of every playbook that Medic brings along; default suggest'),
  stages: z
    .record(z.string(), Stage)
    .default({})
    .describe('playbooks by name, with the stage of each; your own are at observe where nothing is said here'),
});

const Binding = z.strictObject({
  users: z.array(z.string()).describe('Slack user ids, as their profiles copy them'),
  role: z.enum(['operator', 'admin']).describe('operator: restarts and reboots. admin: everything'),
});

/** What a team decides about Medic. Secrets are not in it. */
export const ClusterConfig = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'expected a name of small letters, digits, dots and dashes')
    .describe('as alerts name it: the last part of /alerts/<name>, or the label "cluster"'),
  channel: z.string().describe('id of the Slack channel that gets the cards, such as C0TALOS'),
  playbooks: PlaybookStages.default({ default: 'suggest', stages: {} }).describe(
    'observe: recorded only; suggest: shown, no buttons; act: may be acted on with approval',
  ),
  bindings: z.array(Binding).describe('who may ask for actions and approve them in this cluster'),
  targetLabels: z
    .array(z.string())
    .default(['node', 'nodename', 'kubernetes_node', 'hostname', 'address:instance'])
    .describe('alert labels that name the node, the most trusted first; "address:" takes the host part as an address'),
  exporterJobs: z
    .array(z.string())
    .default(['kube-state-metrics'])
    .describe('values of the label "job" whose "instance" is the exporter and not the node'),
  configBackups: z
    .enum(['off', 'daily'])
    .default('off')
    .describe(
      'daily: the admin function keeps the machine config of every node, once a day and before each change; it holds the keys of the cluster',
    ),
  selfApproval: z
    .boolean()
    .default(false)
    .describe(
      'true: one yes is enough for every action; what destroys starts 60 s later and can be cancelled until then',
    ),
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
