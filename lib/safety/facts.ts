import type { ActionTraits } from '../actions/action.ts';
import type { StoredConfigInfo } from '../actions/stored-config.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import type { Stage } from '../playbooks/stage.ts';

/** Everything that gates may ask about. Whoever runs them says what is not known, and unknown never allows. */
export type GateFacts = {
  readonly action: ActionTraits;
  readonly evidence: Evidence;
  readonly entry: InventoryEntry | undefined;
  readonly now: string;
  /** Evidence older than this is no ground to act on. */
  readonly freshForMs: number;
  readonly lease: LeaseFact;
  readonly storedConfig:
    | { readonly known: 'yes'; readonly info: StoredConfigInfo | undefined }
    | { readonly known: 'no' };
  /** Does Medic hold the identity? `unknown`: the function that holds it will see. */
  readonly hasIdentity: 'yes' | 'no' | 'unknown';
  /** How far the playbooks may go that suggest the action, and who they are. */
  readonly playbookStage: Stage;
  readonly suggestedBy: readonly string[];
  /** Control planes of the cluster, by inventory. */
  readonly controlPlanes: number;
};

/** `unknown`: no database was asked (medic diagnose). */
export type LeaseFact =
  | { readonly state: 'free' }
  | { readonly state: 'unknown' }
  | { readonly state: 'ours' }
  | { readonly state: 'held'; readonly by: string; readonly node: string; readonly isDryRun: boolean };
