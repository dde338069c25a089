import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { EVENTS_URL } from './deliver.ts';
import { sendJson } from './http.ts';
import { route } from './routes.ts';
import { SLACK_FILE, type SlackFile } from './slack-file.ts';
import { openWorkspace } from './workspace.ts';

export type LocalSlackOptions = {
  /** Holds everything that survives a restart. One process at a time. */
  readonly folder: string;
  /** 0: the port of last time if it is free, else any. */
  readonly port: number;
  /** Where interactions go: Medic's `/slack/events`. Without it the one of last time. */
  readonly eventsUrl?: string;
  readonly signingSecret: string;
  readonly botToken: string;
  /** Epoch milliseconds; for tests of what expires. */
  readonly now?: () => number;
  /** Called once when nobody asked for anything for so long; an open page counts as asking. */
  readonly idleExit?: { readonly afterMs: number; readonly call: () => void };
  /** What `POST /control/stop` does after stopping. */
  readonly onStopped?: () => void;
};
export type RunningSlack = {
  /** Origin, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly controlToken: string;
  stop(): Promise<void>;
};

const HOST = '127.0.0.1';
const LAST_PORT = 'port';

export async function startLocalSlack(options: LocalSlackOptions): Promise<RunningSlack> {
  const { folder, botToken, signingSecret, now = Date.now } = options;
  const workspace = openWorkspace({ folder, botToken, signingSecret, now });
  if (options.eventsUrl) workspace.settings.set(EVENTS_URL, options.eventsUrl);
  const controlToken = randomBytes(24).toString('base64url');
  const pageToken = randomBytes(24).toString('base64url');
  let url = '';
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= close(server).then(() => {
      workspace.close();
      rmSync(join(folder, SLACK_FILE), { force: true });
    });
    return stopping;
  };
  const stopFromOutside = () => void stop().then(() => options.onStopped?.());
  const site = { workspace, baseUrl: () => url, controlToken, pageToken, stop: stopFromOutside };

  const idle = idleTimer(options.idleExit);
  const server = createServer((request, response) => {
    idle.begin();
    response.on('close', idle.end);
    route(site, request, response).catch((error: unknown) => {
      console.error(error);
      if (!response.headersSent) sendJson(response, 500, { ok: false, error: 'fatal_error' });
    });
  });
  server.on('close', idle.stop);
  const port = await listen(server, options.port, Number(workspace.settings.get(LAST_PORT) ?? 0));
  url = `http://${HOST}:${port}`;
  workspace.settings.set(LAST_PORT, String(port));
  writeSlackFile(folder, { url, pid: process.pid, controlToken });
  return { url, controlToken, stop };
}

/** Response URLs hold the port, so it is kept over restarts where possible. */
async function listen(server: Server, wanted: number, last: number): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | undefined>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE' && wanted === 0 && port !== 0) resolve(undefined);
        else reject(error);
      };
      server.once('error', failed);
      server.listen(port, HOST, () => {
        server.off('error', failed);
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  return (await tryPort(wanted === 0 ? last : wanted)) ?? (await tryPort(0)) ?? wanted;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function writeSlackFile(folder: string, content: SlackFile): void {
  const path = join(folder, SLACK_FILE);
  writeFileSync(`${path}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function idleTimer(idleExit: LocalSlackOptions['idleExit']) {
  let open = 0;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => clearTimeout(timer);
  const wind = () => {
    stop();
    if (idleExit && open === 0) timer = setTimeout(idleExit.call, idleExit.afterMs).unref();
  };
  wind();
  return {
    begin() {
      open += 1;
      wind();
    },
    end() {
      open -= 1;
      wind();
    },
    stop,
  };
}
