import * as z from 'zod';

const Payload = z.record(z.string(), z.unknown());

/**
 * The payload of a Slack request: JSON (events), a form with JSON in `payload` (interactions) or a plain form
 * (commands). undefined: not one of these.
 */
export function parseBody(contentType: string, raw: Buffer): Record<string, unknown> | undefined {
  const text = raw.toString('utf8');
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded') return parseJson(text);
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : parseJson(payload);
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    return Payload.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
