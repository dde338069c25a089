import { titleOf } from '../../approvals/action-name.ts';
import type { IncidentEvent } from '../../incidents/event.ts';
import { describePatrol } from './describe-patrol.ts';
import { describeDiagnosis, describeFrozenPlan } from './describe-records.ts';
import { type Detail, type EventText, row } from './event-text.ts';
import { utc } from './time.ts';
import { type Tone, toneOf } from './words.ts';

const says = (title: string, tone: Tone = 'plain', details: readonly Detail[] = []): EventText => ({
  title,
  tone,
  details,
});

/** What one event says in plain words, for pages and the command line. No default case: the compiler finds gaps. */
export function describeEvent(event: IncidentEvent): EventText {
  switch (event.type) {
    case 'incident_opened':
      if (event.data.subject === 'cluster') return says(`Incident opened for what patrols find in ${event.cluster}`);
      return event.data.subject === 'node'
        ? says(`Incident opened for ${event.node}`)
        : says('Incident opened; no node could be proven to be the one meant', 'wait');
    case 'alert_fired':
      return says(`Alert ${event.data.alertname} fires: ${event.data.summary}`, 'bad', [
        row('Severity', event.data.severity),
        row('Firing since', utc(event.data.startsAt)),
        row('Receiver', event.data.receiver),
        row('Group', event.data.groupKey),
        row('Fingerprint', event.data.fingerprint),
        row('Labels', pairs(event.data.labels)),
      ]);
    case 'alert_resolved':
      return says(`Alert ${event.data.alertname} resolved`, 'good', [
        row('Fired', utc(event.data.startsAt)),
        row('Ended', utc(event.data.endsAt)),
        row('Fingerprint', event.data.fingerprint),
      ]);
    case 'diagnosis_wanted':
      return says(`Diagnosis asked for: ${event.data.because}`, 'quiet');
    case 'diagnosis_started':
      return says(`Diagnosis started: ${event.data.because}`);
    case 'diagnosis_finished':
      return describeDiagnosis(event.data);
    case 'patrol_reported':
      return describePatrol(event.data);
    case 'diagnosis_failed':
      return says(`Diagnosis failed: ${event.data.because}`, 'bad');
    case 'plan_requested':
      return says(`${titleOf(event.data)} asked for`, 'plain', [
        row('Identity', `os:${event.data.identity}`),
        ...(event.data.renews === undefined ? [] : [row('Renews', event.data.renews)]),
        row('Plan', event.data.planId),
      ]);
    case 'dry_run_started':
      return says('Lease taken for the length of a dry run', 'quiet', [row('Holder', event.data.holder)]);
    case 'plan_ready':
      return describeFrozenPlan(event.data.plan, event.data.hash);
    case 'plan_refused':
      return says(`No plan: ${event.data.because}`, 'bad', [
        row('Plan', event.data.planId),
        ...event.data.gates.map(({ gate, answer, because }) => row(`Gate ${gate}`, `${answer}: ${because}`)),
      ]);
    case 'plan_submitted':
      return says(`Plan confirmed: ${event.data.reason}`, 'plain', [row('Plan', event.data.planId)]);
    case 'approvers_called':
      return says(`People who can approve were called, time ${event.data.call} of 2`, 'wait', [
        row('People', event.data.users.join(', ') || 'nobody'),
        row('Plan', event.data.planId),
      ]);
    case 'approval_given':
      return says(`Plan approved, ${event.data.count} of ${event.data.needed}`, 'good', [
        row('Plan', event.data.planId),
      ]);
    case 'self_approved':
      return says('Self-approved: one yes is enough in this cluster', 'wait', [
        ...(event.data.startsAt === '' ? [] : [row('Starts', `not before ${utc(event.data.startsAt)}`)]),
        row('Plan', event.data.planId),
      ]);
    case 'plan_approved':
      return says('All approvals are there', 'good', [row('Plan', event.data.planId)]);
    case 'plan_denied':
      return says(`Plan denied: ${event.data.reason}`, 'bad', [row('Plan', event.data.planId)]);
    case 'plan_expired':
      return says('Plan expired before it began', 'wait', [row('Plan', event.data.planId)]);
    case 'plan_voided':
      return says(`Plan voided: ${event.data.because}`, 'wait', [row('Plan', event.data.planId)]);
    case 'execution_started':
      return says('Execution started; the lease on the cluster is held', 'wait', [
        row('Holder', event.data.holder),
        row('Plan', event.data.planId),
      ]);
    case 'step_intended':
      return says(`Step ${event.data.n + 1}: about to ${doing(event.data.method)}`, 'wait', [
        row('Attempt', String(event.data.attempt)),
        row('Deadline', utc(event.data.deadlineAt)),
        row('Plan', event.data.planId),
      ]);
    case 'step_probed':
      return says(`Step ${event.data.n + 1}: ${PROBED[event.data.answer]}`, 'wait', [
        row('Because', event.data.because),
      ]);
    case 'step_finished':
      return says(`Step ${event.data.n + 1} ${FINISHED[event.data.outcome]}`, toneOf(event.data.outcome), [
        row('Because', event.data.because),
        row('Plan', event.data.planId),
      ]);
    case 'progress_seen':
      return says(event.data.says, 'plain', [row('Plan', event.data.planId)]);
    case 'verification_started':
      return says('Verification started', 'wait', [
        row('First look', utc(event.data.nextLookAt)),
        row('Deadline', utc(event.data.deadlineAt)),
      ]);
    case 'verification_looked':
      return says(`Looked: ${count(event.data.checks)} checks hold`, 'plain', [
        ...event.data.checks.map(checkRow),
        row('Next look', utc(event.data.nextLookAt)),
      ]);
    case 'verdict_reached':
      return says(`Verdict: ${event.data.verdict}. ${event.data.because}`, toneOf(event.data.verdict), [
        ...event.data.checks.map(checkRow),
        row('Plan', event.data.planId),
      ]);
    case 'lease_released':
      return says('Lease on the cluster released', 'quiet', [row('Plan', event.data.planId)]);
    case 'person_refused':
      return says(`Told no: ${event.data.because}`, 'bad', [
        row('Wanted', event.data.what),
        ...(event.data.planId === '' ? [] : [row('Plan', event.data.planId)]),
      ]);
    case 'incident_closed':
      return says(`Incident closed: ${event.data.because}`, 'good');
    case 'incident_reopened':
      return says(`Incident opened again: ${event.data.because}`, 'wait');
    case 'card_intended':
      return says('Slack card about to be posted', 'quiet', [row('Channel', event.data.channel)]);
    case 'card_posted':
      return says(`Slack card posted, as of event ${event.data.seq}`, 'quiet', [
        row('Channel', event.data.channel),
        row('Message', event.data.ts),
      ]);
    case 'card_updated':
      return says(`Slack card brought up to event ${event.data.seq}`, 'quiet');
    case 'thread_posted':
      return says(`Slack thread told about event ${event.data.seq}`, 'quiet', [row('Message', event.data.ts)]);
    case 'modal_updated':
      return says(`Slack modal shows: ${event.data.shows}`, 'quiet', [row('Plan', event.data.planId)]);
  }
}

const PROBED = {
  arrived: 'looked, the call had arrived',
  not_arrived: 'looked, the call never arrived',
  unknown: 'looked, and cannot tell whether the call arrived',
} as const;
const FINISHED = { done: 'done', refused: 'refused by the node', unknown: 'has an unknown outcome' } as const;
function doing(method: string): string {
  if (method === 'collect_evidence') return 'store fresh evidence';
  return method === 'wait_until' ? 'wait for the node' : `call ${method}`;
}
const count = (checks: readonly { readonly answer: string }[]) =>
  `${checks.filter(({ answer }) => answer === 'yes').length} of ${checks.length}`;
const checkRow = (check: { readonly name: string; readonly answer: string; readonly says: string }) =>
  row(check.name, `${check.answer}: ${check.says}`);
const pairs = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
