import type { Plan } from '../../lib/approvals/plan.ts';
import type { EventData, EventType } from '../../lib/incidents/event.ts';
import { IncidentEventSchema } from '../../lib/incidents/event.ts';
import type { IncidentEvent } from '../../lib/incidents/state.ts';

export const AT = '2026-03-01T12:00:00.000Z';
const oncall = { kind: 'person' as const, id: 'UONCALL', team: 'T1', name: 'oncall' };

export const planOf = (change: Partial<Plan> = {}): Plan => ({
  id: 'p1',
  incident: 'inc-1',
  cluster: 'test',
  node: 'cp-1',
  role: 'controlplane',
  address: '10.0.0.1',
  version: 'v1.13.2',
  action: 'restore_config',
  parameters: {},
  about: '',
  identity: 'admin',
  risk: 'R3',
  steps: [
    { n: 0, method: 'collect_evidence', request: { what: 'all' }, probe: 'Changes nothing.', deadlineMs: 1 },
    { n: 1, method: 'ApplyConfiguration', request: { mode: 'AUTO' }, probe: 'It leaves maintenance.', deadlineMs: 2 },
  ],
  proof: ['UUID and serial number agree'],
  boot: 'spki:abc',
  digest: 'digest-1',
  lastSequenceId: '',
  afterPlan: '',
  findings: ['state_not_found_in_time'],
  consequences: ['It boots.'],
  details: [{ label: 'SHA-256', text: 'aa' }],
  approvalsNeeded: 2,
  typedName: 'required',
  consoleFingerprint: '',
  createdAt: AT,
  expiresAt: '2026-03-01T12:30:00.000Z',
  ...change,
});

const planId = 'p1';
const gates = [{ gate: 'role', answer: 'allowed' as const, because: 'yes', facts: ['config'] }];
const checks = [{ name: 'Stage', answer: 'yes' as const, says: 'running' }];
/** One of each type, as it can happen to plan p1 of incident inc-1. */
export const samples: { readonly [T in EventType]: EventData<T> } = {
  incident_opened: { id: 'inc-1', subject: 'node' },
  alert_fired: {
    alertname: 'NodeDown',
    fingerprint: 'ab',
    startsAt: AT,
    severity: 'critical',
    summary: 'down',
    receiver: 'medic',
    groupKey: '{}',
    labels: { node: 'cp-1' },
  },
  alert_resolved: { alertname: 'NodeDown', fingerprint: 'ab', startsAt: AT, endsAt: AT },
  diagnosis_wanted: { because: 'oncall asked' },
  diagnosis_started: { because: 'NodeDown fired' },
  diagnosis_finished: {
    evidence: 'aa',
    digest: 'digest-1',
    boot: 'spki:abc',
    reach: 'maintenance',
    stage: 'maintenance',
    version: 'v1.13.2',
    health: 'unhealthy',
    urgency: 'can wait',
    findings: [
      {
        code: 'state_not_found_in_time',
        severity: 'critical',
        confidence: 'certain',
        summary: 'late',
        evidence: [{ reading: 'volumes', says: 'missing' }],
        suggests: ['restore_config'],
        rulesOut: [{ code: 'reset_on_purpose', because: 'no reset' }],
        advice: '',
      },
    ],
    offers: [{ id: 'restore_config', action: 'restore_config', parameters: {}, about: '', answer: 'allowed', gates }],
    readings: [{ name: 'volumes', source: 'COSI', node: '10.0.0.1', answer: 'answered' }],
    tookMs: 12,
  },
  patrol_reported: {
    report: 7,
    nodes: 6,
    readings: 280,
    tookMs: 1500,
    notReached: [{ node: 'w-9', because: 'w-9 did not answer' }],
    notLooked: [],
    groups: [
      {
        code: 'duplicate_extensions',
        severity: 'warning',
        confidence: 'certain',
        summary: 'The image of w-1 has the extension iscsi-tools twice (v0.1.4).',
        evidence: [{ reading: 'extensions', says: 'Layer 000: iscsi-tools v0.1.4.' }],
        advice: 'Upgrade.',
        nodes: ['w-1'],
      },
    ],
    fresh: [{ code: 'duplicate_extensions', node: 'w-1' }],
    gone: [],
  },
  diagnosis_failed: { because: 'not in the inventory' },
  plan_requested: { planId, action: 'restore_config', parameters: {}, about: '', identity: 'admin', externalId: 'p1' },
  dry_run_started: { planId, holder: 'plan p1' },
  plan_ready: { planId, plan: planOf(), hash: 'hash-1' },
  plan_refused: { planId, because: 'foreign', gates },
  plan_submitted: { planId, reason: 'it waits' },
  approvers_called: { planId, call: 1, users: ['UAPPROVER'], leftS: 1800 },
  approval_given: { planId, count: 2, needed: 2 },
  self_approved: { planId, startsAt: '2026-03-01T12:01:00.000Z' },
  plan_approved: { planId },
  plan_denied: { planId, reason: 'not now' },
  plan_expired: { planId },
  plan_voided: { planId, because: 'it rebooted.' },
  execution_started: { planId, holder: 'p1' },
  step_intended: { planId, n: 1, method: 'ApplyConfiguration', attempt: 1, deadlineAt: AT },
  step_probed: { planId, n: 1, answer: 'not_arrived', because: 'same boot' },
  step_finished: { planId, n: 1, outcome: 'done', because: 'applied' },
  progress_seen: { planId, says: 'sequence reboot' },
  verification_started: { planId, deadlineAt: '2026-03-01T12:15:00.000Z', nextLookAt: '2026-03-01T12:00:10.000Z' },
  verification_looked: { planId, checks, nextLookAt: '2026-03-01T12:00:30.000Z' },
  verdict_reached: { planId, verdict: 'verified', because: 'all hold', checks },
  lease_released: { planId },
  person_refused: { what: 'Approval', because: 'a guest', planId },
  incident_closed: { because: 'well' },
  incident_reopened: { because: 'again' },
  card_intended: { channel: 'C1' },
  card_posted: { channel: 'C1', ts: '1.0', seq: 2 },
  card_updated: { seq: 3 },
  thread_posted: { seq: 3, ts: '1.1' },
  modal_updated: { planId, shows: 'ready' },
};
export const eventTypes = Object.keys(samples).filter((type): type is EventType => type in samples);

/** The sample with changes, as it is read back from the table. */
export function event(type: EventType, seq: number, change: object = {}, envelope: object = {}): IncidentEvent {
  const body = { type, seq, at: AT, actor: oncall, cluster: 'test', node: 'cp-1', ...envelope };
  const parsed = IncidentEventSchema.parse({ ...body, data: { ...samples[type], ...change } });
  const { planHash, talosActorId, ...rest } = parsed;
  const optional = {
    ...(planHash === undefined ? {} : { planHash }),
    ...(talosActorId === undefined ? {} : { talosActorId }),
  };
  return { ...rest, ...optional };
}
