import type { EventType } from './event.ts';
import type { IncidentStatus, PlanStatus } from './state.ts';

/**
 * The one table: which event may happen in which state, and where it leads. An event that is not in a row is refused
 * there. Events that no row of `incident` names (Slack effects, refusals of people) change no state.
 */
export const incidentTable: Readonly<Record<IncidentStatus, Partial<Record<EventType, IncidentStatus>>>> = {
  open: {
    alert_fired: 'open',
    alert_resolved: 'open',
    diagnosis_wanted: 'open',
    diagnosis_started: 'diagnosing',
    execution_started: 'acting',
    patrol_reported: 'diagnosed',
    incident_closed: 'closed',
  },
  diagnosing: {
    alert_fired: 'diagnosing',
    alert_resolved: 'diagnosing',
    diagnosis_wanted: 'diagnosing',
    diagnosis_started: 'diagnosing',
    diagnosis_finished: 'diagnosed',
    diagnosis_failed: 'open',
    execution_started: 'acting',
  },
  diagnosed: {
    alert_fired: 'diagnosed',
    alert_resolved: 'diagnosed',
    diagnosis_wanted: 'diagnosed',
    diagnosis_started: 'diagnosing',
    execution_started: 'acting',
    patrol_reported: 'diagnosed',
    incident_closed: 'closed',
  },
  acting: {
    alert_fired: 'acting',
    alert_resolved: 'acting',
    diagnosis_wanted: 'acting',
    verdict_reached: 'diagnosed',
  },
  closed: { incident_reopened: 'open', alert_resolved: 'closed' },
};

export const planTable: Readonly<Record<PlanStatus, Partial<Record<EventType, PlanStatus>>>> = {
  preparing: {
    dry_run_started: 'preparing',
    plan_ready: 'ready',
    plan_refused: 'refused',
    plan_expired: 'expired',
    plan_voided: 'voided',
  },
  ready: {
    plan_submitted: 'awaiting',
    plan_denied: 'denied',
    plan_expired: 'expired',
    plan_voided: 'voided',
  },
  awaiting: {
    approval_given: 'awaiting',
    approvers_called: 'awaiting',
    self_approved: 'awaiting',
    plan_approved: 'approved',
    plan_denied: 'denied',
    plan_expired: 'expired',
    plan_voided: 'voided',
  },
  approved: { execution_started: 'executing', plan_expired: 'expired', plan_voided: 'voided' },
  executing: {
    step_intended: 'executing',
    step_probed: 'executing',
    step_finished: 'executing',
    progress_seen: 'executing',
    verification_started: 'verifying',
    verdict_reached: 'failed',
  },
  verifying: { verification_looked: 'verifying', progress_seen: 'verifying', verdict_reached: 'verified' },
  verified: { lease_released: 'verified' },
  unverified: { lease_released: 'unverified' },
  failed: { lease_released: 'failed' },
  refused: { lease_released: 'refused' },
  denied: { lease_released: 'denied' },
  expired: { lease_released: 'expired' },
  voided: { lease_released: 'voided' },
};

export const incidentAllows = (status: IncidentStatus, type: EventType): boolean =>
  incidentTable[status][type] !== undefined;
