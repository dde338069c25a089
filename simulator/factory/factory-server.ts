import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Asked, answer, problem, type Reply, subjectOf } from './answer.ts';
import type { FactoryState } from './factory-state.ts';

const BODY_CHARACTERS = 64 * 1024;
const SLOW_MS = 30_000;

/** The simulated factory on loopback, at the port that it had, or at another. `changed`: there is something to keep. */
export async function serveFactory(
  state: () => FactoryState,
  changed: () => void,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    respond(state(), request, response, changed).catch(() => response.destroy());
  });
  state().port = (await listen(server, state().port)) ?? (await listen(server, 0)) ?? 0;
  return {
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** undefined: somebody else has the port. */
function listen(server: Server, port: number): Promise<number | undefined> {
  return new Promise((said) => {
    const failed = () => said(undefined);
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed);
      const address = server.address();
      said(typeof address === 'object' ? address?.port : undefined);
    });
  });
}

async function respond(
  state: FactoryState,
  request: IncomingMessage,
  response: ServerResponse,
  changed: () => void,
): Promise<void> {
  if (state.fault?.fault === 'down') {
    request.socket.destroy();
    return;
  }
  const { pathname } = new URL(request.url ?? '/', 'http://factory');
  const asked = { method: request.method ?? '', path: pathname, body: await bodyOf(request) };
  const { status, headers, body } = (await faulty(state, asked)) ?? answer(state, asked);
  if (asked.method === 'POST') changed();
  response.writeHead(status, { ...headers, connection: 'close' });
  response.end(asked.method === 'HEAD' ? undefined : body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_CHARACTERS) throw new Error('the body is too large');
  }
  return text;
}

/** undefined: answered as usual. */
async function faulty(state: FactoryState, asked: Asked): Promise<Reply | undefined> {
  const subject = subjectOf(asked);
  const { fault, of = subject, delay = SLOW_MS } = state.fault ?? {};
  if (fault === undefined || subject === undefined || of !== subject) return undefined;
  if (fault === 'fail') return problem(500, 'internal server error');
  if (fault === 'refuse') return problem(400, 'invalid schematic');
  if (fault === 'malformed') {
    return { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><body>It works!</body></html>' };
  }
  if (fault === 'slow') await sleep(delay);
  return undefined;
}
