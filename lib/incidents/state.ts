import type { ActionName, Parameters } from '../approvals/action-name.ts';
import type { Check, EventData, IncidentEvent, Offer, StoredFinding } from './event.ts';

/** What the steps need of one incident, folded from its events and kept in the stream's head. */
export type IncidentState = {
  readonly id: string;
  readonly cluster: string;
  readonly node: string;
  readonly subject: 'node' | 'unresolved' | 'cluster';
  readonly status: IncidentStatus;
  readonly openedAt: string;
  readonly closedAt: string | undefined;
  readonly closedBecause: string | undefined;
  readonly seq: number;
  /** Seq of the last event that the card must show; the card is behind while `card.seq` is below it. */
  readonly cardSeq: number;
  readonly alerts: readonly AlertState[];
  /** Why a diagnosis is due; undefined: none is. */
  readonly diagnosisWanted: string | undefined;
  readonly diagnosis: Diagnosis | undefined;
  readonly diagnosisFailures: number;
  /** What the last patrol said; incidents of a cluster only. `gone`: all that this incident told and that is no more. */
  readonly patrol?: EventData<'patrol_reported'> & { readonly at: string };
  /** When the last diagnosis ended, however it did; absent in heads of before this was kept. */
  readonly lookedAt?: string;
  /** Diagnoses since every alert is resolved. */
  readonly looksSinceResolved?: number;
  /** By id, oldest first. */
  readonly plans: Readonly<Record<string, PlanState>>;
  readonly card: { readonly channel: string; readonly ts: string; readonly seq: number } | undefined;
  /** A post may have been sent: look for it by metadata before posting again. */
  readonly cardIntended: { readonly channel: string; readonly at: string } | undefined;
  /** Milestones for the thread, oldest first, that were not posted yet. */
  readonly threadDue: readonly { readonly seq: number; readonly text: string; readonly mentions?: readonly string[] }[];
};

/** Where an incident stands; table.ts says which event leads where. */
export type IncidentStatus = 'open' | 'diagnosing' | 'diagnosed' | 'acting' | 'closed';

export type AlertState = {
  readonly alertname: string;
  readonly fingerprint: string;
  readonly startsAt: string;
  readonly severity: string;
  readonly summary: string;
  readonly status: 'firing' | 'resolved';
};

export type Diagnosis = Omit<EventData<'diagnosis_finished'>, 'offers' | 'findings'> & {
  readonly findings: readonly StoredFinding[];
  readonly offers: readonly Offer[];
  readonly at: string;
};

export type PlanStatus =
  | 'preparing'
  | 'ready'
  | 'awaiting'
  | 'approved'
  | 'executing'
  | 'verifying'
  | 'verified'
  | 'unverified'
  | 'failed'
  | 'refused'
  | 'denied'
  | 'expired'
  | 'voided';

export type PlanState = {
  readonly id: string;
  readonly action: ActionName;
  readonly parameters: Parameters;
  readonly about: string;
  readonly identity: 'operator' | 'admin';
  readonly status: PlanStatus;
  readonly requestedAt: string;
  readonly requestedBy: { readonly id: string; readonly name: string };
  readonly externalId: string;
  /** The plan that it is to follow, unchanged but for its time. */
  readonly renews?: string;
  /** What the requester's modal shows: `preparing`, or the status that it was last updated for. */
  readonly modalShows: string;
  readonly hash: string;
  readonly digest: string;
  readonly boot: string;
  readonly risk: string;
  readonly expiresAt: string;
  readonly approvalsNeeded: number;
  readonly approvals: readonly { readonly id: string; readonly name: string; readonly at: string }[];
  /** How often the people who can approve were called; absent before the first time. */
  readonly called?: number;
  /** Absent where as many people as usual said yes. `startsAt`: not before this time; '' for at once. */
  readonly selfApproved?: { readonly startsAt: string };
  readonly reason: string;
  /** Why it ended (refused, denied, voided, verdict), or the last thing that is known of it. */
  readonly because: string;
  readonly steps: readonly StepState[];
  /** Last thing that Talos said while it ran. */
  readonly progress: string;
  readonly startedAt: string | undefined;
  readonly verification:
    | {
        readonly startedAt: string;
        readonly deadlineAt: string;
        readonly nextLookAt: string;
        readonly looks: number;
        readonly checks: readonly Check[];
      }
    | undefined;
  readonly verdict: 'verified' | 'unverified' | 'refused' | 'failed' | undefined;
  readonly endedAt: string | undefined;
  readonly holdsLease: boolean;
};

export type StepState = {
  readonly n: number;
  readonly method: string;
  readonly status: 'pending' | 'intended' | 'done' | 'refused' | 'unknown';
  readonly attempt: number;
  readonly intendedAt: string | undefined;
  readonly deadlineAt: string | undefined;
  readonly talosActorId: string | undefined;
  readonly because: string;
  /** What it left for a later step; absent where it left nothing. */
  readonly result?: string;
};

/** A plan that is past approval and has no verdict: it owns the cluster. */
export const isActing = (plan: PlanState): boolean => plan.status === 'executing' || plan.status === 'verifying';

/** Plans that a click, an expiry or a change of the world can still end. */
export const isPending = (plan: PlanState): boolean =>
  plan.status === 'preparing' || plan.status === 'ready' || plan.status === 'awaiting' || plan.status === 'approved';

export const isOver = (plan: PlanState): boolean => !isActing(plan) && !isPending(plan);

/** Alertmanager has said of every alert that it is over. Talos may see that otherwise. */
export const isResolved = ({ alerts }: IncidentState): boolean =>
  alerts.length > 0 && alerts.every(({ status }) => status === 'resolved');

export type { IncidentEvent };
