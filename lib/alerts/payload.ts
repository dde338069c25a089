import * as z from 'zod';
import { err, ok, type Result } from '../result.ts';

/**
 * Alertmanager's webhook, version 4. Source: its documentation and payloads captured from 0.25 (test/fixtures).
 * Unknown fields are ignored; times are RFC 3339; while firing, `endsAt` is the year 1.
 */
const Labels = z.record(z.string().max(1024), z.string().max(16_384));
const Alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: Labels.refine((labels) => (labels['alertname'] ?? '') !== '', { path: ['alertname'], message: 'is missing' }),
  annotations: Labels.default({}),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  fingerprint: z.string().regex(/^[0-9a-f]{1,64}$/),
});
const Payload = z.object({
  version: z.literal('4'),
  receiver: z.string(),
  groupKey: z.string(),
  truncatedAlerts: z.int().default(0),
  alerts: z.array(Alert).min(1).max(20_000),
});
export type Alert = z.infer<typeof Alert>;
export type Payload = z.infer<typeof Payload>;

/** `path` as in `alerts.0.startsAt`; `says` what is wrong there. */
export type PayloadFault = { readonly path: string; readonly says: string };

export function parsePayload(text: string): Result<Payload, PayloadFault> {
  const json = parseJson(text);
  if (!json.ok) return err({ path: '', says: 'the body is no JSON' });
  const parsed = Payload.safeParse(json.value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return err({ path: issue?.path.join('.') ?? '', says: issue?.message ?? 'is not an Alertmanager v4 payload' });
}

function parseJson(text: string): Result<unknown, undefined> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return err(undefined);
  }
}
