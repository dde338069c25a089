import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../lib/log.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { headersOf, json, MAX_BODY_BYTES, type Request, type Route, readBody, send } from './request.ts';

/** Whole streams (the live page of the local Slack), handled before anything is read. True: it was mine. */
export type Passage = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

export type Listening = { readonly url: string; readonly port: number; close(): Promise<void> };

/** The one HTTP port, on loopback. Requests that name another host are refused: a web page must not reach us by DNS. */
export async function listen(
  port: number,
  routes: readonly Route[],
  passages: readonly Passage[],
  log: Log,
): Promise<Result<Listening, string>> {
  const server = createServer((incoming, outgoing) => {
    if (!isLocalName(incoming.headers.host)) {
      return send(outgoing, json(421, { error: 'this address answers to localhost and 127.0.0.1 only' }));
    }
    if (passages.some((passage) => passage(incoming, outgoing))) return;
    answer(incoming, outgoing, routes).catch((error: unknown) => {
      log('request_failed', {
        path: incoming.url ?? '',
        because: error instanceof Error ? (error.stack ?? '') : String(error),
      });
      if (!outgoing.headersSent) send(outgoing, json(500, { error: 'something went wrong here; it is in the log' }));
      else outgoing.destroy();
    });
  });
  const bound = await bind(server, port);
  if (!bound.ok) return bound;
  const url = `http://127.0.0.1:${bound.value}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return ok({ url, port: bound.value, close });
}

const isLocalName = (host: string | undefined) => /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/.test(host ?? '');

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, routes: readonly Route[]): Promise<void> {
  const body = await readBody(incoming);
  if (body === undefined) {
    return send(outgoing, json(413, { error: `the body is longer than ${MAX_BODY_BYTES} bytes` }));
  }
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const request: Request = {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: headersOf(incoming),
    body,
  };
  for (const route of routes) {
    const response = await route(request);
    if (response !== undefined) return send(outgoing, response);
  }
  send(outgoing, json(404, { error: 'there is nothing at this address' }));
}

function bind(server: Server, port: number): Promise<Result<number, string>> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} is taken by another program. Choose another one: MEDIC_PORT=<port> npm start.`;
      resolve(err(error.code === 'EADDRINUSE' ? taken : `Port ${port} cannot be opened: ${error.message}`));
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(ok(isAddress(address) ? address.port : port));
    });
  });
}
const isAddress = (address: ReturnType<Server['address']>): address is AddressInfo =>
  address !== null && typeof address === 'object';
