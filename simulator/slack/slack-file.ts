import * as z from 'zod';

/**
 * `<folder>/slack.json`: where the local Slack is, for whoever starts Medic or tests it. `url` is the origin: the page is
 * at `/local/slack`, the Web API at `/local/slack/api/`, the control API at `/local/slack/control/`.
 */
export const SlackFile = z.object({ url: z.url(), pid: z.int(), controlToken: z.string() });
export type SlackFile = z.infer<typeof SlackFile>;
export const SLACK_FILE = 'slack.json';
