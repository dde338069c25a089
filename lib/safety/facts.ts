import type { ActionTraits } from '../actions/action.ts';
import type { StoredConfigInfo } from '../actions/stored-config.ts';
import type { ActionName } from '../approvals/action-name.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { InventoryEntry, NodeRole } from '../inventory/entry.ts';
import type { Stage } from '../playbooks/stage.ts';
import type { Limits } from './limits.ts';

/** What is on record, without asking any node. Who approves has no more than this. */
export type RecordFacts = {
  readonly action: ActionTraits;
  readonly now: string;
  readonly limits: Limits;
  /** How far the playbooks may go that suggest the action, and who they are. */
  readonly playbookStage: Stage;
  readonly suggestedBy: readonly string[];
  readonly lease: LeaseFact;
  /** A call of the plan was sent: what guards beginnings would now leave the node half done. */
  readonly hasBegun: boolean;
  /** `no`: no database was asked (medic diagnose). */
  readonly record: { readonly known: 'no' } | ({ readonly known: 'yes' } & KnownRecord);
};

export type KnownRecord = {
  readonly freeze: Freeze | undefined;
  readonly storm: StormFact;
  /** Of this node, in any order; those of the plan that is asked about are left out. */
  readonly past: readonly PastAction[];
  /** Every other node of the cluster, by inventory. */
  readonly others: readonly OtherNode[];
  /** Since when every look at the node found it silent; undefined: the last one did not. */
  readonly silentSince: string | undefined;
};

/** Everything that gates may ask about. Whoever runs them says what is not known, and unknown never allows. */
export type GateFacts = RecordFacts & {
  readonly evidence: Evidence;
  readonly entry: InventoryEntry | undefined;
  /** Evidence older than this is no ground to act on. */
  readonly freshForMs: number;
  readonly storedConfig:
    | { readonly known: 'yes'; readonly info: StoredConfigInfo | undefined }
    | { readonly known: 'no' };
  /** Does Medic hold the identity? `unknown`: the function that holds it will see. */
  readonly hasIdentity: 'yes' | 'no' | 'unknown';
  /** Control planes of the cluster, by inventory. */
  readonly controlPlanes: number;
  /** The frozen plan that is to be carried out, and the evidence digest of now. undefined: there is none yet. */
  readonly planned: PlannedFact | undefined;
};

export type PlannedFact = {
  readonly cluster: string;
  readonly node: string;
  readonly role: NodeRole;
  /** undefined: a step before this one reboots. */
  readonly boot: string | undefined;
  readonly digest: string;
  readonly digestNow: string;
  /** Ids that Talos gave to the calls of this plan. */
  readonly actorIds: readonly string[];
};

/**
 * `unknown`: no database was asked. `stale`: nobody works on it any more, and what became of it is not known; it is not
 * freed by time, but by finding out, or by a person.
 */
export type LeaseFact =
  | { readonly state: 'free' }
  | { readonly state: 'unknown' }
  | { readonly state: 'ours' }
  | { readonly state: 'held'; readonly by: string; readonly node: string; readonly isDryRun: boolean }
  | { readonly state: 'stale'; readonly by: string; readonly node: string; readonly since: string };

export type Freeze = { readonly by: string; readonly reason: string; readonly at: string };

/** `until`: when it is over, if nothing else happens. */
export type StormFact =
  | { readonly state: 'none' }
  | { readonly state: 'active' | 'cooling'; readonly until: string; readonly nodes: readonly string[] };

/** A plan that sent a call; `at`: when it was about to send the first one. */
export type PastAction = { readonly action: ActionName; readonly at: string };

export type OtherNode = {
  readonly name: string;
  readonly role: NodeRole;
  readonly version: string | undefined;
  /** What Talos said last, where an incident of the node is open. */
  readonly incident: 'none' | 'healthy' | 'unhealthy' | 'unknown';
};
