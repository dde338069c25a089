import type { NewEvent } from '../incidents/event.ts';
import { type IncidentState, isActing, isPending } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import type { Clicker, Desk, DeskAnswer } from '../slack/desk.ts';
import { cancelStart } from './cancel-start.ts';
import { clusterCommand } from './cluster-command.ts';
import { approve, deny, review, submit } from './decide-plan.ts';
import { openIncidentKey } from './keys.ts';
import { diagnoseNode } from './open-node.ts';
import { type Deciding, recordRefusal, whoDecides } from './people.ts';
import { renew, requestPlan } from './request-plan.ts';
import { wantPatrol } from './want-patrol.ts';

/** Everything that a click in Slack can decide. */
export const createDesk = (deps: Deciding): Desk => ({
  requestPlan: (incidentId, offered, clicker) => requestPlan(deps, incidentId, offered, clicker),
  review: (incidentId, planId, clicker) => review(deps, incidentId, planId, clicker),
  submit: (incidentId, planId, clicker, typed) => submit(deps, incidentId, planId, clicker, typed),
  approve: (incidentId, planId, clicker, typed) => approve(deps, incidentId, planId, clicker, typed),
  deny: (incidentId, planId, clicker, reason) => deny(deps, incidentId, planId, clicker, reason),
  renew: (incidentId, planId, clicker) => renew(deps, incidentId, planId, clicker),
  cancelStart: (incidentId, planId, clicker) => cancelStart(deps, incidentId, planId, clicker),
  diagnoseAgain: (incidentId, clicker) => diagnoseAgain(deps, incidentId, clicker),
  diagnoseNode: (incidentId, node, clicker) => diagnoseNode(deps, incidentId, node, clicker),
  check: (cluster, clicker, channel) => wantPatrol(deps, cluster, clicker, channel),
  close: (incidentId, clicker, reason) => close(deps, incidentId, clicker, reason),
  command: (name, cluster, clicker, reason) => clusterCommand(deps, name, cluster, clicker, reason),
  look: (incidentId) => deps.ledger.read(incidentKind, incidentStream(incidentId)),
});

const STORE_DOWN = 'The record could not be written, so nothing was done. Try again in a moment.';

type Change = Parameters<typeof deciding>[4];

async function deciding(
  deps: Deciding,
  incidentId: string,
  clicker: Clicker,
  what: string,
  choose: (
    state: NonNullable<Awaited<ReturnType<Desk['look']>>>,
    actor: NewEvent['actor'],
  ) => { readonly events: readonly NewEvent[]; readonly closes?: boolean; readonly because?: string },
): Promise<DeskAnswer<void>> {
  const stream = incidentStream(incidentId);
  const seen = await deps.ledger.read(incidentKind, stream);
  if (seen === undefined) return { ok: false, error: { because: 'This incident is not known.' } };
  const who = await whoDecides(deps, seen, clicker, 'operator');
  const refuse = async (because: string): Promise<DeskAnswer<void>> => {
    await recordRefusal(deps, incidentId, who.actor, what, because);
    return { ok: false, error: { because } };
  };
  if ('because' in who) return refuse(who.because);
  const changed = await deps.ledger.change(incidentKind, stream, (state) => {
    if (state === undefined) return { events: [], result: 'This incident is not known.' };
    const { events, closes, because } = choose(state, who.actor);
    const key = openIncidentKey(state.cluster, pointerOf(state));
    const pointer = { do: 'delete' as const, key, when: { is: 'equal' as const, equals: { incident: state.id } } };
    return { events, writes: closes ? [pointer] : [], result: because };
  });
  if (!changed.ok) return { ok: false, error: { because: STORE_DOWN } };
  return changed.value === undefined ? { ok: true, value: undefined } : refuse(changed.value);
}

function pointerOf({ subject, node, alerts }: IncidentState): string {
  if (subject === 'cluster') return 'CLUSTER';
  return subject === 'node' ? `NODE#${node}` : `UNRESOLVED#${alerts[0]?.fingerprint ?? ''}`;
}

const diagnoseAgain = async (deps: Deciding, incidentId: string, clicker: Clicker): Promise<DeskAnswer<void>> => {
  const seen = await deps.ledger.read(incidentKind, incidentStream(incidentId));
  if (seen?.subject === 'cluster') {
    const wanted = await wantPatrol(deps, seen.cluster, clicker, seen.card?.channel ?? '');
    return wanted.ok ? { ok: true, value: undefined } : wanted;
  }
  const choose: Change = (state, actor) => {
    if (state.status === 'closed') return { events: [], because: 'The incident is closed.' };
    if (state.subject === 'unresolved') {
      return { events: [], because: 'It is not known which node this incident is about, so there is none to ask.' };
    }
    if (state.status === 'acting') {
      return { events: [], because: 'An action is under way; Medic looks again by itself after its verdict.' };
    }
    const data = { because: `${actor.name} asked for it` };
    return { events: [{ type: 'diagnosis_wanted', actor, cluster: state.cluster, node: state.node, data }] };
  };
  return deciding(deps, incidentId, clicker, 'Diagnose again', choose);
};

const close = (deps: Deciding, incidentId: string, clicker: Clicker, reason: string): Promise<DeskAnswer<void>> => {
  const choose: Change = (state, actor) => {
    const plans = Object.values(state.plans);
    if (state.status !== 'open' && state.status !== 'diagnosed') {
      return { events: [], because: `The incident is ${state.status}; it cannot be closed right now.` };
    }
    if (plans.some(isActing)) return { events: [], because: 'An action is under way; wait for its verdict.' };
    const base = { actor, cluster: state.cluster, node: state.node };
    const voided = plans
      .filter((plan) => isPending(plan) && plan.hash !== '')
      .map((plan): NewEvent => {
        const data = { planId: plan.id, because: 'the incident was closed.' };
        return { ...base, type: 'plan_voided', data, planHash: plan.hash };
      });
    const closed: NewEvent = {
      ...base,
      type: 'incident_closed',
      data: { because: `${actor.name} closed it: ${reason}` },
    };
    return { events: [...voided, closed], closes: true };
  };
  return deciding(deps, incidentId, clicker, 'Close', choose);
};
