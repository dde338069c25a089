import { actionTraits } from '../actions/traits.ts';
import { titleOf } from '../approvals/action-name.ts';
import type { NewEvent } from '../incidents/event.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { Clicker, DeskAnswer } from '../slack/desk.ts';
import { type Deciding, recordRefusal, whoDecides } from './people.ts';

const STORE_DOWN = 'The record could not be written, so it was not cancelled. Try again in a moment.';

/** Stops an approved plan that has not begun. Either this or the start is first in the stream, never both. */
export async function cancelStart(
  deps: Deciding,
  incidentId: string,
  planId: string,
  clicker: Clicker,
): Promise<DeskAnswer<void>> {
  const stream = incidentStream(incidentId);
  const seen = await deps.ledger.read(incidentKind, stream);
  const plan = seen?.plans[planId];
  if (seen === undefined || plan === undefined) return { ok: false, error: { because: 'This plan is not known.' } };
  const who = await whoDecides(deps, seen, clicker, actionTraits[plan.action].identity);
  const refuse = async (because: string): Promise<DeskAnswer<void>> => {
    await recordRefusal(deps, incidentId, who.actor, `Cancelling of ${titleOf(plan)}`, because, planId);
    return { ok: false, error: { because } };
  };
  if ('because' in who) return refuse(who.because);
  const changed = await deps.ledger.change(incidentKind, stream, (state) => {
    const current = state?.plans[planId];
    if (state === undefined || current === undefined) return { events: [], result: 'This plan is not known.' };
    if (current.status !== 'approved') {
      return { events: [], result: `This plan is ${current.status}; only what has not begun can be cancelled.` };
    }
    const base = { actor: who.actor, cluster: state.cluster, node: state.node, planHash: current.hash };
    const data = { planId, because: `${who.actor.name} cancelled it before it began.` };
    const event: NewEvent = { ...base, type: 'plan_voided', data };
    return { events: [event], result: undefined };
  });
  if (!changed.ok) return { ok: false, error: { because: STORE_DOWN } };
  return changed.value === undefined ? { ok: true, value: undefined } : refuse(changed.value);
}
