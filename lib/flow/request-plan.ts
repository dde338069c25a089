import { actionTraits } from '../actions/traits.ts';
import { ACTION_TITLES, offeredAction, offerId } from '../approvals/action-name.ts';
import type { NewEvent } from '../incidents/event.ts';
import type { PlanState } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { Clicker, DeskAnswer, PlanToPrepare } from '../slack/desk.ts';
import type { Decision } from '../store/ledger-types.ts';
import { type Deciding, recordRefusal, whoDecides } from './people.ts';
import { whyNotRenewed } from './renewal.ts';

type Requested = PlanToPrepare | { readonly because: string };

const STORE_DOWN = 'The record could not be written, so nothing was done. Try again in a moment.';

/** Click on an offer (`offered`: its id) or on "Renew" (`renews`: the plan before): one plan per person and offer is prepared, however often it is clicked. */
export async function requestPlan(
  deps: Deciding,
  incidentId: string,
  offered: string,
  clicker: Clicker,
  renews?: string,
): Promise<DeskAnswer<PlanToPrepare>> {
  const stream = incidentStream(incidentId);
  const seen = await deps.ledger.read(incidentKind, stream);
  if (seen === undefined) return { ok: false, error: { because: 'This incident is not known.' } };
  const action = offeredAction(offered);
  if (action === undefined) return { ok: false, error: { because: 'This action is not known.' } };
  const traits = actionTraits[action];
  const title = ACTION_TITLES[action];
  const who = await whoDecides(deps, seen, clicker, traits.identity);
  const refuse = async (because: string): Promise<DeskAnswer<PlanToPrepare>> => {
    await recordRefusal(deps, incidentId, who.actor, `${title} requested`, because);
    return { ok: false, error: { because } };
  };
  if ('because' in who) return refuse(who.because);
  const planId = `plan-${deps.newId()}`;
  const changed = await deps.ledger.change(incidentKind, stream, (state): Decision<NewEvent, Requested> => {
    if (state === undefined) return { events: [], result: { because: 'This incident is not known.' } };
    const open = Object.values(state.plans).find(
      (plan) => idOf(plan) === offered && plan.status === 'preparing' && plan.requestedBy.id === who.actor.id,
    );
    if (open !== undefined) return { events: [], result: { planId: open.id, externalId: open.externalId, state } };
    if (state.status !== 'diagnosed') {
      return {
        events: [],
        result: { because: `The incident is ${state.status}; plans start from a finished diagnosis.` },
      };
    }
    const offer = state.diagnosis?.offers.find(({ id }) => id === offered);
    if (offer === undefined) return { events: [], result: { because: `${title} is not offered any more.` } };
    const no = offer.gates.find(({ answer }) => answer === 'refused');
    if (no !== undefined) return { events: [], result: { because: no.because } };
    const late = renews === undefined ? undefined : whyNotRenewed(state, renews);
    if (late !== undefined) return { events: [], result: { because: late } };
    const { parameters, about } = offer;
    const of = renews === undefined ? {} : { renews };
    const data = { planId, action, parameters, about, identity: traits.identity, externalId: planId, ...of };
    const event: NewEvent = {
      type: 'plan_requested',
      actor: who.actor,
      cluster: state.cluster,
      node: state.node,
      data,
    };
    return { events: [event], result: { planId, externalId: planId, state } };
  });
  if (!changed.ok) return { ok: false, error: { because: STORE_DOWN } };
  return 'because' in changed.value ? refuse(changed.value.because) : { ok: true, value: changed.value };
}

/** Asks for the same plan again, with a new hash and new time: yeses that were given before do not carry over. */
export async function renew(
  deps: Deciding,
  incidentId: string,
  planId: string,
  clicker: Clicker,
): Promise<DeskAnswer<PlanToPrepare>> {
  const state = await deps.ledger.read(incidentKind, incidentStream(incidentId));
  const plan = state?.plans[planId];
  if (plan === undefined) return { ok: false, error: { because: 'This plan is not known.' } };
  return requestPlan(deps, incidentId, idOf(plan), clicker, planId);
}

const idOf = ({ action, parameters }: PlanState) => offerId(action, parameters);
