import { incidentOfBlock, moreOption, parseButtonValue, renewedPlan } from '../action-ids.ts';
import { en } from '../text/en.ts';
import { renderEvidence } from '../views/evidence-modal.ts';
import { outside } from '../views/mrkdwn.ts';
import { renderClose, renderDeny } from '../views/small-modals.ts';
import { openModal, replaceModal, type Tools, tell } from './answer.ts';
import type { Click } from './click.ts';
import { renewPlan } from './offer.ts';

/** The card's menu. What cannot be undone by looking again asks for a reason first. */
export async function clickMore(tools: Tools, click: Click): Promise<void> {
  const incidentId = incidentOfBlock(click.blockId);
  if (incidentId === undefined) return tell(tools, click, en.reply.outOfDate);
  const renewed = renewedPlan(click.value);
  if (renewed !== undefined) return renewPlan(tools, click, incidentId, renewed);
  switch (click.value) {
    case moreOption.again: {
      const again = await tools.desk.diagnoseAgain(incidentId, click.clicker);
      return again.ok ? undefined : tell(tools, click, again.error.because);
    }
    case moreOption.evidence: {
      const state = await tools.desk.look(incidentId);
      if (state === undefined) return tell(tools, click, en.reply.unknownIncident);
      await openModal(tools, click, renderEvidence(state));
      return;
    }
    case moreOption.close: {
      const state = await tools.desk.look(incidentId);
      if (state === undefined) return tell(tools, click, en.reply.unknownIncident);
      await openModal(tools, click, renderClose(incidentId, state));
      return;
    }
    default:
      return tell(tools, click, en.reply.outOfDate);
  }
}

/** "Deny…" in the plan's modal: the same window asks for the reason, so that no trigger can expire. */
export async function clickDeny(tools: Tools, click: Click): Promise<void> {
  const button = parseButtonValue(click.value);
  if (button === undefined || click.viewId === undefined) return tell(tools, click, en.reply.outOfDate);
  const state = await tools.desk.look(button.incidentId);
  if (state === undefined) return tell(tools, click, en.reply.unknownIncident);
  return replaceModal(tools, click.viewId, renderDeny({ ...button, may: 'read' }, state));
}

/** "Cancel start" on the card: one click, because nothing is lost by it. */
export async function clickCancelStart(tools: Tools, click: Click): Promise<void> {
  const button = parseButtonValue(click.value);
  if (button === undefined) return tell(tools, click, en.reply.outOfDate);
  const cancelled = await tools.desk.cancelStart(button.incidentId, button.planId, click.clicker);
  return cancelled.ok ? undefined : tell(tools, click, cancelled.error.because);
}

/** "Diagnose a node…" on the card of a cluster: the node gets a card of its own, where actions are. */
export async function clickDiagnoseNode(tools: Tools, click: Click): Promise<void> {
  const incidentId = incidentOfBlock(click.blockId);
  if (incidentId === undefined) return tell(tools, click, en.reply.outOfDate);
  const opened = await tools.desk.diagnoseNode(incidentId, click.value, click.clicker);
  return tell(tools, click, opened.ok ? en.patrol.ownCard(outside(click.value, 60)) : opened.error.because);
}
