import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../log.ts';
import { actionId, offerOf } from '../action-ids.ts';
import type { Desk } from '../desk.ts';
import { en } from '../text/en.ts';
import { type Tools, tell } from './answer.ts';
import { type Click, parseClick } from './click.ts';
import { answerCommand } from './command.ts';
import { clickCancelStart, clickDeny, clickDiagnoseNode, clickMore } from './more.ts';
import { clickOffer, clickRenew, clickReview } from './offer.ts';
import { parseSubmission } from './submission.ts';
import { answerSubmission, no } from './submit.ts';

const clicks: Readonly<Record<string, (tools: Tools, click: Click) => Promise<void>>> = {
  [actionId.review]: clickReview,
  [actionId.more]: clickMore,
  [actionId.deny]: clickDeny,
  [actionId.renew]: clickRenew,
  [actionId.cancelStart]: clickCancelStart,
  [actionId.diagnoseNode]: clickDiagnoseNode,
};

/**
 * One listener per kind of payload, because Bolt would run a catch-all beside every named one. Each acknowledges, makes
 * one decision and answers the person; whatever breaks is told too.
 */
export function registerListeners(app: App, desk: Desk, log: Log): void {
  app.action(/.*/, async ({ ack, body, client }) => {
    await ack();
    const click = parseClick(body);
    if (click === undefined) return log('slack_click_not_understood');
    await answerClick({ desk, slack: client, log }, click);
  });
  app.view({ type: 'view_submission', callback_id: /.*/ }, async ({ ack, body }) => {
    const submission = parseSubmission(body);
    if (submission === undefined) return ack(no(en.reply.outOfDate));
    const answer = await answerSubmission(desk, submission).catch((cause: unknown) => {
      log('slack_submission_failed', { because: String(cause) });
      return no(en.reply.broken);
    });
    await ack(answer);
  });
  app.view({ type: 'view_closed', callback_id: /.*/ }, ({ ack }) => ack());
  app.command('/medic', async ({ ack, body }) => {
    const answer = await answerCommand(desk, body).catch((cause: unknown) => {
      log('slack_command_failed', { because: String(cause) });
      return en.reply.commandBroken;
    });
    await ack(answer);
  });
  app.error(async (error) => log('slack_listener_failed', { because: error.message }));
}

async function answerClick(tools: Tools & { readonly slack: WebClient }, click: Click): Promise<void> {
  const listener = offerOf(click.actionId) === undefined ? clicks[click.actionId] : clickOffer;
  if (listener === undefined) return tell(tools, click, en.reply.outOfDate);
  try {
    await listener(tools, click);
  } catch (cause) {
    tools.log('slack_click_failed', { actionId: click.actionId, because: String(cause) });
    await tell(tools, click, en.reply.broken);
  }
}
