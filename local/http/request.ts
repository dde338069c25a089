import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request, read whole; `path` without the query. */
export type Request = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
export type Response = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};
/** undefined: not mine. */
export type Route = (request: Request) => Promise<Response | undefined> | Response | undefined;

/** Alertmanager groups can be large; nothing else is. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** undefined: longer than the limit. */
export async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export const headersOf = (incoming: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')]));

export function send(outgoing: ServerResponse, { status, headers = {}, body = '' }: Response): void {
  outgoing.writeHead(status, headers);
  outgoing.end(body);
}

export const json = (status: number, value: unknown): Response => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});
export const redirect = (to: string, headers: Readonly<Record<string, string>> = {}): Response => ({
  status: 303,
  headers: { location: to, ...headers },
});
