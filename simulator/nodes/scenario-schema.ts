import * as z from 'zod';
import { ActionName } from '../../lib/approvals/action-name.ts';
import { FactoryPart } from '../factory/factory-schema.ts';
import { FindingCode } from './expect-words.ts';
import { ConfigPart, Extension, Surroundings, SystemDisk } from './machine-schema.ts';
import { METHOD_NAMES } from './method-name.ts';
import { Duration, PerBoot, TalosVersion } from './schema-parts.ts';
import { Signs } from './signs-schema.ts';
import { MAX_CONTROL_PLANES, MAX_WORKERS, type Topology } from './topology.ts';
import { Uplink } from './uplink-schema.ts';

/** A scenario sets the physical state of machines; everything that follows from it the state machine decides. */

export const FaultName = z.enum([
  'refuse',
  'hang',
  'drop',
  'wrong_certificate',
  'expired_certificate',
  'role_denied',
  'slow',
  'hold_reply',
  'malformed',
  'huge',
  'locked',
]);
export type FaultName = z.infer<typeof FaultName>;

/** Of the port, so that there is no call yet that they could be for. */
const OF_THE_PORT: ReadonlySet<FaultName> = new Set(['refuse', 'wrong_certificate', 'expired_certificate']);

export const Fault = z
  .strictObject({
    fault: FaultName.describe('what a caller meets; the table of faults says it in words'),
    method: z.enum(METHOD_NAMES).optional().describe('only calls of this name; default all of them'),
    delay: Duration.optional().describe('of slow: how much longer an answer takes; default 3s'),
  })
  .refine(({ fault, method }) => method === undefined || !OF_THE_PORT.has(fault), {
    path: ['method'],
    message: 'this fault is one of the port, it cannot be for one call',
  })
  .refine(({ fault, delay }) => delay === undefined || fault === 'slow', {
    path: ['delay'],
    message: 'only "slow" takes a delay',
  });
export type Fault = z.infer<typeof Fault>;

export const NodePart = z.strictObject({
  version: TalosVersion.optional().describe("Talos version of this node, where it is not the cluster's"),
  power: z.enum(['on', 'off']).optional().describe('whether the machine is switched on; quote it'),
  platform: z.enum(['metal', 'hcloud']).optional().describe('metal, or hcloud, which has a metadata service'),
  machine: z.enum(['own', 'other']).optional().describe('other: another machine stands there, with other hardware'),
  cluster: z.enum(['own', 'foreign']).optional().describe('foreign: it runs with the secrets of another cluster'),
  systemDisk: SystemDisk.optional().describe('the disk that Talos is installed on'),
  metadata: z
    .strictObject({
      hostname: z.string().optional().describe('what the platform calls it; an FQDN is split'),
      arrivesAfter: PerBoot.optional().describe('so long after the kernel started, per boot; the last entry repeats'),
      userData: z
        .enum(['config', 'none'])
        .optional()
        .describe('config: also the config that the machine was made with; default none'),
    })
    .optional()
    .describe('what the metadata service of the platform says'),
  config: ConfigPart.optional().describe('what its stored machine config has otherwise than usual'),
  renamed: z
    .array(
      z.strictObject({
        after: Duration.describe('so long after the kernel started'),
        hostname: z.string().describe('the new static hostname'),
      }),
    )
    .optional()
    .describe('somebody applied a config with another name while it ran'),
  leftCluster: z.boolean().optional().describe('it told discovery and etcd that it leaves, as a reset does'),
  kernelArgs: z.array(z.string()).optional().describe('arguments of its kernel command line, beside the usual ones'),
  extensions: z.array(Extension).optional().describe('system extensions of its image, instead of the usual ones'),
  faults: z.array(Fault).optional().describe('what is wrong with its port, its certificate or its answers'),
  ...Surroundings,
  ...Uplink,
  ...Signs,
});
export type NodePart = z.infer<typeof NodePart>;

const Labels = z.record(z.string(), z.string());
export const ScenarioAlert = z.strictObject({
  labels: Labels.and(
    z.object({
      alertname: z.string().describe('name of the alerting rule'),
      severity: z.enum(['info', 'warning', 'critical']).describe('severity, as the rule labels it'),
      node: z.string().describe('the node that it is about, by its name in the cluster'),
    }),
  ).describe('labels, any others among them; `cluster` is added'),
  annotations: Labels.optional().describe('annotations, such as `summary`'),
});
export type ScenarioAlert = z.infer<typeof ScenarioAlert>;

/** Read by the tests, and by the panel for its headings; no node looks at it. */
export const Expect = z.strictObject({
  node: z.string().optional().describe('the node that is diagnosed'),
  finding: FindingCode.describe('code of the finding on top'),
  also: z.array(FindingCode).optional().describe('codes of findings that are to be there too, below it'),
  patrol: z.array(FindingCode).optional().describe('codes of findings that a patrol over all nodes is to have'),
  confidence: z.enum(['certain', 'likely', 'possible']).optional().describe('of the finding on top'),
  offers: z.array(ActionName).describe('actions that the remedy consists of'),
  refused: z.array(ActionName).describe('actions that nobody may get a button for: they cannot help, or make it worse'),
  evidence: z
    .array(z.string().min(3))
    .optional()
    .describe('texts that a reader can get out of the node or its peers: logs, events, fields of resources'),
});
export type Expect = z.infer<typeof Expect>;

/** Which ones there are depends on `cluster`, so that is checked where all of a scenario is known. */
const NodeName = z.string().regex(/^(?:cp|w)-[1-9]\d?$/, 'expected the name of a node, such as "cp-1" or "w-2"');

export const ClusterPart = z.strictObject({
  controlPlanes: z.int().min(1).max(MAX_CONTROL_PLANES).optional().describe('how many, cp-1 and so on; default 3'),
  workers: z.int().min(0).max(MAX_WORKERS).optional().describe('how many, w-1 and so on; default 3'),
});

const Party = z
  .string()
  .regex(/^(?:medic|discovery|all|(?:cp|w)-[1-9]\d?)$/, 'expected a node, "all", "medic" or "discovery"');

/** Who does not reach whom, on all ports or on one: apid's 50000, 2380 between members of etcd, KubeSpan's 51820. */
export const NetworkPart = z.strictObject({
  cuts: z
    .array(
      z.strictObject({
        between: z
          .tuple([Party, Party])
          .refine(([one, other]) => one !== other || one === 'all', 'expected two parties that differ')
          .describe('two parties: names of nodes, all (nodes), medic, discovery'),
        port: z
          .literal([50_000, 2_380, 51_820])
          .optional()
          .describe('only this port: 50000 of apid, 2380 between members of etcd, 51820 of KubeSpan; default all'),
      }),
    )
    .describe('who does not reach whom'),
});
export type NetworkPart = z.infer<typeof NetworkPart>;

export const ScenarioFile = z.strictObject({
  summary: z.string().describe('what one sees, in one sentence; shown in the panel'),
  extends: z
    .string()
    .regex(/^\w[\w.-]*$/, 'expected the name of a scenario, without folder and ending')
    .optional()
    .describe('name of another scenario, beside this file or in the library, that this one starts from'),
  version: TalosVersion.optional().describe('Talos version of the whole cluster, v1.8 to v1.14; default v1.13.9'),
  bootedAgo: Duration.optional().describe('how long ago the machines named below started; default 4m'),
  cluster: ClusterPart.optional().describe('how many nodes there are'),
  nodes: z
    .record(NodeName, NodePart)
    .optional()
    .describe('machines that are not as usual, by name; the others are well and have been up for days'),
  network: NetworkPart.optional().describe('which connections are lost'),
  factory: FactoryPart.optional().describe('Image Factory, where it is not as usual'),
  talosconfig: z
    .enum(['valid', 'expired', 'ending'])
    .optional()
    .describe("expired: Medic's own client certificates have run out; ending: they will in ten days"),
  alerts: z.array(ScenarioAlert).describe('sent to Medic when the scenario is loaded from the panel'),
  expect: Expect.describe('what Medic should make of it; for tests'),
});
export type ScenarioFile = z.infer<typeof ScenarioFile>;

/** A scenario with everything that it extends put together. */
export type Scenario = {
  readonly name: string;
  readonly summary: string;
  readonly version: string;
  readonly bootedAgoMs: number;
  readonly topology: Topology;
  readonly nodes: Readonly<Partial<Record<string, NodePart>>>;
  readonly cuts: NetworkPart['cuts'];
  readonly factory: FactoryPart;
  readonly talosconfig: 'valid' | 'expired' | 'ending';
  readonly alerts: readonly ScenarioAlert[];
  readonly expect: Expect;
};
