import type { ActionName } from '../../playbooks/finding.ts';
import { parseButtonValue } from '../action-ids.ts';
import { en } from '../text/en.ts';
import { renderPlan, renderPreparing, renderRefusal } from '../views/plan-modal.ts';
import { openModal, type Tools, tell } from './answer.ts';
import type { Click } from './click.ts';

/** Click on an offer: the decision first, then the window. The plan job finds the window by its external id. */
export const clickOffer = (action: ActionName) => async (tools: Tools, click: Click) => {
  const button = parseButtonValue(click.value);
  if (button === undefined) return tell(tools, click, en.reply.outOfDate);
  const asked = await tools.desk.requestPlan(button.incidentId, action, click.clicker);
  if (!asked.ok) return tell(tools, click, asked.error.because);
  const { state, planId } = asked.value;
  const status = state.plans[planId]?.status;
  if (status === undefined || status === 'preparing') return openModal(tools, click, renderPreparing(asked.value));
  if (state.plans[planId]?.hash === '') return openModal(tools, click, renderRefusal(state, planId));
  return review(tools, click, button.incidentId, planId);
};

/** The frozen plan again, for its requester or an approver. */
export async function clickReview(tools: Tools, click: Click): Promise<void> {
  const button = parseButtonValue(click.value);
  if (button === undefined) return tell(tools, click, en.reply.outOfDate);
  return review(tools, click, button.incidentId, button.planId);
}

async function review(tools: Tools, click: Click, incidentId: string, planId: string): Promise<void> {
  const opened = await tools.desk.review(incidentId, planId, click.clicker);
  if (!opened.ok) return tell(tools, click, opened.error.because);
  return openModal(tools, click, renderPlan(opened.value));
}
