import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../log.ts';
import type { Result } from '../../result.ts';
import type { Desk } from '../desk.ts';
import { toSlackError } from '../slack-error.ts';
import type { SlackError } from '../slack-port.ts';
import { en } from '../text/en.ts';
import { withMentions } from '../views/mrkdwn.ts';
import { renderNo } from '../views/small-modals.ts';
import type { Click } from './click.ts';

/** What a listener works with: Medic's decisions and the one person who clicked. */
export type Tools = { readonly desk: Desk; readonly slack: WebClient; readonly log: Log };

/** Tells the one person: in the modal that is open, otherwise as a message that only they see. */
export async function tell({ slack, log }: Tools, click: Click, text: string): Promise<void> {
  const sent =
    click.viewId === undefined
      ? await sendEphemeral(slack, click, text)
      : await attempt(() => slack.views.update({ view_id: click.viewId ?? '', view: renderNo(text) }));
  if (!sent.ok) log('slack_answer_lost', { code: sent.error.code, slackCode: sent.error.slackCode });
}

/**
 * Opens a modal and says its id; a trigger lives for 3 s, so this may come too late: then the person is told what else
 * they can do.
 */
export async function openModal(tools: Tools, click: Click, view: ModalView): Promise<string | undefined> {
  const opened = await attempt(() => tools.slack.views.open({ trigger_id: click.triggerId, view }));
  if (opened.ok) return opened.value.view?.id;
  const { slackCode } = opened.error;
  tools.log('slack_view_not_opened', { slackCode });
  const isOpenElsewhere = slackCode === 'duplicate_external_id';
  await tell(tools, click, isOpenElsewhere ? en.reply.alreadyPreparing : en.reply.windowFailed(slackCode));
  return undefined;
}

/** Shows another page in the modal that is open. */
export async function replaceModal(tools: Tools, viewId: string, view: ModalView): Promise<void> {
  const updated = await attempt(() => tools.slack.views.update({ view_id: viewId, view }));
  if (!updated.ok) tools.log('slack_view_not_updated', { slackCode: updated.error.slackCode });
}

function sendEphemeral(slack: WebClient, click: Click, text: string): Promise<Result<unknown, SlackError>> {
  const { channelId, clicker } = click;
  if (channelId === undefined) {
    return Promise.resolve({ ok: false, error: { code: 'refused', slackCode: 'no_channel', message: 'no channel' } });
  }
  return attempt(() =>
    slack.chat.postEphemeral({ channel: channelId, user: clicker.userId, text: withMentions(text, 3000) }),
  );
}

async function attempt<T>(call: () => Promise<T>): Promise<Result<T, SlackError>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, error: toSlackError(error) };
  }
}
