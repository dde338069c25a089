import type { ActionsBlock, Button, KnownBlock, Overflow, PlainTextOption, StaticSelect } from '@slack/types';
import { actionTraits } from '../../actions/traits.ts';
import { offerId, titleOf } from '../../approvals/action-name.ts';
import type { Offer } from '../../incidents/event.ts';
import { type IncidentState, isActing, isOver, isPending, type PlanState } from '../../incidents/state.ts';
import { actionId, buttonValue, moreBlockId, moreOption, renewOption } from '../action-ids.ts';
import { en } from '../text/en.ts';
import { context, plain, section } from './blocks.ts';
import { outsidePlain } from './mrkdwn.ts';
import { type PolicyText, planLines } from './plan-lines.ts';
import { isOutdated } from './standing.ts';

/** At most three buttons and a menu. */
const BUTTONS_MAX = 3;
/** Slack takes 75 characters and shows about 30. */
const BUTTON_TEXT_MAX = 70;
/** Plans that ended and are still told on the card, newest first. */
const ENDED_SHOWN = 2;

/** Plans that a person can open: before it is frozen there is nothing to review, past approval nothing to decide. */
const isReviewable = ({ status }: PlanState): boolean =>
  status === 'ready' || status === 'awaiting' || status === 'approved';

export function planBlocks(
  state: IncidentState,
  room: number,
  policyText: PolicyText | undefined,
): readonly KnownBlock[] {
  const plans = Object.values(state.plans);
  const ended = plans.filter(isOver).reverse();
  const shown = [
    ...ended.slice(0, ENDED_SHOWN).reverse(),
    ...plans.filter((plan) => !isOver(plan)).slice(-BUTTONS_MAX),
  ];
  return [
    ...shown.map((plan) => planBlock(state, plan, room, policyText)),
    ...(ended.length > ENDED_SHOWN ? [context(en.card.earlier(ended.length - ENDED_SHOWN))] : []),
  ];
}

function planBlock(
  state: IncidentState,
  plan: PlanState,
  room: number,
  policyText: PolicyText | undefined,
): KnownBlock {
  const lines = section(planLines(plan, room, policyText).join('\n'));
  if (isRenewable(state, plan)) return { ...lines, accessory: renewButton(state, plan) };
  if (!isReviewable(plan) || state.status === 'closed') return lines;
  if (plan.status === 'approved' && plan.selfApproved?.startsAt)
    return { ...lines, accessory: cancelButton(state, plan) };
  const review: Button = {
    type: 'button',
    action_id: actionId.review,
    text: plain(en.button.review),
    value: buttonValue(state.id, plan.id),
    ...(plan.status === 'awaiting' ? { style: 'primary' } : {}),
  };
  return { ...lines, accessory: review };
}

/** It expired last, and may still be asked for. */
const isRenewable = (state: IncidentState, plan: PlanState): boolean =>
  plan.status === 'expired' &&
  plan.hash !== '' &&
  plan.id === Object.keys(state.plans).at(-1) &&
  offersOf(state).some(({ id }) => id === offerId(plan.action, plan.parameters));

const renewButton = (state: IncidentState, plan: PlanState): Button => ({
  type: 'button',
  action_id: actionId.renew,
  text: plain(en.button.renew),
  value: buttonValue(state.id, plan.id),
});

const cancelButton = (state: IncidentState, plan: PlanState): Button => ({
  type: 'button',
  action_id: actionId.cancelStart,
  text: plain(en.button.cancelStart),
  value: buttonValue(state.id, plan.id),
  style: 'danger',
});

/** Offers as buttons, only from a diagnosis that still stands and while nothing is running; then the menu. */
export function cardButtons(state: IncidentState): readonly KnownBlock[] {
  const reviews = Object.values(state.plans).filter((plan) => isReviewable(plan) || isRenewable(state, plan)).length;
  const elements = [
    ...offersOf(state)
      .slice(0, Math.max(0, BUTTONS_MAX - reviews))
      .map((offer) => offerButton(state, offer)),
    more(state),
  ];
  const block: ActionsBlock = { type: 'actions', block_id: moreBlockId(state.id), elements };
  return [block];
}

function offersOf(state: IncidentState): readonly Offer[] {
  const plans = Object.values(state.plans);
  if (state.status !== 'diagnosed' || state.subject === 'unresolved' || isOutdated(state)) return [];
  if (plans.some(isActing)) return [];
  const isPlanned = (offer: Offer) =>
    plans.some((plan) => offerId(plan.action, plan.parameters) === offer.id && isPending(plan));
  return (state.diagnosis?.offers ?? []).filter((offer) => offer.answer === 'allowed' && !isPlanned(offer));
}

/** Style by risk: what wipes or hands out secrets is red; the click itself only opens a plan. */
const style = (action: Offer['action']): Pick<Button, 'style'> =>
  actionTraits[action].risk === 'R3' ? { style: 'danger' } : { style: 'primary' };

const offerButton = (state: IncidentState, offer: Offer): Button => ({
  type: 'button',
  action_id: actionId.offer(offer.id),
  text: plain(en.button.offer(outsidePlain(titleOf(offer), BUTTON_TEXT_MAX))),
  value: buttonValue(state.id),
  ...style(offer.action),
});

/** Under the card of a cluster: nothing there changes a node. */
export function patrolMenu(state: IncidentState): ActionsBlock {
  const options = [option(en.button.lookAgain, moreOption.again), option(en.button.close, moreOption.close)];
  const menu: Overflow = { type: 'overflow', action_id: actionId.more, options };
  const nodes = [...new Set(state.patrol?.groups.flatMap((group) => group.nodes) ?? [])].filter(isChoosable);
  const choose: StaticSelect = {
    type: 'static_select',
    action_id: actionId.diagnoseNode,
    placeholder: plain(en.patrol.diagnoseNode),
    options: nodes.slice(0, OPTIONS_MAX).map((node) => option(node, node)),
  };
  const elements = nodes.length === 0 ? [menu] : [choose, menu];
  return { type: 'actions', block_id: moreBlockId(state.id), elements };
}
/** What Slack takes as options of a menu. Source: Slack's reference of Block Kit. */
const OPTIONS_MAX = 100;
const OPTION_TEXT_MAX = 75;
const isChoosable = (node: string): boolean => node !== '' && node.length <= OPTION_TEXT_MAX;

/** Slack's menu holds five entries, three are taken. */
const RENEWALS_MAX = 2;

function more(state: IncidentState): Overflow {
  const again = option(en.button.again, moreOption.again);
  const evidence = option(en.button.evidence, moreOption.evidence);
  const close = option(en.button.close, moreOption.close);
  const renewals = Object.values(state.plans)
    .filter(({ status }) => status === 'awaiting' && state.status === 'diagnosed')
    .slice(-RENEWALS_MAX)
    .map((plan) => option(en.button.renewPlan(outsidePlain(titleOf(plan), 50)), renewOption(plan.id)));
  const options = state.subject === 'unresolved' ? [evidence, close] : [again, evidence, ...renewals, close];
  return { type: 'overflow', action_id: actionId.more, options: state.status === 'closed' ? [evidence] : options };
}

const option = (text: string, value: string): PlainTextOption => ({ text: plain(text), value });
