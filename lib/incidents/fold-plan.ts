import type { IncidentEvent, PlanState, StepState } from './state.ts';
import { planTable } from './table.ts';
import { whyExpired } from './why-expired.ts';

const update = (steps: readonly StepState[], n: number, change: Partial<StepState>): readonly StepState[] =>
  steps.map((step) => (step.n === n ? { ...step, ...change } : step));

/** Events about a plan. Throws where the table refuses: whoever decides must have asked it first. */
export function foldPlan(plan: PlanState | undefined, event: IncidentEvent): PlanState {
  if (event.type === 'plan_requested') {
    if (plan !== undefined) throw new Error(`plan ${plan.id} was requested twice`);
    const { planId, action, parameters, about, identity, externalId, renews } = event.data;
    return {
      id: planId,
      action,
      parameters,
      about,
      identity,
      status: 'preparing',
      requestedAt: event.at,
      requestedBy: { id: event.actor.id, name: event.actor.name },
      externalId,
      ...(renews === undefined ? {} : { renews }),
      modalShows: 'preparing',
      hash: '',
      digest: '',
      boot: '',
      risk: '',
      expiresAt: '',
      approvalsNeeded: 0,
      approvals: [],
      reason: '',
      because: '',
      steps: [],
      progress: '',
      startedAt: undefined,
      verification: undefined,
      verdict: undefined,
      endedAt: undefined,
      holdsLease: false,
    };
  }
  if (plan === undefined) throw new Error(`${event.type} names a plan that does not exist`);
  if (event.type === 'modal_updated') return { ...plan, modalShows: event.data.shows };
  if (event.type === 'person_refused') return plan;
  const status = planTable[plan.status][event.type];
  if (status === undefined) throw new Error(`${event.type} is not allowed while plan ${plan.id} is ${plan.status}`);
  return { ...plan, ...changeOf(plan, event), status: statusAfter(status, event) };
}

/** A verdict names its own state: verified, unverified, failed or refused. */
const statusAfter = (status: PlanState['status'], event: IncidentEvent): PlanState['status'] =>
  event.type === 'verdict_reached' ? event.data.verdict : status;

function changeOf(plan: PlanState, event: IncidentEvent): Partial<PlanState> {
  const approver = { id: event.actor.id, name: event.actor.name, at: event.at };
  switch (event.type) {
    case 'plan_ready': {
      const { plan: frozen, hash } = event.data;
      return {
        hash,
        digest: frozen.digest,
        boot: frozen.boot,
        risk: frozen.risk,
        expiresAt: frozen.expiresAt,
        approvalsNeeded: frozen.approvalsNeeded,
        steps: frozen.steps.map(({ n, method }) => pending(n, method)),
        holdsLease: false,
      };
    }
    case 'plan_submitted':
      return { reason: event.data.reason, approvals: [approver] };
    case 'approval_given':
      return { approvals: [...plan.approvals, approver] };
    case 'approvers_called':
      return { called: event.data.call };
    case 'self_approved':
      return { selfApproved: { startsAt: event.data.startsAt } };
    case 'dry_run_started':
      return { holdsLease: true };
    case 'plan_refused':
      return { because: event.data.because, endedAt: event.at, holdsLease: false };
    case 'plan_voided':
      return { because: event.data.because, endedAt: event.at };
    case 'plan_denied':
      return { because: `${event.actor.name} said no: ${event.data.reason}`, endedAt: event.at };
    case 'plan_expired':
      return { because: whyExpired(plan.status), endedAt: event.at };
    case 'execution_started':
      return { startedAt: event.at, holdsLease: true };
    case 'step_intended': {
      const { n, attempt, deadlineAt } = event.data;
      return { steps: update(plan.steps, n, { status: 'intended', attempt, intendedAt: event.at, deadlineAt }) };
    }
    case 'step_probed': {
      const { n, answer, because } = event.data;
      // proven not to have arrived: it is sent again under the same plan, through all gates
      return { steps: update(plan.steps, n, answer === 'not_arrived' ? { status: 'pending', because } : { because }) };
    }
    case 'step_finished': {
      const { n, outcome, because, result } = event.data;
      const left = result === undefined ? {} : { result };
      const { talosActorId } = event;
      return { steps: update(plan.steps, n, { status: outcome, because, talosActorId, ...left }) };
    }
    case 'progress_seen':
      return { progress: event.data.says };
    case 'verification_started': {
      const { deadlineAt, nextLookAt } = event.data;
      return { verification: { startedAt: event.at, deadlineAt, nextLookAt, looks: 0, checks: [] } };
    }
    case 'verification_looked': {
      if (plan.verification === undefined) throw new Error(`plan ${plan.id} was looked at before its verification`);
      const { checks, nextLookAt } = event.data;
      return { verification: { ...plan.verification, checks, nextLookAt, looks: plan.verification.looks + 1 } };
    }
    case 'verdict_reached': {
      const { verdict, because, checks } = event.data;
      const verification = plan.verification && { ...plan.verification, checks };
      return { verdict, because, endedAt: event.at, ...(verification ? { verification } : {}) };
    }
    case 'lease_released':
      return { holdsLease: false };
    default:
      return {};
  }
}

const pending = (n: number, method: string): StepState => ({
  n,
  method,
  status: 'pending',
  attempt: 0,
  intendedAt: undefined,
  deadlineAt: undefined,
  talosActorId: undefined,
  because: '',
});
