import type { IncomingMessage, ServerResponse } from 'node:http';
import { ACTS } from './acts.ts';
import { control } from './control.ts';
import { bearerOf, isSameSecret, readBytes, readFields, readJson, send, sendJson } from './http.ts';
import { pageState, readLook, renderPage } from './render/page.ts';
import { PAGE_SCRIPT } from './render/page-script.ts';
import { PAGE_STYLE } from './render/page-style.ts';
import { useResponseUrl } from './response-url.ts';
import { callMethod } from './web-api.ts';
import type { Workspace } from './workspace.ts';

/** Everything lives below this path, here and behind Medic's own port. */
export const PREFIX = '/local/slack';
const CONTENT_SECURITY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const KEEP_STREAM_ALIVE_MS = 15_000;

export type Site = {
  readonly workspace: Workspace;
  /** Where this process listens, for response URLs. */
  baseUrl(): string;
  readonly controlToken: string;
  /** Given to the page, so that another site in the same browser cannot act through it. */
  readonly pageToken: string;
  stop(): void;
};

export async function route(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://local');
  const method = request.method ?? 'GET';
  const path = url.pathname.replace(/\/+$/, '');
  if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return sendJson(response, 404, { error: 'not_found' });
  const [area = '', ...rest] = path.slice(PREFIX.length + 1).split('/');
  const name = rest.join('/');
  if (method === 'GET') {
    const found = servePage(site, url, area, response);
    if (found) return;
    if (area !== 'control' && area !== 'api') return sendJson(response, 404, { error: 'not_found' });
  } else if (method !== 'POST') {
    return sendJson(response, 405, { error: 'method_not_allowed' }, { allow: 'GET, POST' });
  }
  const bytes = await readBytes(request);
  if (!bytes) return sendJson(response, 413, { error: 'request_too_large' });
  switch (area) {
    case 'api':
      return serveApi(site, request, response, name, url, bytes);
    case 'response': {
      const answer = useResponseUrl(site.workspace, name, readFieldsOrPayload(request, bytes));
      return answer.status === 200
        ? send(response, 200, 'text/plain', answer.body)
        : sendJson(response, answer.status, { ok: false, error: answer.body });
    }
    case 'do':
      return serveAct(site, request, response, name, bytes);
    case 'control':
      return serveControl(site, request, response, { method, path: name, query: url.searchParams, bytes });
    default:
      return sendJson(response, 404, { error: 'not_found' });
  }
}

function servePage(site: Site, url: URL, area: string, response: ServerResponse): boolean {
  const { workspace } = site;
  switch (area) {
    case '': {
      const page = renderPage(readLook(url.searchParams), site.pageToken);
      send(response, 200, 'text/html; charset=utf-8', page, { 'content-security-policy': CONTENT_SECURITY });
      return true;
    }
    case 'page.js':
      send(response, 200, 'text/javascript; charset=utf-8', PAGE_SCRIPT);
      return true;
    case 'page.css':
      send(response, 200, 'text/css; charset=utf-8', PAGE_STYLE);
      return true;
    case 'state':
      sendJson(response, 200, pageState(workspace, readLook(url.searchParams)));
      return true;
    case 'stream':
      stream(workspace, response);
      return true;
    case 'healthz':
      sendJson(response, 200, { ok: true });
      return true;
    default:
      return false;
  }
}

/** Says only that something changed; the page then asks for what it shows. */
function stream(workspace: Workspace, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write('retry: 1000\n\n');
  let isPending = false;
  const forget = workspace.onChange(() => {
    if (isPending) return;
    isPending = true;
    setImmediate(() => {
      isPending = false;
      response.write('data: changed\n\n');
    });
  });
  const alive = setInterval(() => response.write(': alive\n\n'), KEEP_STREAM_ALIVE_MS);
  response.on('close', () => {
    clearInterval(alive);
    forget();
  });
}

async function serveApi(
  { workspace }: Site,
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  url: URL,
  bytes: Buffer,
): Promise<void> {
  const args = { ...Object.fromEntries(url.searchParams), ...readFields(request.headers['content-type'], bytes) };
  const inForm = typeof args['token'] === 'string' ? args['token'] : undefined;
  const answer = await callMethod(workspace, { method, token: bearerOf(request) ?? inForm, args });
  if (answer.kind === 'json') sendJson(response, answer.status, answer.body, answer.headers);
  if (answer.kind === 'html') send(response, answer.status, 'text/html', answer.body);
}

async function serveAct(site: Site, request: IncomingMessage, response: ServerResponse, name: string, bytes: Buffer) {
  const given = request.headers['x-page-token'];
  if (!isSameSecret(typeof given === 'string' ? given : undefined, site.pageToken)) {
    return sendJson(response, 403, { status: 'invalid', error: 'reload the page' });
  }
  const act = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
  if (!act) return sendJson(response, 404, { status: 'invalid', error: 'not_found' });
  sendJson(response, 200, await act(site.workspace, site.baseUrl(), readJson(bytes.toString('utf8'))));
}

async function serveControl(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  call: { method: string; path: string; query: URLSearchParams; bytes: Buffer },
) {
  if (!isSameSecret(bearerOf(request), site.controlToken)) return sendJson(response, 401, { error: 'invalid_auth' });
  if (call.method === 'POST' && call.path === 'stop') {
    sendJson(response, 200, { ok: true });
    return site.stop();
  }
  const body = readJson(call.bytes.toString('utf8'));
  const answer = await control(site.workspace, site.baseUrl(), { ...call, body });
  if (!answer) return sendJson(response, 404, { error: 'not_found' });
  sendJson(response, answer.status, answer.body);
}

/** `respond()` sends JSON; others send a form with the JSON in `payload`. */
function readFieldsOrPayload(request: IncomingMessage, bytes: Buffer): unknown {
  const fields = readFields(request.headers['content-type'], bytes);
  return typeof fields['payload'] === 'string' ? readJson(fields['payload']) : fields;
}
