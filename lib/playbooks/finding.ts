import type { ActionName, Parameters } from '../approvals/action-name.ts';
import type { Evidence, Readings } from '../evidence/evidence.ts';
import type { InventoryEntry } from '../inventory/entry.ts';

export type Severity = 'critical' | 'warning' | 'info';
export type Confidence = 'certain' | 'likely' | 'possible';

/** One claim of a playbook about a node. `code` is snake_case and stable: it is stored, shown and searched. */
export type Finding = {
  readonly code: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** One sentence: what is wrong, with names and numbers. First line of the card. */
  readonly summary: string;
  /** The most telling first: the card shows two. `reading` names the reading, `says` what it says, as plain text. */
  readonly evidence: readonly Citation[];
  readonly suggests: readonly ActionName[];
  /** What a suggested action is to do here (lib/actions/parameters.ts). Without what it needs there is no button. */
  readonly parameters?: { readonly [A in ActionName]?: Parameters };
  /** It says why the node is not as it should be. Where no finding does, `unknown_cause` stands beside them. */
  readonly explains?: true;
  /** Look-alikes that were checked and why they are not it. */
  readonly rulesOut: readonly { readonly code: string; readonly because: string }[];
  /** What a person does when no button can: one sentence. */
  readonly advice?: string;
  /** The change of the machine config that it takes, as a patch of one line (YAML). owner.ts moves it into the advice. */
  readonly patch?: string;
};

/** A finding, and the playbook that it is of. */
export type Said = Finding & { readonly playbook: string };

export type Citation = { readonly reading: keyof Readings | 'reach' | 'peers' | 'inventory'; readonly says: string };

/** A call that was made, or may have been; `node`: inventory name, `by`: who asked for it. */
export type Order = { readonly node: string; readonly action: ActionName; readonly at: string; readonly by: string };

/** What playbooks may know besides the evidence. */
export type Facts = {
  /** undefined: a node that was never seen healthy. */
  readonly inventory: InventoryEntry | undefined;
  /** What Medic itself did, as its own records have it, newest first. What others order leaves no trace after a boot. */
  readonly ordered: readonly Order[];
};

/** A pure function: evidence in, findings out; no clock, no network. */
export type Playbook = {
  readonly name: string;
  readonly diagnose: (evidence: Evidence, facts: Facts) => readonly Finding[];
};
