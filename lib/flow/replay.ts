import type { Evidence } from '../evidence/evidence.ts';
import type { IncidentState } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import type { Finding, Playbook } from '../playbooks/finding.ts';
import { allPlaybooks } from '../playbooks/registry.ts';
import type { Deps } from './deps.ts';
import { type Found, find, type HowToFind } from './find.ts';
import { readInventory } from './inventory.ts';
import { ordersOf } from './ordered.ts';

export type ReplayedFinding = Pick<Finding, 'code' | 'severity' | 'confidence' | 'summary'> & {
  /** Of a playbook at stage `observe`: recorded, not shown. */
  readonly isObserved: boolean;
};
/** One diagnosis of an incident: what was found then, and what would be found now. `seq`: of its event. */
export type Replayed = {
  readonly seq: number;
  readonly at: string;
  readonly node: string;
  readonly before: readonly ReplayedFinding[];
} & (
  | { readonly today: readonly ReplayedFinding[]; readonly isSame: boolean }
  /** Why it cannot be replayed. */
  | { readonly problem: string }
);

/**
 * Today's playbooks on the evidence that an incident stored, oldest diagnosis first; nothing where there is no such
 * incident. The inventory is the one of today without the boots that were seen later, so what the node has become since
 * may play a part.
 */
export async function* replay(
  deps: Pick<Deps, 'ledger' | 'items' | 'blobs'> & HowToFind,
  id: string,
  playbooks: readonly Playbook[] = allPlaybooks,
): AsyncIterable<Replayed> {
  let state: IncidentState | undefined;
  for await (const { body } of deps.ledger.events(incidentStream(id))) {
    const event = incidentKind.parseEvent(JSON.parse(body));
    state = incidentKind.fold(state, event);
    if (event.type !== 'diagnosis_finished') continue;
    const { seq, at, cluster, node, data } = event;
    const head = { seq, at, node, before: briefly(data.findings, data.observed ?? []) };
    const evidence = await readEvidence(deps, data.evidence);
    if (typeof evidence === 'string') {
      yield { ...head, problem: evidence };
      continue;
    }
    const entry = (await readInventory(deps, cluster)).find(({ name }) => name === node);
    const facts = { inventory: entry && asOf(entry, at), ordered: ordersOf(state) };
    yield { ...head, ...(await compared(head.before, () => find(deps, evidence, facts, playbooks))) };
  }
}

/** Evidence of an older release may lack what a playbook of today takes for granted. */
async function compared(before: readonly ReplayedFinding[], diagnose: () => Promise<Found>) {
  try {
    const { findings, observed } = await diagnose();
    const today = briefly(findings, observed);
    return { today, isSame: JSON.stringify(before) === JSON.stringify(today) };
  } catch (error) {
    return { problem: `today's playbooks cannot read its evidence: ${error instanceof Error ? error.message : error}` };
  }
}

type Any = Omit<ReplayedFinding, 'isObserved'>;
const brief = ({ code, severity, confidence, summary }: Any, isObserved: boolean): ReplayedFinding => {
  return { code, severity, confidence, summary, isObserved };
};
const briefly = (shown: readonly Any[], observed: readonly Any[]): readonly ReplayedFinding[] => [
  ...shown.map((finding) => brief(finding, false)),
  ...observed.map((finding) => brief(finding, true)),
];

/** Our own record: its hash is proven by whoever keeps it, its shape is that of the release that wrote it. */
async function readEvidence({ blobs }: Pick<Deps, 'blobs'>, hash: string): Promise<Evidence | string> {
  const bytes = await blobs.get(hash);
  if (bytes === undefined) return `the evidence ${hash} is not kept any more`;
  const evidence: Evidence = JSON.parse(Buffer.from(bytes).toString());
  return evidence;
}

function asOf(entry: InventoryEntry, at: string): InventoryEntry {
  const boots = entry.boots.filter(({ seenAt }) => seenAt < at);
  return { ...entry, boots };
}
