import * as z from 'zod';

/** One simulated node as the panel shows it. Everything but the name may be missing while a node is off or booting. */
export type PanelNode = {
  readonly name: string;
  readonly role: string;
  readonly address: string;
  readonly stage: string;
  readonly version: string;
  readonly services: readonly { readonly id: string; readonly state: string }[];
  readonly etcdName: string;
  /** Newest last, one line each. */
  readonly lastActions: readonly string[];
};

const Text = z.string().catch('').default('');
const Services = z
  .union([
    z.array(z.object({ id: z.string(), state: Text })),
    z
      .record(z.string(), z.union([z.string(), z.object({ state: Text })]))
      .transform((byId) =>
        Object.entries(byId).map(([id, it]) => ({ id, state: typeof it === 'string' ? it : it.state })),
      ),
  ])
  .catch([])
  .default([]);
const LastAction = z.union([
  z.string(),
  z
    .object({ at: Text, method: Text, outcome: Text })
    .transform(({ at, method, outcome }) => [at.slice(11, 19), method, outcome].filter(Boolean).join(' ')),
]);
const Node = z.object({
  name: z.string(),
  role: Text,
  address: Text,
  power: Text,
  stage: Text,
  version: Text,
  services: Services,
  etcdName: Text,
  lastActions: z.array(LastAction).catch([]).default([]),
});
const WorldState = z.object({
  scenario: Text,
  nodes: z.union([
    z.array(Node),
    z.record(z.string(), z.looseObject({})).transform((byName, context) => {
      const parsed = z.array(Node).safeParse(Object.entries(byName).map(([name, node]) => ({ ...node, name })));
      if (parsed.success) return parsed.data;
      context.addIssue('nodes in an unknown form');
      return z.NEVER;
    }),
  ]),
});

/**
 * Reads the answer of the simulator's `GET /state`. The page is only for looking, so a field in an unknown form is
 * left out; an answer without nodes is undefined.
 */
export function readWorldState(
  answer: unknown,
): { readonly current: string; readonly nodes: readonly PanelNode[] } | undefined {
  const parsed = WorldState.safeParse(answer);
  if (!parsed.success) return undefined;
  return {
    current: parsed.data.scenario,
    nodes: parsed.data.nodes.map(({ power, stage, ...node }) => ({ ...node, stage: power === 'off' ? 'off' : stage })),
  };
}
