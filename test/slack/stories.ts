import type { Plan } from '../../lib/approvals/plan.ts';
import { medic } from '../../lib/incidents/actor.ts';
import type { EventData, EventType, IncidentEvent } from '../../lib/incidents/event.ts';
import { fold } from '../../lib/incidents/fold.ts';
import type { IncidentState } from '../../lib/incidents/state.ts';
import { incidentKind } from '../../lib/incidents/stream.ts';

/** States as they really come about: events, folded. Times count seconds from one fixed moment. */
export type Told = { readonly type: EventType; readonly data: unknown; readonly actor: IncidentEvent['actor'] };

export const requester = { kind: 'person', id: 'UREQ', team: 'T1', name: 'Requester' } as const;
export const approver = { kind: 'person', id: 'UAPP', team: 'T1', name: 'Approver' } as const;
export const said = <T extends EventType>(
  type: T,
  data: EventData<T>,
  actor: IncidentEvent['actor'] = medic,
): Told => ({
  type,
  data,
  actor,
});

const START_MS = Date.parse('2026-03-01T03:00:00.000Z');
export const atS = (seconds: number): string => new Date(START_MS + seconds * 1000).toISOString();

export function stateAfter(...story: readonly Told[]): IncidentState {
  const events = story.map((told, index) =>
    incidentKind.parseEvent({ ...told, seq: index + 1, at: atS(index), cluster: 'demo', node: 'cp-2' }),
  );
  const state = events.reduce<IncidentState | undefined>((before, event) => fold(before, event), undefined);
  if (state === undefined) throw new Error('a story needs events');
  return state;
}

export const opened = [
  said('incident_opened', { id: 'inc-1', subject: 'node' }),
  said('alert_fired', {
    alertname: 'KubeNodeNotReady',
    fingerprint: 'f1',
    startsAt: atS(0),
    severity: 'critical',
    summary: 'Node cp-2 is not ready',
    receiver: 'medic',
    groupKey: 'g',
    labels: {},
  }),
];
export const diagnosing = [...opened, said('diagnosis_started', { because: 'the incident was opened' })];

export const findingOf = (change: Partial<EventData<'diagnosis_finished'>['findings'][number]> = {}) => ({
  code: 'state_not_found_in_time',
  severity: 'critical' as const,
  confidence: 'certain' as const,
  summary: 'cp-2 is in maintenance mode because STATE was not found in time',
  evidence: [
    { reading: 'volumes', says: 'volume STATE is missing' },
    { reading: 'discoveredVolumes', says: 'sda5 is labelled STATE' },
    { reading: 'version', says: 'the third line' },
  ],
  suggests: ['restore_config'],
  rulesOut: [{ code: 'reset_on_purpose', because: 'no reset is in the audit trail' }],
  advice: '',
  ...change,
});
export const diagnosisOf = (
  change: Partial<EventData<'diagnosis_finished'>> = {},
): EventData<'diagnosis_finished'> => ({
  evidence: 'sha256:1',
  digest: 'd1',
  boot: 'spki:abc',
  reach: 'maintenance',
  stage: 'maintenance',
  version: 'v1.8.4',
  health: 'unhealthy',
  urgency: 'Yes: API server up, etcd 2 of 3 healthy, nodes ready 5 of 6',
  findings: [findingOf()],
  offers: [
    {
      id: 'restore_config',
      action: 'restore_config',
      parameters: {},
      about: '',
      answer: 'allowed',
      gates: [{ gate: 'proven_target', answer: 'allowed', because: 'It is the machine.', facts: ['identity'] }],
    },
    {
      id: 'reboot',
      action: 'reboot',
      parameters: {},
      about: '',
      answer: 'refused',
      gates: [
        { gate: 'proven_target', answer: 'allowed', because: 'It is the machine.', facts: ['identity'] },
        { gate: 'stage', answer: 'refused', because: 'Talos offers no reboot in maintenance mode', facts: ['stage'] },
        { gate: 'role', answer: 'refused', because: 'A later gate', facts: [] },
      ],
    },
  ],
  readings: [{ name: 'version', source: 'machine.MachineService/Version', node: '10.0.0.2', answer: 'v1.8.4' }],
  tookMs: 1234,
  ...change,
});
export const diagnosed = [...diagnosing, said('diagnosis_finished', diagnosisOf())];

export const planOf = (change: Partial<Plan> = {}): Plan => ({
  id: 'plan-1',
  incident: 'inc-1',
  cluster: 'demo',
  node: 'cp-2',
  role: 'controlplane',
  address: '10.0.0.2',
  version: 'v1.8.4',
  action: 'restore_config',
  parameters: {},
  about: '',
  identity: 'admin',
  risk: 'R3',
  steps: [
    { n: 0, method: 'collect_evidence', request: {}, probe: 'Changes nothing.', deadlineMs: 30_000 },
    { n: 1, method: 'ApplyConfiguration', request: {}, probe: 'The node leaves maintenance mode.', deadlineMs: 10_000 },
  ],
  proof: ['UUID 4c4c4544 matches', 'serial number S1 matches'],
  boot: 'spki:abc',
  digest: 'd1',
  lastSequenceId: '',
  afterPlan: '',
  findings: ['state_not_found_in_time'],
  consequences: ['cp-2 takes its stored config and continues its boot.', 'Nothing is wiped.'],
  details: [
    { label: 'Stored config', text: 'patrol of demo' },
    { label: 'SHA-256', text: 'deadbeef' },
    { label: "Talos' dry run", text: 'Applied configuration without a reboot' },
  ],
  approvalsNeeded: 2,
  typedName: 'required',
  consoleFingerprint: 'abcdefgh',
  createdAt: atS(10),
  expiresAt: atS(1810),
  ...change,
});
export const HASH = '0123456789abcdef0123456789abcdef';
const plan1 = { planId: 'plan-1' };

export const preparing = [
  ...diagnosed,
  said(
    'plan_requested',
    { ...plan1, action: 'restore_config', parameters: {}, about: '', identity: 'admin', externalId: 'ext-1' },
    requester,
  ),
];
export const ready = [...preparing, said('plan_ready', { ...plan1, plan: planOf(), hash: HASH })];
export const awaiting = [...ready, said('plan_submitted', { ...plan1, reason: 'node is down' }, requester)];
export const approved = [
  ...awaiting,
  said('approval_given', { ...plan1, count: 2, needed: 2 }, approver),
  said('plan_approved', plan1),
];
/** In a cluster where one yes is enough; it may begin a minute later. */
export const approvedAlone = [
  ...awaiting,
  said('self_approved', { ...plan1, startsAt: atS(160) }, requester),
  said('plan_approved', plan1, requester),
];
export const executing = [
  ...approved,
  said('execution_started', { ...plan1, holder: 'h' }),
  said('step_intended', { ...plan1, n: 0, method: 'collect_evidence', attempt: 1, deadlineAt: atS(60) }),
  said('step_finished', { ...plan1, n: 0, outcome: 'done', because: '' }),
  said('step_intended', { ...plan1, n: 1, method: 'ApplyConfiguration', attempt: 1, deadlineAt: atS(60) }),
  said('progress_seen', { ...plan1, says: 'phase saveConfig' }),
];
export const verifying = [
  ...executing,
  said('step_finished', { ...plan1, n: 1, outcome: 'done', because: 'applied' }),
  said('verification_started', { ...plan1, deadlineAt: atS(960), nextLookAt: atS(70) }),
];
const checks = [
  { name: 'Talos API', answer: 'yes' as const, says: "answers under the cluster's certificate" },
  { name: 'Stage', answer: 'no' as const, says: 'booting, not ready' },
  { name: 'etcd member', answer: 'unknown' as const, says: 'no member yet' },
];
export const looked = [...verifying, said('verification_looked', { ...plan1, checks, nextLookAt: atS(80) })];
export const ended = (verdict: 'verified' | 'unverified' | 'failed' | 'refused', because: string) => [
  ...looked,
  said('verdict_reached', { ...plan1, verdict, because, checks: verdict === 'verified' ? checks.slice(0, 1) : checks }),
];
export const denied = [...awaiting, said('plan_denied', { ...plan1, reason: 'wrong node' }, approver)];
export const expired = [...awaiting, said('plan_expired', plan1)];
export const voided = [...awaiting, said('plan_voided', { ...plan1, because: 'The node booted since.' })];
export const refused = [
  ...preparing,
  said('plan_refused', { ...plan1, because: 'Talos refused the dry run: unknown key', gates: [] }),
];
export const closed = [
  ...ended('verified', 'all checks say yes'),
  said('incident_closed', { because: 'Talos says that cp-2 is healthy' }),
];
