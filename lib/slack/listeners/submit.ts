import type { ViewResponseAction } from '@slack/bolt';
import { callbackId, inputBlock } from '../action-ids.ts';
import type { Desk, DeskAnswer, FieldError } from '../desk.ts';
import { en } from '../text/en.ts';
import { renderNo } from '../views/small-modals.ts';
import type { Submission } from './submission.ts';

/** One decision per modal, and what its window does next: close, mark a field, or say why not. */
export async function answerSubmission(desk: Desk, submission: Submission): Promise<ViewResponseAction> {
  const decided = await decide(desk, submission);
  if (decided === undefined) return no(en.reply.outOfDate);
  if (decided.ok) return { response_action: 'clear' };
  if ('error' in decided) return no(decided.error.because);
  const block = inputBlock[decided.field];
  if (!submission.blockIds.includes(block)) return no(decided.says);
  return { response_action: 'errors', errors: { [block]: decided.says } };
}

async function decide(
  desk: Desk,
  { callbackId: callback, clicker, metadata, typed }: Submission,
): Promise<DeskAnswer<void> | FieldError | undefined> {
  const { incidentId, planId, may } = metadata;
  switch (callback) {
    case callbackId.plan:
      if (may === 'submit') return desk.submit(incidentId, planId, clicker, typed);
      return may === 'approve' ? desk.approve(incidentId, planId, clicker, typed) : undefined;
    case callbackId.deny:
      return desk.deny(incidentId, planId, clicker, typed.reason);
    case callbackId.close:
      return desk.close(incidentId, clicker, typed.reason);
    default:
      return undefined;
  }
}

export const no = (because: string): ViewResponseAction => ({ response_action: 'update', view: renderNo(because) });
