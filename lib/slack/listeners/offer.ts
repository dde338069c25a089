import { offerId } from '../../approvals/action-name.ts';
import { offerOf, parseButtonValue } from '../action-ids.ts';
import type { PlanToPrepare } from '../desk.ts';
import { en } from '../text/en.ts';
import { renderPlan, renderPreparing, renderRefusal } from '../views/plan-modal.ts';
import { openModal, replaceModal, type Tools, tell } from './answer.ts';
import type { Click } from './click.ts';

/** Click on an offer: the decision first, then the window. The plan job finds the window by its external id. */
export async function clickOffer(tools: Tools, click: Click): Promise<void> {
  const button = parseButtonValue(click.value);
  const offered = offerOf(click.actionId);
  if (button === undefined || offered === undefined) return tell(tools, click, en.reply.outOfDate);
  const asked = await tools.desk.requestPlan(button.incidentId, offered, click.clicker);
  if (!asked.ok) return tell(tools, click, asked.error.because);
  const viewId = await openModal(tools, click, renderPreparing(asked.value, offered));
  if (viewId !== undefined) await catchUp(tools, click, viewId, button.incidentId, asked.value);
}

/** A plan job that was faster than the window found nothing to update: what it would have shown is shown here. */
async function catchUp(
  tools: Tools,
  click: Click,
  viewId: string,
  incidentId: string,
  { planId }: PlanToPrepare,
): Promise<void> {
  const state = await tools.desk.look(incidentId);
  const plan = state?.plans[planId];
  if (state === undefined || plan === undefined || plan.status === 'preparing') return;
  if (plan.hash === '') return replaceModal(tools, viewId, renderRefusal(state, planId));
  const opened = await tools.desk.review(incidentId, planId, click.clicker);
  if (opened.ok) await replaceModal(tools, viewId, renderPlan(opened.value));
}

/** "Renew…": as a click on its offer, with the plan before it. */
export async function clickRenew(tools: Tools, click: Click): Promise<void> {
  const button = parseButtonValue(click.value);
  if (button === undefined) return tell(tools, click, en.reply.outOfDate);
  return renewPlan(tools, click, button.incidentId, button.planId);
}

export async function renewPlan(tools: Tools, click: Click, incidentId: string, planId: string): Promise<void> {
  const asked = await tools.desk.renew(incidentId, planId, click.clicker);
  if (!asked.ok) return tell(tools, click, asked.error.because);
  const before = asked.value.state.plans[planId];
  const offered = before === undefined ? planId : offerId(before.action, before.parameters);
  const viewId = await openModal(tools, click, renderPreparing(asked.value, offered));
  if (viewId !== undefined) await catchUp(tools, click, viewId, incidentId, asked.value);
}

/** The frozen plan again, for its requester or an approver. */
export async function clickReview(tools: Tools, click: Click): Promise<void> {
  const button = parseButtonValue(click.value);
  if (button === undefined) return tell(tools, click, en.reply.outOfDate);
  const opened = await tools.desk.review(button.incidentId, button.planId, click.clicker);
  if (!opened.ok) return tell(tools, click, opened.error.because);
  await openModal(tools, click, renderPlan(opened.value));
}
