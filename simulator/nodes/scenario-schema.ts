import * as z from 'zod';
import { ActionName, FindingCode } from './expect-words.ts';
import { ConfigPart, Extension, Schematics, Surroundings, SystemDisk } from './machine-schema.ts';
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
    fault: FaultName,
    method: z.enum(METHOD_NAMES).optional(),
    /** Of `slow`: how much longer an answer takes. Default 3 s. */
    delay: Duration.optional(),
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
  /** Where it is not the cluster's. */
  version: TalosVersion.optional(),
  power: z.enum(['on', 'off']).optional(),
  platform: z.enum(['metal', 'hcloud']).optional(),
  machine: z.enum(['own', 'other']).optional(),
  cluster: z.enum(['own', 'foreign']).optional(),
  systemDisk: SystemDisk.optional(),
  metadata: z.strictObject({ hostname: z.string().optional(), arrivesAfter: PerBoot.optional() }).optional(),
  config: ConfigPart.optional(),
  renamed: z.array(z.strictObject({ after: Duration, hostname: z.string() })).optional(),
  leftCluster: z.boolean().optional(),
  kernelArgs: z.array(z.string()).optional(),
  extensions: z.array(Extension).optional(),
  faults: z.array(Fault).optional(),
  ...Surroundings,
  ...Uplink,
  ...Signs,
});
export type NodePart = z.infer<typeof NodePart>;

const Labels = z.record(z.string(), z.string());
export const ScenarioAlert = z.strictObject({
  labels: Labels.and(
    z.object({ alertname: z.string(), severity: z.enum(['info', 'warning', 'critical']), node: z.string() }),
  ),
  annotations: Labels.optional(),
});
export type ScenarioAlert = z.infer<typeof ScenarioAlert>;

/** Read by the tests, and by the panel for its headings; no node looks at it. */
export const Expect = z.strictObject({
  node: z.string().optional(),
  /** The finding on top. */
  finding: FindingCode,
  /** Findings that are to be there too, below it. */
  also: z.array(FindingCode).optional(),
  confidence: z.enum(['certain', 'likely', 'possible']).optional(),
  /** Actions that the remedy consists of. */
  offers: z.array(ActionName),
  /** Actions that nobody may get a button for, because they cannot help or make it worse. */
  refused: z.array(ActionName),
  /** Texts that a reader can get out of the node or its peers: log lines, events of services, fields of resources. */
  evidence: z.array(z.string().min(3)).optional(),
});
export type Expect = z.infer<typeof Expect>;

/** Which ones there are depends on `cluster`, so that is checked where all of a scenario is known. */
const NodeName = z.string().regex(/^(?:cp|w)-[1-9]\d?$/, 'expected the name of a node, such as "cp-1" or "w-2"');

export const ClusterPart = z.strictObject({
  controlPlanes: z.int().min(1).max(MAX_CONTROL_PLANES).optional(),
  workers: z.int().min(0).max(MAX_WORKERS).optional(),
});

const Party = z
  .string()
  .regex(/^(?:medic|discovery|all|(?:cp|w)-[1-9]\d?)$/, 'expected a node, "all", "medic" or "discovery"');

/** Who does not reach whom, on all ports or on one: apid's 50000, 2380 between members of etcd, KubeSpan's 51820. */
export const NetworkPart = z.strictObject({
  cuts: z.array(
    z.strictObject({
      between: z
        .tuple([Party, Party])
        .refine(([one, other]) => one !== other || one === 'all', 'expected two parties that differ'),
      port: z.literal([50_000, 2_380, 51_820]).optional(),
    }),
  ),
});
export type NetworkPart = z.infer<typeof NetworkPart>;

export const ScenarioFile = z.strictObject({
  summary: z.string(),
  extends: z
    .string()
    .regex(/^\w[\w.-]*$/, 'expected the name of a scenario, without folder and ending')
    .optional(),
  version: TalosVersion.optional(),
  bootedAgo: Duration.optional(),
  cluster: ClusterPart.optional(),
  nodes: z.record(NodeName, NodePart).optional(),
  network: NetworkPart.optional(),
  schematics: Schematics.optional(),
  /** Of Medic's own client certificates. */
  talosconfig: z.enum(['valid', 'expired']).optional(),
  alerts: z.array(ScenarioAlert),
  expect: Expect,
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
  readonly schematics: Schematics;
  readonly talosconfig: 'valid' | 'expired';
  readonly alerts: readonly ScenarioAlert[];
  readonly expect: Expect;
};
