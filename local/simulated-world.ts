import * as z from 'zod';
import { World } from '../simulator/world.ts';
import { attachOrStart } from './child-world.ts';
import type { LocalSecrets } from './local-secrets.ts';
import { type Settings, slackFolder, worldFolder } from './settings.ts';

const SlackPlace = z.object({ url: z.url(), pid: z.int(), controlToken: z.string() });
export type SlackPlace = z.infer<typeof SlackPlace>;

/** The simulated Talos cluster, started or found running. */
export const simulatedCluster = (settings: Settings): Promise<World> =>
  attachOrStart({
    name: 'simulated cluster',
    bundle: '../simulator/nodes.js',
    folder: worldFolder(settings.dataFolder),
    args: [
      '--folder',
      worldFolder(settings.dataFolder),
      '--scenario',
      'healthy',
      '--factor',
      `${settings.clockFactor}`,
      '--linger',
    ],
    says: 'world.json',
    parse: (text) => World.parse(JSON.parse(text)),
    isAlive: (world) => answers(`${world.control}/ping`, world.controlToken, 'POST'),
  });

/** The local Slack, told where to send what people click. */
export async function localSlack(settings: Settings, secrets: LocalSecrets, eventsUrl: string): Promise<SlackPlace> {
  const folder = slackFolder(settings.dataFolder);
  const place = await attachOrStart({
    name: 'local Slack',
    bundle: '../simulator/slack.js',
    folder,
    args: [
      '--folder',
      folder,
      '--port',
      '0',
      '--events-url',
      eventsUrl,
      '--signing-secret',
      secrets.slackSigningSecret,
      '--bot-token',
      secrets.slackBotToken,
    ],
    says: 'slack.json',
    parse: (text) => SlackPlace.parse(JSON.parse(text)),
    isAlive: (said) => answers(`${said.url}/local/slack/control/messages?channel=C0TALOS`, said.controlToken, 'GET'),
  });
  await control(place.url, '/local/slack/control/events-url', place.controlToken, { url: eventsUrl });
  return place;
}

/** Both end by themselves when nobody asks for anything for ten minutes, so that a killed Medic leaves nothing for ever. */
export async function keepAwake(world: World, slack: SlackPlace): Promise<void> {
  await Promise.all([
    answers(`${world.control}/ping`, world.controlToken, 'POST'),
    answers(`${slack.url}/local/slack/control/messages?channel=C0TALOS`, slack.controlToken, 'GET'),
  ]);
}

/** One call of a control API; the JSON that it answers. */
export async function control(base: string, path: string, token: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${base}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Ends a process that this or an earlier Medic started, by its own pid, and waits until it is gone. */
export async function stopNeighbour(pid: number): Promise<void> {
  if (!signal(pid, 'SIGTERM')) return;
  const until = performance.now() + 5_000;
  while (signal(pid, 0)) {
    if (performance.now() > until) {
      signal(pid, 'SIGKILL');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

async function answers(url: string, token: string, method: 'GET' | 'POST'): Promise<boolean> {
  try {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
