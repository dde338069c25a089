import type { Plan } from '../approvals/plan.ts';
import type { PlanState } from '../incidents/state.ts';
import type { FieldError, Typed } from '../slack/desk.ts';

/** What a decision asks to be typed; undefined: it was. */
export function wrongField(plan: Plan, state: PlanState, typed: Typed, what: string): FieldError | undefined {
  if (what === 'Denial')
    return typed.reason.trim() === '' ? fieldError('reason', 'Say why, in a few words.') : undefined;
  if (plan.typedName === 'required' && typed.nodeName.trim() !== plan.node) {
    return fieldError('nodeName', `Type ${plan.node}, exactly.`);
  }
  if (state.status === 'ready' && typed.reason.trim() === '') return fieldError('reason', 'Say why, in a few words.');
  if (
    (state.status === 'awaiting' || plan.approvalsNeeded <= 1) &&
    plan.consoleFingerprint !== '' &&
    typed.consoleFingerprint.trim() !== plan.consoleFingerprint
  ) {
    return fieldError(
      'consoleFingerprint',
      "This is not what the node's console must show. Do not approve if the console shows something else.",
    );
  }
  return undefined;
}
const fieldError = (field: FieldError['field'], says: string): FieldError => ({ ok: false, field, says });
