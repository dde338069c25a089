import type { Evidence, Readings } from '../evidence/evidence.ts';
import type { InventoryEntry } from '../inventory/entry.ts';

export type Severity = 'critical' | 'warning' | 'info';
export type Confidence = 'certain' | 'likely' | 'possible';

/** Names of actions, as lib/actions/registry.ts has them. */
export type ActionName = 'restore_config' | 'reboot';

/** What a remedy consists of. What is no action yet is said in the finding's advice and has no button. */
export type Remedy =
  | ActionName
  | 'restart_service'
  | 'apply_config'
  | 'upgrade'
  | 'rollback'
  | 'defragment_etcd'
  | 'disarm_etcd_alarm'
  | 'remove_etcd_member'
  | 'reset_ephemeral'
  | 'reset_state_and_ephemeral';

/** One claim of a playbook about a node. `code` is snake_case and stable: it is stored, shown and searched. */
export type Finding = {
  readonly code: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** One sentence: what is wrong, with names and numbers. First line of the card. */
  readonly summary: string;
  /** The most telling first: the card shows two. `reading` names the reading, `says` what it says, as plain text. */
  readonly evidence: readonly Citation[];
  readonly suggests: readonly Remedy[];
  /** It says why the node is not as it should be. Where no finding does, `unknown_cause` stands beside them. */
  readonly explains?: true;
  /** Look-alikes that were checked and why they are not it. */
  readonly rulesOut: readonly { readonly code: string; readonly because: string }[];
  /** What a person does when no button can: one sentence. */
  readonly advice?: string;
};

/** A finding, and the playbook that it is of. */
export type Said = Finding & { readonly playbook: string };

export type Citation = { readonly reading: keyof Readings | 'reach' | 'peers' | 'inventory'; readonly says: string };

/** What playbooks may know besides the evidence. */
export type Facts = {
  /** undefined: a node that was never seen healthy. */
  readonly inventory: InventoryEntry | undefined;
  /** Resets that are on record, newest first; `node`: inventory name. Nothing records them yet, so callers give none. */
  readonly knownResets: readonly { readonly node: string; readonly at: string; readonly by: string }[];
};

/** A pure function: evidence in, findings out; no clock, no network. */
export type Playbook = {
  readonly name: string;
  readonly diagnose: (evidence: Evidence, facts: Facts) => readonly Finding[];
};
