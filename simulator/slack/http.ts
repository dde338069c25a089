import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Small things about HTTP that every part of this server needs. */
const BODY_MAX_BYTES = 4 * 1024 * 1024;

/** The body's bytes, or undefined when there are too many. */
export async function readBytes(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > BODY_MAX_BYTES) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Fields of a form or the members of a JSON object; anything else is an empty record. */
export function readFields(contentType: string | undefined, bytes: Buffer): Record<string, unknown> {
  const text = bytes.toString('utf8');
  if (!(contentType ?? '').includes('json')) return Object.fromEntries(new URLSearchParams(text));
  const parsed = readJson(text);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const bearerOf = (request: IncomingMessage): string | undefined =>
  /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];

export function isSameSecret(given: string | undefined, secret: string): boolean {
  const left = Buffer.from(given ?? '');
  const right = Buffer.from(secret);
  return left.length === right.length && timingSafeEqual(left, right);
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers?: Record<string, string>) {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(body), headers);
}

export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
