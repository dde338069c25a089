import * as z from 'zod';
import { ActionName, Parameters } from '../approvals/action-name.ts';
import { Plan } from '../approvals/plan.ts';
import { STAGES } from '../playbooks/stage.ts';
import { Actor } from './actor.ts';
import { PatrolReport } from './patrol-report.ts';

/**
 * Every fact of an incident. The canonical JSON of an event is its audit record, so leaves are strings and integers
 * only, and a type never changes its meaning: new facts get new types.
 */
const GateAnswer = z.object({
  gate: z.string(),
  answer: z.enum(['allowed', 'refused', 'deferred']),
  because: z.string(),
  facts: z.array(z.string()),
});
export const Offer = z.object({
  /** As `offerId` of lib/approvals/action-name.ts makes it. */
  id: z.string(),
  action: ActionName,
  parameters: Parameters,
  about: z.string(),
  answer: z.enum(['allowed', 'refused', 'deferred']),
  gates: z.array(GateAnswer),
});
export type Offer = z.infer<typeof Offer>;

export const StoredFinding = z.object({
  code: z.string(),
  /** Whose finding it is, and at which stage it was in this cluster then; absent in records of before these were kept. */
  playbook: z.string().optional(),
  stage: z.enum(STAGES).optional(),
  severity: z.enum(['critical', 'warning', 'info']),
  confidence: z.enum(['certain', 'likely', 'possible']),
  summary: z.string(),
  evidence: z.array(z.object({ reading: z.string(), says: z.string() })),
  suggests: z.array(z.string()),
  parameters: z.record(z.string(), Parameters).optional(),
  rulesOut: z.array(z.object({ code: z.string(), because: z.string() })),
  advice: z.string(),
});
export type StoredFinding = z.infer<typeof StoredFinding>;

export const Check = z.object({ name: z.string(), answer: z.enum(['yes', 'no', 'unknown']), says: z.string() });
export type Check = z.infer<typeof Check>;

const planRef = { planId: z.string() };
const data = {
  incident_opened: z.object({ id: z.string(), subject: z.enum(['node', 'unresolved', 'cluster']) }),
  alert_fired: z.object({
    alertname: z.string(),
    fingerprint: z.string(),
    startsAt: z.string(),
    severity: z.string(),
    summary: z.string(),
    receiver: z.string(),
    groupKey: z.string(),
    labels: z.record(z.string(), z.string()),
  }),
  alert_resolved: z.object({
    alertname: z.string(),
    fingerprint: z.string(),
    startsAt: z.string(),
    endsAt: z.string(),
  }),
  diagnosis_wanted: z.object({ because: z.string() }),
  diagnosis_started: z.object({ because: z.string() }),
  /** `health`: what Talos says of the node; `urgency`: second line of the card. `evidence`: hash of the stored blob. */
  diagnosis_finished: z.object({
    evidence: z.string(),
    digest: z.string(),
    boot: z.string(),
    reach: z.string(),
    stage: z.string(),
    version: z.string(),
    health: z.enum(['healthy', 'unhealthy', 'unknown']),
    urgency: z.string(),
    findings: z.array(StoredFinding),
    /** What playbooks at stage `observe` said: for the record alone. Absent in records of before this was kept. */
    observed: z.array(StoredFinding).optional(),
    offers: z.array(Offer),
    readings: z.array(z.object({ name: z.string(), source: z.string(), node: z.string(), answer: z.string() })),
    tookMs: z.int(),
  }),
  diagnosis_failed: z.object({ because: z.string() }),
  /** What a patrol says of the cluster, as far as it is this incident's. `report`: seq of the event in the cluster's stream. */
  patrol_reported: z.object({ report: z.int(), ...PatrolReport.shape }),
  plan_requested: z.object({
    ...planRef,
    action: ActionName,
    parameters: Parameters,
    about: z.string(),
    identity: z.enum(['operator', 'admin']),
    externalId: z.string(),
    /** The plan that it is to follow, unchanged but for its time. */
    renews: z.string().optional(),
  }),
  /** The lease is taken for the length of a dry run, because one cancels a pending TRY of somebody else. */
  dry_run_started: z.object({ ...planRef, holder: z.string() }),
  plan_ready: z.object({ ...planRef, plan: Plan, hash: z.string() }),
  plan_refused: z.object({ ...planRef, because: z.string(), gates: z.array(GateAnswer) }),
  plan_submitted: z.object({ ...planRef, reason: z.string() }),
  /** The people who can approve, as user ids, are mentioned in the thread: the first or the second time. */
  approvers_called: z.object({ ...planRef, call: z.int(), users: z.array(z.string()), leftS: z.int() }),
  approval_given: z.object({ ...planRef, count: z.int(), needed: z.int() }),
  /** Fewer people than usual said yes, by policy. `startsAt`: not before this time; '' for at once. */
  self_approved: z.object({ ...planRef, startsAt: z.string() }),
  plan_approved: z.object({ ...planRef }),
  plan_denied: z.object({ ...planRef, reason: z.string() }),
  plan_expired: z.object({ ...planRef }),
  plan_voided: z.object({ ...planRef, because: z.string() }),
  execution_started: z.object({ ...planRef, holder: z.string() }),
  step_intended: z.object({ ...planRef, n: z.int(), method: z.string(), attempt: z.int(), deadlineAt: z.string() }),
  step_probed: z.object({
    ...planRef,
    n: z.int(),
    answer: z.enum(['arrived', 'not_arrived', 'unknown']),
    because: z.string(),
  }),
  step_finished: z.object({
    ...planRef,
    n: z.int(),
    outcome: z.enum(['done', 'refused', 'unknown']),
    because: z.string(),
    result: z.string().optional(),
  }),
  progress_seen: z.object({ ...planRef, says: z.string() }),
  verification_started: z.object({ ...planRef, deadlineAt: z.string(), nextLookAt: z.string() }),
  verification_looked: z.object({ ...planRef, checks: z.array(Check), nextLookAt: z.string() }),
  verdict_reached: z.object({
    ...planRef,
    verdict: z.enum(['verified', 'unverified', 'refused', 'failed']),
    because: z.string(),
    checks: z.array(Check),
  }),
  lease_released: z.object({ ...planRef }),
  /** Somebody was told no. Changes nothing else. */
  person_refused: z.object({ what: z.string(), because: z.string(), planId: z.string() }),
  incident_closed: z.object({ because: z.string() }),
  incident_reopened: z.object({ because: z.string() }),
  /** Slack effects: they never move the card. */
  card_intended: z.object({ channel: z.string() }),
  card_posted: z.object({ channel: z.string(), ts: z.string(), seq: z.int() }),
  card_updated: z.object({ seq: z.int() }),
  thread_posted: z.object({ seq: z.int(), ts: z.string() }),
  modal_updated: z.object({ ...planRef, shows: z.string() }),
} as const;

export type EventType = keyof typeof data;
export type EventData<T extends EventType> = z.infer<(typeof data)[T]>;

/** What a decision wants to happen; the ledger adds seq and time. */
export type NewEvent = {
  [T in EventType]: {
    readonly type: T;
    readonly actor: Actor;
    readonly cluster: string;
    readonly node: string;
    readonly data: EventData<T>;
    readonly planHash?: string;
    readonly talosActorId?: string;
  };
}[EventType];
export type IncidentEvent = NewEvent & { readonly seq: number; readonly at: string };

const envelope = {
  seq: z.int(),
  at: z.string(),
  actor: Actor,
  cluster: z.string(),
  node: z.string(),
  planHash: z.string().optional(),
  talosActorId: z.string().optional(),
};
const variants = [
  z.object({ ...envelope, type: z.literal('incident_opened'), data: data.incident_opened }),
  z.object({ ...envelope, type: z.literal('alert_fired'), data: data.alert_fired }),
  z.object({ ...envelope, type: z.literal('alert_resolved'), data: data.alert_resolved }),
  z.object({ ...envelope, type: z.literal('diagnosis_wanted'), data: data.diagnosis_wanted }),
  z.object({ ...envelope, type: z.literal('diagnosis_started'), data: data.diagnosis_started }),
  z.object({ ...envelope, type: z.literal('diagnosis_finished'), data: data.diagnosis_finished }),
  z.object({ ...envelope, type: z.literal('diagnosis_failed'), data: data.diagnosis_failed }),
  z.object({ ...envelope, type: z.literal('patrol_reported'), data: data.patrol_reported }),
  z.object({ ...envelope, type: z.literal('plan_requested'), data: data.plan_requested }),
  z.object({ ...envelope, type: z.literal('dry_run_started'), data: data.dry_run_started }),
  z.object({ ...envelope, type: z.literal('plan_ready'), data: data.plan_ready }),
  z.object({ ...envelope, type: z.literal('plan_refused'), data: data.plan_refused }),
  z.object({ ...envelope, type: z.literal('plan_submitted'), data: data.plan_submitted }),
  z.object({ ...envelope, type: z.literal('approvers_called'), data: data.approvers_called }),
  z.object({ ...envelope, type: z.literal('approval_given'), data: data.approval_given }),
  z.object({ ...envelope, type: z.literal('self_approved'), data: data.self_approved }),
  z.object({ ...envelope, type: z.literal('plan_approved'), data: data.plan_approved }),
  z.object({ ...envelope, type: z.literal('plan_denied'), data: data.plan_denied }),
  z.object({ ...envelope, type: z.literal('plan_expired'), data: data.plan_expired }),
  z.object({ ...envelope, type: z.literal('plan_voided'), data: data.plan_voided }),
  z.object({ ...envelope, type: z.literal('execution_started'), data: data.execution_started }),
  z.object({ ...envelope, type: z.literal('step_intended'), data: data.step_intended }),
  z.object({ ...envelope, type: z.literal('step_probed'), data: data.step_probed }),
  z.object({ ...envelope, type: z.literal('step_finished'), data: data.step_finished }),
  z.object({ ...envelope, type: z.literal('progress_seen'), data: data.progress_seen }),
  z.object({ ...envelope, type: z.literal('verification_started'), data: data.verification_started }),
  z.object({ ...envelope, type: z.literal('verification_looked'), data: data.verification_looked }),
  z.object({ ...envelope, type: z.literal('verdict_reached'), data: data.verdict_reached }),
  z.object({ ...envelope, type: z.literal('lease_released'), data: data.lease_released }),
  z.object({ ...envelope, type: z.literal('person_refused'), data: data.person_refused }),
  z.object({ ...envelope, type: z.literal('incident_closed'), data: data.incident_closed }),
  z.object({ ...envelope, type: z.literal('incident_reopened'), data: data.incident_reopened }),
  z.object({ ...envelope, type: z.literal('card_intended'), data: data.card_intended }),
  z.object({ ...envelope, type: z.literal('card_posted'), data: data.card_posted }),
  z.object({ ...envelope, type: z.literal('card_updated'), data: data.card_updated }),
  z.object({ ...envelope, type: z.literal('thread_posted'), data: data.thread_posted }),
  z.object({ ...envelope, type: z.literal('modal_updated'), data: data.modal_updated }),
] as const;
/** The parser of stored events. */
export const IncidentEventSchema = z.discriminatedUnion('type', variants);

/** Effects on Slack, reads and refusals leave the card as it is, so that `notify` does not chase itself. */
const QUIET: ReadonlySet<EventType> = new Set<EventType>([
  'card_intended',
  'card_posted',
  'card_updated',
  'thread_posted',
  'modal_updated',
  'person_refused',
  'diagnosis_wanted',
  'dry_run_started',
  'lease_released',
  'approvers_called',
]);
export const movesCard = (type: EventType): boolean => !QUIET.has(type);
