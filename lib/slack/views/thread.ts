import { ACTION_TITLES } from '../../approvals/action-name.ts';
import { outside } from './mrkdwn.ts';

/** Slack cuts longer texts itself. Source: Slack's reference of chat.postMessage. */
const THREAD_MAX = 3000;

const ACTIONS = [...Object.values(ACTION_TITLES), 'The plan'].join('|');
/** Only where Medic itself writes it: a person's reason that claims a verdict stays plain text. */
const VERDICT = new RegExp(`^((?:${ACTIONS}): )\\u2217(verified|unverified|refused|failed)\\u2217`);

/** A milestone (lib/incidents/milestone.ts) as a message of the thread: text from outside, the verdict in bold. */
export function renderThread(milestone: string, mentions: readonly string[] = []): string {
  const people = mentions.filter((id) => USER.test(id)).slice(0, MENTIONS_MAX);
  const text = outside(milestone, THREAD_MAX).replace(VERDICT, '$1*$2*');
  return [...people.map((id) => `<@${id}>`), text].join(' ');
}

/** What is no user's id, such as `!channel`, mentions nobody. */
const USER = /^[UW][A-Z0-9_]{1,30}$/;
const MENTIONS_MAX = 40;
