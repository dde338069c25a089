import type { Result } from '../result.ts';
import { describeTalosError } from '../talos/describe-talos-error.ts';
import { isOutcomeUnknown } from '../talos/outcome.ts';
import type { TalosError } from '../talos/talos-error.ts';
import type { StepOutcome } from './action.ts';

/** What an error of the one call means for its step: a no of Talos, or nobody knows. */
export const notDone = (error: TalosError): StepOutcome => ({
  outcome: isOutcomeUnknown(error) ? 'unknown' : 'refused',
  because: describeTalosError(error),
});

/** Of a call whose reply only says that a sequence was asked for. */
export const started = (reply: Result<{ readonly actorId: string }, TalosError>): StepOutcome =>
  reply.ok
    ? { outcome: 'done', because: 'Talos took the call.', talosActorId: reply.value.actorId }
    : notDone(reply.error);
