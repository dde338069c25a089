import { clusterOf } from '../config/config.ts';
import { medic } from '../incidents/actor.ts';
import { modalShould } from '../incidents/due-work.ts';
import type { EventData, NewEvent } from '../incidents/event.ts';
import type { IncidentState, PlanState } from '../incidents/state.ts';
import { incidentKind } from '../incidents/stream.ts';
import type { PageOf } from '../playbooks/page-url.ts';
import type { SlackError, SlackPort } from '../slack/slack-port.ts';
import { renderCard } from '../slack/views/card.ts';
import { renderPlan, renderRefusal } from '../slack/views/plan-modal.ts';
import { callApprovers } from './call-approvers.ts';
import { type Deps, TryAgain } from './deps.ts';
import { whoCanIn } from './people.ts';
import { readPlan } from './read-plan.ts';
import { isTypingSpared } from './renewal.ts';

export type Notifying = Deps & {
  readonly slack: SlackPort;
  /** Where the incident can be reviewed, for the link on the card. */
  readonly auditUrl: (incidentId: string) => string;
  /** Where a finding is explained. */
  readonly pageOf: PageOf;
};

/** Makes Slack show what the state says: the card, the requester's open modal, milestones in the thread. */
export async function notify(deps: Notifying, stream: string): Promise<void> {
  const state = await deps.ledger.read(incidentKind, stream);
  if (state === undefined) return;
  // the modal first: somebody is looking at it right now
  for (const plan of Object.values(state.plans)) await showModal(deps, stream, state, plan);
  await showCard(deps, stream, state);
  await callApprovers(deps, stream, state);
  await postMilestones(deps, stream);
}

async function showCard(deps: Notifying, stream: string, state: IncidentState): Promise<void> {
  if (state.card !== undefined && state.card.seq >= state.cardSeq) return;
  const channel = state.card?.channel ?? clusterOf(deps.config, state.cluster)?.channel;
  if (channel === undefined) throw new TryAgain(`${state.cluster} is not configured any more`, 60_000);
  const card = renderCard(state, cardOptions(deps, state));
  const metadata = { incidentId: state.id };
  if (state.card !== undefined) {
    const updated = await deps.slack.updateCard(channel, state.card.ts, card, metadata);
    if (updated.ok) return record(deps, stream, 'card_updated', { seq: state.cardSeq });
    // somebody deleted it: an open incident has a card all the same
    if (updated.error.slackCode !== 'message_not_found') throw again(updated.error);
  }
  const { ts, seq } = await postOnce(deps, stream, state, channel, () => deps.slack.postCard(channel, card, metadata));
  await record(deps, stream, 'card_posted', { channel, ts, seq });
}

type Post = () => ReturnType<SlackPort['postCard']>;

/** A post that may have been sent is looked for before it is sent again, so that there is one card. */
async function postOnce(
  deps: Notifying,
  stream: string,
  state: IncidentState,
  channel: string,
  post: Post,
): Promise<{ readonly ts: string; readonly seq: number }> {
  if (state.cardIntended !== undefined) {
    const sinceS = Math.floor(Date.parse(state.cardIntended.at) / 1000) - 60;
    const found = await deps.slack.findCard(channel, { incidentId: state.id }, sinceS);
    if (!found.ok) throw again(found.error);
    // what it shows is not known, so it counts as behind
    if (found.value !== undefined) return { ts: found.value, seq: 0 };
  } else {
    await record(deps, stream, 'card_intended', { channel });
  }
  const posted = await post();
  if (!posted.ok) throw again(posted.error);
  return { ts: posted.value.ts, seq: state.cardSeq };
}

async function showModal(deps: Notifying, stream: string, state: IncidentState, plan: PlanState): Promise<void> {
  const shows = modalShould(plan);
  if (shows === plan.modalShows) return;
  const frozen = shows === 'ready' ? await readPlan(deps, state, plan) : undefined;
  const isTyped = frozen !== undefined && (await isTypingSpared(deps, state, plan, frozen.plan, plan.requestedBy.id));
  const can = whoCanIn(deps, state.cluster, plan);
  const view = frozen
    ? renderPlan({ state, plan: frozen, may: 'submit', because: '', whoCan: can, isTyped })
    : renderRefusal(state, plan.id);
  const updated = await deps.slack.updateView(plan.externalId, view);
  // a modal that the person has closed is no failure; what it would have shown is on the card
  if (!updated.ok && updated.error.code !== 'refused') throw again(updated.error);
  await record(deps, stream, 'modal_updated', { planId: plan.id, shows });
}

async function postMilestones(deps: Notifying, stream: string): Promise<void> {
  const state = await deps.ledger.read(incidentKind, stream);
  if (state?.card === undefined) return;
  for (const { seq, text, mentions = [] } of state.threadDue) {
    const { channel, ts } = state.card;
    const posted = await deps.slack.postThread(channel, ts, text, { incidentId: state.id, seq }, mentions);
    if (!posted.ok) throw again(posted.error);
    await record(deps, stream, 'thread_posted', { seq, ts: posted.value.ts });
  }
}

type Effect = 'card_intended' | 'card_posted' | 'card_updated' | 'thread_posted' | 'modal_updated';

async function record<T extends Effect>(deps: Notifying, stream: string, type: T, data: EventData<T>): Promise<void> {
  const written = await deps.ledger.change(incidentKind, stream, (state) => {
    if (state === undefined) return { events: [], result: undefined };
    return { events: [effect(state, type, data)], result: undefined };
  });
  if (!written.ok) throw new TryAgain(`${type} could not be written`, 1_000);
}

function effect<T extends Effect>(state: IncidentState, type: T, data: EventData<T>): NewEvent {
  const event: { readonly [K in Effect]: (given: EventData<K>) => NewEvent } = {
    card_intended: (given) => ({ ...base(state), type: 'card_intended', data: given }),
    card_posted: (given) => ({ ...base(state), type: 'card_posted', data: given }),
    card_updated: (given) => ({ ...base(state), type: 'card_updated', data: given }),
    thread_posted: (given) => ({ ...base(state), type: 'thread_posted', data: given }),
    modal_updated: (given) => ({ ...base(state), type: 'modal_updated', data: given }),
  };
  return event[type](data);
}

const base = (state: IncidentState) => ({ actor: medic, cluster: state.cluster, node: state.node });

/** What Slack refuses (a channel without the bot, a revoked token) waits for a person; everything else is soon over. */
const REFUSED_MS = 60_000;
const SOON_MS = 2_000;

export function again({ code, slackCode, message, retryAfterS }: SlackError): TryAgain {
  const usual = code === 'refused' ? REFUSED_MS : SOON_MS;
  return new TryAgain(`Slack: ${slackCode || message}`, retryAfterS === undefined ? usual : retryAfterS * 1_000);
}

const cardOptions = (deps: Notifying, state: IncidentState) => ({
  now: deps.now().toISOString(),
  auditUrl: deps.auditUrl(state.id),
  pageOf: deps.pageOf,
  policyText: (plan: PlanState) => whoCanIn(deps, state.cluster, plan),
});
