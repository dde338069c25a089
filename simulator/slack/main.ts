import { parseArgs } from 'node:util';
import * as z from 'zod';
import { startLocalSlack } from './start-local-slack.ts';

/** The local Slack as a process of its own. Prints one JSON line when it is ready. */
const IDLE_EXIT_AFTER_MS = 10 * 60 * 1000;

const Options = z.object({
  folder: z.string().min(1),
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  'events-url': z.url().optional(),
  'signing-secret': z.string().min(1),
  'bot-token': z.string().min(1),
});
const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { folder: text, port: text, 'events-url': text, 'signing-secret': text, 'bot-token': text },
});
const options = Options.safeParse(values);
if (!options.success) {
  console.error(`usage: slack --folder DIR --signing-secret S --bot-token T [--port N] [--events-url URL]
${z.prettifyError(options.error)}`);
  process.exit(2);
}

const { folder, port, 'events-url': eventsUrl } = options.data;
const leave = () => process.exit(0);
const running = await startLocalSlack({
  folder,
  port,
  ...(eventsUrl !== undefined && { eventsUrl }),
  signingSecret: options.data['signing-secret'],
  botToken: options.data['bot-token'],
  idleExit: { afterMs: IDLE_EXIT_AFTER_MS, call: () => void running.stop().then(leave) },
  onStopped: leave,
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void running.stop().then(leave));
console.log(JSON.stringify({ ready: true, url: running.url, pid: process.pid, folder }));
