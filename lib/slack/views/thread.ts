import { outside } from './mrkdwn.ts';

/** Slack cuts longer texts itself. Source: Slack's reference of chat.postMessage. */
const THREAD_MAX = 3000;

/** A milestone (lib/incidents/milestone.ts) as a message of the thread: text from outside, the verdict in bold. */
export const renderThread = (milestone: string): string =>
  outside(milestone, THREAD_MAX).replace(/\u2217(verified|unverified|refused|failed)\u2217/g, '*$1*');
