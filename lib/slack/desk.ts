import type { FrozenPlan } from '../approvals/plan.ts';
import type { IncidentState } from '../incidents/state.ts';

/** Who clicked, as the signed request says. Names and rights are looked up, never taken from it. */
export type Clicker = { readonly userId: string; readonly teamId: string };

/** No, in one sentence that says why and who can. Shown to the one person, recorded by whoever decided. */
export type DeskRefusal = { readonly because: string };
export type DeskAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: DeskRefusal };

/** What a person may type about a whole cluster. */
export type ClusterCommand = 'freeze' | 'unfreeze' | 'takeover';

/** What Slack's listeners ask of lib/flow: each one decision in the table, made and stored before it returns. */
export interface Desk {
  /** Click on an offer, by its id. The plan job goes on by itself; a repeated click gets the same plan. */
  requestPlan(incidentId: string, offered: string, clicker: Clicker): Promise<DeskAnswer<PlanToPrepare>>;
  /** Opens the frozen plan again, for its requester or for an approver. */
  review(incidentId: string, planId: string, clicker: Clicker): Promise<DeskAnswer<PlanToReview>>;
  /** The requester's confirmation; counts as the first approval. `field` names the input that is wrong. */
  submit(incidentId: string, planId: string, clicker: Clicker, typed: Typed): Promise<DeskAnswer<void> | FieldError>;
  /** A further person's yes. */
  approve(incidentId: string, planId: string, clicker: Clicker, typed: Typed): Promise<DeskAnswer<void> | FieldError>;
  deny(incidentId: string, planId: string, clicker: Clicker, reason: string): Promise<DeskAnswer<void>>;
  /** The same plan with new time. Who had said yes to it types nothing again; everybody has to say yes again. */
  renew(incidentId: string, planId: string, clicker: Clicker): Promise<DeskAnswer<PlanToPrepare>>;
  /** Stops an approved plan that waits before it starts. */
  cancelStart(incidentId: string, planId: string, clicker: Clicker): Promise<DeskAnswer<void>>;
  diagnoseAgain(incidentId: string, clicker: Clicker): Promise<DeskAnswer<void>>;
  /** Opens an incident of its own for a node that the card of its cluster names. */
  diagnoseNode(incidentId: string, node: string, clicker: Clicker): Promise<DeskAnswer<void>>;
  /** `/medic check`: looks over a cluster; an empty name means the only one. The answer comes to the channel by itself. */
  check(cluster: string, clicker: Clicker, channel: string): Promise<DeskAnswer<PatrolBegun>>;
  close(incidentId: string, clicker: Clicker, reason: string): Promise<DeskAnswer<void>>;
  /** `/medic freeze`, `unfreeze`, `takeover`: what has happened, for everybody in the channel. */
  command(name: ClusterCommand, cluster: string, clicker: Clicker, reason: string): Promise<DeskAnswer<string>>;
  /** For "Show evidence": anyone who can see the channel. */
  look(incidentId: string): Promise<IncidentState | undefined>;
}
export type PatrolBegun = { readonly cluster: string; readonly nodes: number };
export type PlanToPrepare = { readonly planId: string; readonly externalId: string; readonly state: IncidentState };
export type PlanToReview = {
  readonly state: IncidentState;
  readonly plan: FrozenPlan;
  /** `submit`: the requester still has to confirm. `approve`: a further person may. `read`: nothing to decide. */
  readonly may: 'submit' | 'approve' | 'read';
  readonly because: string;
  /** Who can approve it: one sentence, people as `<@U…>` (lib/approvals/policy.ts, `whoCan`). */
  readonly whoCan: string;
  /** A renewed plan: what it asks to be typed was typed for the one before. */
  readonly isTyped?: boolean;
};
export type Typed = { readonly nodeName: string; readonly reason: string; readonly consoleFingerprint: string };
export type FieldError = {
  readonly ok: false;
  readonly field: 'nodeName' | 'reason' | 'consoleFingerprint';
  readonly says: string;
};
