import * as z from 'zod';

/** One simulated node as the panel shows it. Everything but the name may be missing while a node is off or booting. */
export type PanelNode = {
  readonly name: string;
  readonly role: string;
  readonly address: string;
  readonly stage: string;
  readonly version: string;
  /** Under which it runs; empty: none yet. */
  readonly hostname: string;
  readonly services: readonly { readonly id: string; readonly state: string }[];
  /** Its member, as etcd lists it. */
  readonly etcd: { readonly name: string; readonly role: string; readonly alarms: readonly string[] } | undefined;
  /** Faults of its port and its API that a scenario or somebody has set. */
  readonly faults: readonly string[];
  /** Newest last. */
  readonly lastActions: readonly { readonly at: string; readonly method: string; readonly outcome: string }[];
};

const Text = z.string().catch('').default('');
const listOf = <T extends z.ZodType>(entry: T) => z.array(entry).catch([]).default([]);
const Node = z.object({
  name: z.string(),
  role: Text,
  address: Text,
  stage: Text,
  version: Text,
  hostname: Text,
  services: listOf(z.object({ id: z.string(), state: Text })),
  etcd: z
    .object({ name: Text, role: Text, alarms: listOf(z.string()) })
    .optional()
    .catch(undefined),
  faults: listOf(z.string()),
  lastActions: listOf(z.object({ at: Text, method: Text, outcome: Text })),
});
const Cut = z.object({ between: z.tuple([z.string(), z.string()]), port: z.int().optional() });
const Factory = z.object({ fault: z.object({ fault: z.string(), of: z.string().optional() }).optional() });
const WorldState = z.object({
  scenario: Text,
  cuts: listOf(Cut),
  factory: Factory.catch({}).default({}),
  nodes: z.array(Node),
});

/** What the panel shows of the cluster now. */
export type PanelWorld = {
  /** Name of the scenario that is loaded; empty: none. */
  readonly current: string;
  /** Who does not reach whom. */
  readonly cuts: readonly string[];
  /** What is wrong with the Image Factory that the nodes pull from. */
  readonly factoryFault?: string;
  /** Empty: the simulated cluster does not answer. */
  readonly nodes: readonly PanelNode[];
};

/**
 * Reads the answer of the simulator's `GET /state`. The page is only for looking, so a field in an unknown form is
 * left out; an answer without nodes is undefined.
 */
export function readWorldState(answer: unknown): PanelWorld | undefined {
  const parsed = WorldState.safeParse(answer);
  if (!parsed.success) return undefined;
  const { scenario, cuts, factory, nodes } = parsed.data;
  const { fault, of } = factory.fault ?? {};
  return {
    current: scenario,
    cuts: cuts.map(
      ({ between: [one, other], port }) => `${one} and ${other}${port === undefined ? '' : `, port ${port}`}`,
    ),
    ...(fault === undefined ? {} : { factoryFault: of === undefined ? fault : `${fault} (${of})` }),
    nodes: nodes.map((node) => ({ ...node, etcd: node.etcd })),
  };
}
