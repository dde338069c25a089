import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Plan } from '../../lib/approvals/plan.ts';
import type { AuditRecord } from '../../lib/audit/pages/timeline.ts';
import { type Actor, alertmanager, medic } from '../../lib/incidents/actor.ts';
import type { Check, EventData, EventType } from '../../lib/incidents/event.ts';
import type { IncidentEvent, IncidentState } from '../../lib/incidents/state.ts';
import { incidentKind, incidentStream } from '../../lib/incidents/stream.ts';

/** Texts that a node, an alert or a person of ill will might send. */
export const HOSTILE = `<script>document.title='owned'</script><img src=x onerror="document.title='owned'">`;

export type Told = { readonly state: IncidentState; readonly events: readonly AuditRecord[] };
type Options = { readonly id?: string; readonly node?: string; readonly text?: string; readonly upTo?: EventType };

const person = (id: string, name: string): Actor => ({ kind: 'person', id, team: 'T1', name });

/**
 * A whole invented incident (a node in maintenance mode gets its config back), folded and chained as the ledger does.
 * `text` goes wherever the outside world has a say. `upTo`: the last event that has happened.
 */
export function syntheticIncident({ id = 'inc-1', node = 'cp-1', text, upTo }: Options = {}): Told {
  const startsAt = Date.UTC(2026, 10, 20, 3, 12, 7);
  const outside = (usual: string) => text ?? usual;
  const requester = person('U1', outside('Operator One'));
  const approver = person('U2', outside('Operator Two'));
  const planId = 'plan-1';
  const plan = frozenPlan(id, node, planId, outside);
  const events: IncidentEvent[] = [];
  let afterMs = 0;
  const story = { isOver: false };
  const tell = <T extends EventType>(type: T, actor: Actor, data: EventData<T>, waitMs = 400): void => {
    if (story.isOver) return;
    afterMs += waitMs;
    const at = new Date(startsAt + afterMs).toISOString();
    events.push(incidentKind.parseEvent({ type, actor, cluster: 'homelab', node, data, seq: events.length + 1, at }));
    story.isOver = type === upTo;
  };

  const firedAt = new Date(startsAt - 60_000).toISOString();
  const alert = { alertname: 'NodeDown', fingerprint: '5f2a1c', startsAt: firedAt };
  const from = alertmanager('medic');
  tell('incident_opened', from, { id, subject: 'node' });
  tell('alert_fired', from, {
    ...alert,
    severity: 'critical',
    summary: outside(`${node} has not been ready for 5 minutes`),
    receiver: 'medic',
    groupKey: '{}:{alertname="NodeDown"}',
    labels: { node, note: outside('rack 2') },
  });
  tell('card_intended', medic, { channel: 'C1' }, 120);
  tell('card_posted', medic, { channel: 'C1', ts: '1763608328.000100', seq: 2 }, 180);
  tell('diagnosis_started', medic, { because: 'the incident was opened' });
  tell('diagnosis_finished', medic, diagnosis(outside), 2300);
  tell('card_updated', medic, { seq: 6 }, 90);
  tell(
    'plan_requested',
    requester,
    { planId, action: 'restore_config', parameters: {}, about: '', identity: 'admin', externalId: 'x1' },
    41_000,
  );
  tell('dry_run_started', medic, { planId, holder: 'administer-1' });
  tell(
    'plan_ready',
    medic,
    {
      planId,
      plan,
      hash: createHash('sha256')
        .update(text ?? '')
        .digest('hex'),
    },
    3100,
  );
  tell('modal_updated', medic, { planId, shows: 'ready' }, 100);
  tell('plan_submitted', requester, { planId, reason: outside('STATE came late after the disk swap') }, 25_000);
  tell('person_refused', requester, { planId, what: 'approve', because: 'One more person has to say yes.' }, 9000);
  tell('approval_given', approver, { planId, count: 2, needed: 2 }, 84_000);
  tell('plan_approved', medic, { planId }, 5);
  tell('execution_started', medic, { planId, holder: 'administer-2' });
  const deadlineAt = new Date(startsAt + 600_000).toISOString();
  tell('step_intended', medic, { planId, n: 0, method: 'collect_evidence', attempt: 1, deadlineAt });
  tell('step_finished', medic, { planId, n: 0, outcome: 'done', because: '3 readings were stored.' }, 1200);
  tell('step_intended', medic, { planId, n: 1, method: 'ApplyConfiguration', attempt: 1, deadlineAt });
  tell('step_finished', medic, { planId, n: 1, outcome: 'done', because: outside('Talos took the config.') }, 900);
  tell('progress_seen', medic, { planId, says: outside('boot sequence, phase startEverything') }, 8000);
  tell('verification_started', medic, { planId, deadlineAt, nextLookAt: deadlineAt });
  tell('verification_looked', medic, { planId, checks: checks('no', outside), nextLookAt: deadlineAt }, 10_000);
  tell('verification_looked', medic, { planId, checks: checks('yes', outside), nextLookAt: deadlineAt }, 20_000);
  tell('verdict_reached', medic, {
    planId,
    verdict: 'verified',
    because: 'All 3 checks hold.',
    checks: checks('yes', outside),
  });
  tell('lease_released', medic, { planId }, 20);
  tell('alert_resolved', from, { ...alert, endsAt: deadlineAt }, 30_000);
  tell('diagnosis_started', medic, { because: 'Alertmanager says that NodeDown is resolved' });
  tell(
    'diagnosis_finished',
    medic,
    { ...diagnosis(outside), digest: 'd2', findings: [], offers: [], health: 'healthy' },
    900,
  );
  tell('incident_closed', medic, { because: 'The alert is resolved and Talos agrees.' });
  if (upTo !== undefined && !story.isOver) throw new Error(`the story has no ${upTo}`);
  return told(id, events);
}

function told(id: string, events: readonly IncidentEvent[]): Told {
  const records: AuditRecord[] = [];
  let state: IncidentState | undefined;
  let hash = createHash('sha256').update(incidentStream(id)).digest('hex');
  for (const event of events) {
    const body = canonicalize(event) ?? '';
    hash = createHash('sha256')
      .update(hash + body)
      .digest('hex');
    records.push({ seq: event.seq, body, hash });
    state = incidentKind.fold(state, event);
  }
  if (state === undefined) throw new Error('an incident without events');
  return { state, events: records };
}

type Outside = (usual: string) => string;

const checks = (answer: Check['answer'], outside: Outside): Check[] => [
  { name: 'new boot', answer: 'yes', says: 'another boot id than before' },
  { name: 'stage', answer, says: outside(answer === 'yes' ? 'running and ready' : 'booting') },
  { name: 'etcd member', answer, says: answer === 'yes' ? '3 of 3 healthy' : 'not started yet' },
];

const diagnosis = (outside: Outside): EventData<'diagnosis_finished'> => ({
  evidence: 'b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184',
  digest: 'd1',
  boot: 'spki:1fU1KoKXFM9JhVgU8GHAgTkAeMXcYMRd',
  reach: 'maintenance',
  stage: 'maintenance',
  version: 'v1.13.2',
  health: 'unhealthy',
  urgency: outside('API server up, etcd 2 of 3: one more loss stops the cluster, nodes ready 5 of 6'),
  findings: [
    {
      code: 'state_not_found_in_time',
      severity: 'critical',
      confidence: 'certain',
      summary: outside('Waits in maintenance mode because its STATE partition was found too late'),
      evidence: [
        { reading: 'kernelLog', says: outside('volume STATE missing at 12.4 s, disk sda appeared at 14.9 s') },
        { reading: 'discoveredVolumes', says: outside('STATE (xfs) is there now on /dev/sda5') },
      ],
      suggests: ['restore_config'],
      rulesOut: [
        { code: 'reset_on_purpose', because: 'STATE still holds its file system' },
        { code: 'fresh_machine', because: outside('UUID and serial are those of the inventory') },
      ],
      advice: 'Restore the stored config; a power cycle helps as well.',
    },
  ],
  offers: [
    {
      id: 'restore_config',
      action: 'restore_config',
      parameters: {},
      about: '',
      answer: 'allowed',
      gates: [
        { gate: 'proven_target', answer: 'allowed', because: 'UUID, serial and MAC agree.', facts: ['inventory'] },
      ],
    },
    {
      id: 'reboot',
      action: 'reboot',
      parameters: {},
      about: '',
      answer: 'refused',
      gates: [
        { gate: 'stage', answer: 'refused', because: 'Talos offers no reboot in maintenance mode.', facts: ['reach'] },
      ],
    },
  ],
  readings: [
    { name: 'version', source: 'Version', node: outside('cp-1'), answer: 'read' },
    { name: 'kernelLog', source: 'Dmesg', node: 'cp-1', answer: 'read' },
    { name: 'services', source: 'ServiceList', node: 'cp-1', answer: outside('unimplemented') },
  ],
  tookMs: 1840,
});

const frozenPlan = (incident: string, node: string, id: string, outside: Outside): Plan => ({
  id,
  incident,
  cluster: 'homelab',
  node,
  role: 'controlplane',
  address: '127.0.1.1',
  version: 'v1.13.2',
  action: 'restore_config',
  parameters: {},
  about: '',
  identity: 'admin',
  risk: 'R3',
  steps: [
    { n: 0, method: 'collect_evidence', request: {}, probe: 'Nothing changes.', deadlineMs: 30_000 },
    {
      n: 1,
      method: 'ApplyConfiguration',
      request: { mode: 'REBOOT', configSha256: '9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab' },
      probe: 'Another certificate than that of this boot.',
      deadlineMs: 60_000,
    },
  ],
  proof: [
    outside('UUID 4c4c4544-0042 and serial 7XK2 are those of the inventory'),
    'Certificate of this boot is frozen',
  ],
  boot: 'spki:1fU1KoKXFM9JhVgU8GHAgTkAeMXcYMRd',
  digest: 'd1',
  lastSequenceId: '',
  afterPlan: '',
  findings: ['state_not_found_in_time'],
  consequences: ['The node gets its stored config and boots.', 'Its data on EPHEMERAL stays.'],
  details: [
    { label: 'Stored config', text: outside('backup of 2026-11-19 02:00 UTC, 25 h old, SHA-256 9c56cc51') },
    { label: 'Dry run', text: 'Talos would apply it and reboot.' },
  ],
  approvalsNeeded: 2,
  typedName: 'required',
  consoleFingerprint: '1fU1KoKX',
  createdAt: '2026-11-20T03:12:55.000Z',
  expiresAt: '2026-11-20T03:42:55.000Z',
});
