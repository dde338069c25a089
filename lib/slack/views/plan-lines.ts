import { titleOf } from '../../approvals/action-name.ts';
import type { PlanState, StepState } from '../../incidents/state.ts';
import { en } from '../text/en.ts';
import { outside, sentence, when, withMentions } from './mrkdwn.ts';

/** Who can approve a plan now: one sentence, people as `<@U…>` (lib/approvals/policy.ts, `whoCan`). */
export type PolicyText = (plan: PlanState) => string;

const NAMES_SHOWN = 6;
const CHECKS_SHOWN = 14;

/** A plan on the card, from asking to verdict. `room`: characters that one outside text may take. */
export function planLines(plan: PlanState, room: number, policyText: PolicyText | undefined): readonly string[] {
  const { planLine } = en;
  const action = outside(titleOf(plan), 200);
  const who = outside(plan.requestedBy.name, 60);
  const because = sentence(outside(plan.because, room));
  switch (plan.status) {
    case 'preparing':
      return [planLine.preparing(action, who)];
    case 'ready':
      return [planLine.ready(action, who, when(plan.expiresAt)), ...canApprove(plan, policyText)];
    case 'awaiting':
      return [
        planLine.awaiting(action, plan.approvals.length, plan.approvalsNeeded),
        planLine.requested(who, outside(plan.reason, room)),
        planLine.saidYes(namesOf(plan)),
        ...canApprove(plan, policyText),
        planLine.expires(when(plan.expiresAt)),
      ];
    case 'approved':
      return plan.selfApproved === undefined
        ? [planLine.approved(action, namesOf(plan)), planLine.expires(when(plan.expiresAt))]
        : [planLine.approvedAlone(action, namesOf(plan)), startOf(plan.selfApproved)];
    case 'executing':
      return [
        planLine.executing(action, when(plan.startedAt ?? plan.requestedAt)),
        ...selfApproved(plan),
        ...stepLines(plan.steps, room),
        ...progress(plan, room),
      ];
    case 'verifying':
      return [
        planLine.verifying(action, when(plan.verification?.deadlineAt ?? plan.expiresAt)),
        ...selfApproved(plan),
        ...checkLines(plan, room),
        ...progress(plan, room),
      ];
    case 'verified':
      return [`${planLine.verified(action, because)} ${ended(plan)}`, ...selfApproved(plan)];
    case 'unverified':
      return [
        `${planLine.unverified(action, because)} ${ended(plan)}`,
        ...selfApproved(plan),
        ...failedChecks(plan, room),
      ];
    case 'failed':
      return [`${planLine.failed(action, because)} ${ended(plan)}`, ...selfApproved(plan), ...failedChecks(plan, room)];
    case 'refused':
      return [`${planLine.refused(action, because)} ${ended(plan)}`];
    case 'denied':
      return [`${planLine.denied(action, because)} ${ended(plan)}`];
    case 'expired':
      return [`${planLine.expired(action, because)} ${ended(plan)}`];
    case 'voided':
      return [`${planLine.voided(action, because)} ${ended(plan)}`];
  }
}

const startOf = ({ startsAt }: { readonly startsAt: string }): string =>
  startsAt === '' ? en.planLine.startsWhenFree : en.planLine.startsAt(when(startsAt));

const selfApproved = (plan: PlanState): readonly string[] =>
  plan.selfApproved === undefined ? [] : [en.planLine.selfApproved(namesOf(plan))];

export const namesOf = ({ approvals }: PlanState): string => {
  const shown = approvals.slice(0, NAMES_SHOWN).map(({ name }) => outside(name, 60));
  return approvals.length > shown.length
    ? `${shown.join(', ')}, +${approvals.length - shown.length}`
    : shown.join(', ');
};

function canApprove(plan: PlanState, policyText: PolicyText | undefined): readonly string[] {
  const policy = policyText?.(plan) ?? '';
  return policy === '' ? [] : [withMentions(policy, 600)];
}

const progress = (plan: PlanState, room: number): readonly string[] =>
  plan.progress === '' ? [] : [en.planLine.progress(outside(plan.progress, room))];

const ended = ({ endedAt }: PlanState): string => (endedAt === undefined ? '' : en.planLine.ended(when(endedAt)));

const stepLines = (steps: readonly StepState[], room: number): readonly string[] =>
  steps.map(({ n, method, status, attempt, because }) => {
    const says = `${en.step.status[status]}${attempt > 1 ? en.step.attempt(attempt) : ''}`;
    return en.step.line(n, stepText(method), says, sentence(outside(because, room)));
  });

export const stepText = (method: string): string =>
  method === 'collect_evidence' || method === 'wait_until' ? en.step[method] : en.step.call(outside(method, 60));

function checkLines({ verification }: PlanState, room: number): readonly string[] {
  if (verification === undefined || verification.looks === 0) return [en.planLine.noLook];
  const shown = verification.checks.slice(0, CHECKS_SHOWN).map((check) => checkLine(check, room));
  const left = verification.checks.length - shown.length;
  return left > 0 ? [...shown, en.planLine.moreChecks(left)] : shown;
}

/** Of a verdict that is not good news: what was not proven. */
const failedChecks = ({ verification }: PlanState, room: number): readonly string[] =>
  (verification?.checks ?? [])
    .filter(({ answer }) => answer !== 'yes')
    .slice(0, CHECKS_SHOWN)
    .map((check) => checkLine(check, room));

const checkLine = (
  check: { readonly name: string; readonly answer: 'yes' | 'no' | 'unknown'; readonly says: string },
  room: number,
): string =>
  en.planLine.check(
    outside(check.name, 60),
    en.answer[check.answer],
    sentence(outside(check.says, Math.min(room, 160))),
  );
