import type { ActionTraits } from '../actions/action.ts';
import { actionJudges } from '../actions/registry.ts';
import { newestOf, type StoredConfigIndex, type StoredConfigInfo } from '../actions/stored-config.ts';
import { actionTraits } from '../actions/traits.ts';
import { type ActionName, offerId, type Parameters } from '../approvals/action-name.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Offer } from '../incidents/event.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { observedIdentity } from '../inventory/identity.ts';
import type { Finding, Order } from '../playbooks/finding.ts';
import type { GateFacts } from '../safety/facts.ts';
import { overall, runGates } from '../safety/gates.ts';
import type { TalosReader } from '../talos/talos.ts';
import type { Deps } from './deps.ts';
import { type Found, find, type HowToFind } from './find.ts';
import { healthOf } from './health.ts';
import { peersOf, readInventory, targetOf } from './inventory.ts';
import { ordersFor } from './ordered.ts';
import { recordFacts } from './record-facts.ts';
import type { Standing } from './standing.ts';

export type Looking = Pick<Deps, 'config' | 'items' | 'ledger' | 'now' | 'ownPlaybooks'> & {
  readonly talos: TalosReader;
  readonly configs: StoredConfigIndex;
  readonly holds: GateFacts['hasIdentity'] | ((identity: 'operator' | 'admin') => GateFacts['hasIdentity']);
};

/** What gates need beside the look itself. */
export type GateKnowledge = Pick<Looking, 'config' | 'now' | 'holds'>;

/** One look at a node: evidence, what the playbooks make of it, and what the gates need. */
export type Look = Found & {
  readonly evidence: Evidence;
  readonly entry: InventoryEntry;
  readonly entries: readonly InventoryEntry[];
  readonly storedConfig: StoredConfigInfo | undefined;
};

/** Offers and plans rest on evidence of this age at most; a step on much fresher one. */
export const OFFER_FRESH_MS = 5 * 60_000;
export const STEP_FRESH_MS = 60_000;

/** undefined: the inventory does not know the node, so nothing may be dialled. */
export async function lookAt(deps: Looking, cluster: string, node: string): Promise<Look | undefined> {
  const entries = await readInventory(deps, cluster);
  const entry = entries.find(({ name }) => name === node);
  return entry && look(deps, entries, entry, await ordersFor(deps, cluster, node));
}

/** The same with an inventory at hand. `ordered`: what Medic did to the node, newest first. */
export async function look(
  deps: HowToFind & Pick<Looking, 'talos' | 'configs'>,
  entries: readonly InventoryEntry[],
  entry: InventoryEntry,
  ordered: readonly Order[] = [],
): Promise<Look> {
  const [evidence, versions] = await Promise.all([
    deps.talos.collect(targetOf(entry), { peers: peersOf(entries, entry.name), mayEnterMaintenance: true }),
    deps.configs.list(entry.cluster, entry.name),
  ]);
  const found = await find(deps, evidence, { inventory: entry, ordered });
  const storedConfig = newestOf(versions, observedIdentity(evidence).uuid ?? entry.identity.uuid);
  return { ...found, evidence, entry, entries, storedConfig };
}

/** The plan whose turn it is, where there is one already. */
export type Planned = Pick<GateFacts, 'planned' | 'hasBegun'>;
const NOT_PLANNED: Planned = { planned: undefined, hasBegun: false };

type Asked = { readonly action: ActionName; readonly parameters: Parameters };

/** `asked`: what is offered or planned; `traits`: of the action, or of what is left of it. */
export function gateFacts(
  deps: GateKnowledge,
  look: Look,
  asked: Asked,
  traits: ActionTraits,
  standing: Standing,
  freshForMs: number,
  { planned, hasBegun }: Planned = NOT_PLANNED,
): GateFacts {
  const { holds } = deps;
  const { evidence, findings, entry, entries } = look;
  const now = deps.now().toISOString();
  const health = healthOf(evidence, findings);
  const suggestedBy = suggesting(findings, asked).map(({ playbook }) => playbook);
  return {
    ...recordFacts(deps, { entry, entries, health, suggestedBy }, traits, standing),
    now,
    hasBegun,
    planned,
    evidence,
    entry,
    freshForMs,
    storedConfig: { known: 'yes', info: look.storedConfig },
    hasIdentity: typeof holds === 'function' ? holds(traits.identity) : holds,
    controlPlanes: entries.filter(({ role }) => role === 'controlplane').length,
  };
}

type Suggests = {
  readonly suggests: readonly string[];
  readonly parameters?: Readonly<Record<string, Parameters>> | undefined;
};

/** Findings, stored ones too, that suggest exactly this: the action with these parameters. */
export const suggesting = <T extends Suggests>(findings: readonly T[], { action, parameters }: Asked): readonly T[] => {
  const id = offerId(action, parameters);
  return findings.filter(
    ({ suggests, parameters: given }) => suggests.includes(action) && offerId(action, given?.[action] ?? {}) === id,
  );
};

type Suggested = Asked & { readonly id: string };

/** What the findings suggest, each once: the same action with other parameters is another offer. */
export function suggestedBy(findings: readonly Finding[]): readonly Suggested[] {
  const all = findings.flatMap(({ suggests, parameters: given }) =>
    suggests.map((action) => {
      const parameters = given?.[action] ?? {};
      return { id: offerId(action, parameters), action, parameters };
    }),
  );
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

/** Every action that a finding suggests, with every gate's answer: refused ones are shown with their reason. */
export function offersFor(deps: GateKnowledge, look: Look, standing: Standing): readonly Offer[] {
  return suggestedBy(look.findings).flatMap(({ id, action, parameters }) => {
    const about = actionJudges[action].about(parameters);
    if (!about.ok) return []; // the advice says what a person does
    const answers = runGates(
      gateFacts(deps, look, { action, parameters }, actionTraits[action], standing, OFFER_FRESH_MS),
    );
    const gates = answers.map((gate) => ({ ...gate, facts: [...gate.facts] }));
    return [{ id, action, parameters, about: about.value, answer: overall(answers), gates }];
  });
}
