import { titleOf } from '../approvals/action-name.ts';
import type { FoundOn } from './patrol-report.ts';
import type { IncidentEvent, IncidentState } from './state.ts';
import { whyExpired } from './why-expired.ts';

/** Decisions and milestones go to the card's thread, one plain sentence each; everything else only edits the card. */
export function milestoneOf(state: IncidentState, event: IncidentEvent): string | undefined {
  const action = (planId: string) => {
    const plan = state.plans[planId];
    return plan ? titleOf(plan) : 'The plan';
  };
  switch (event.type) {
    case 'plan_submitted':
      return `${action(event.data.planId)} requested by ${event.actor.name}: ${event.data.reason}`;
    case 'approval_given':
      return `${action(event.data.planId)} approved by ${event.actor.name} (${event.data.count} of ${event.data.needed}).`;
    case 'approvers_called': {
      const { planId, call, users, leftS } = event.data;
      const plan = state.plans[planId];
      const so = `${plan?.approvals.length ?? 0} of ${plan?.approvalsNeeded ?? 0}`;
      const says = `${action(planId)} ${call === 1 ? 'waits' : 'still waits'} for approval, ${so} so far.`;
      const until = `It expires in ${Math.max(1, Math.round(leftS / 60))} min; "Review…" is on the card.`;
      return users.length === 0 ? `${says} Nobody else may approve it.` : `${says} ${until}`;
    }
    case 'self_approved': {
      const says = `${action(event.data.planId)} self-approved by ${event.actor.name}.`;
      return event.data.startsAt === '' ? says : `${says} It waits before it starts: the card can cancel it.`;
    }
    case 'plan_denied':
      return `${action(event.data.planId)} denied by ${event.actor.name}: ${event.data.reason}`;
    case 'plan_expired': {
      const status = state.plans[event.data.planId]?.status ?? 'awaiting';
      if (status === 'preparing') return undefined;
      return `${action(event.data.planId)} expired: ${whyExpired(status)}. Nothing was changed.`;
    }
    case 'plan_voided':
      return `${action(event.data.planId)} voided: ${event.data.because} Nothing was changed.`;
    case 'execution_started':
      return `${action(event.data.planId)} is being carried out.`;
    case 'verdict_reached':
      return `${action(event.data.planId)}: *${event.data.verdict}*. ${event.data.because}`;
    case 'patrol_reported':
      // the first one is the card itself
      return state.patrol === undefined ? undefined : newFindings(event.data.fresh);
    case 'incident_closed':
      return `Closed: ${event.data.because}`;
    case 'incident_reopened':
      return `Open again: ${event.data.because}`;
    default:
      return undefined;
  }
}

const NAMED = 8;

function newFindings(fresh: readonly FoundOn[]): string | undefined {
  if (fresh.length === 0) return undefined;
  const named = fresh.slice(0, NAMED).map(({ code, node }) => (node === '' ? code : `${code} on ${node}`));
  const more = fresh.length > NAMED ? ` and ${fresh.length - NAMED} more` : '';
  return `New since the patrol before: ${named.join(', ')}${more}.`;
}
