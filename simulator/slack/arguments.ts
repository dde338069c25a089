import * as z from 'zod';
import type { Result } from '../../lib/result.ts';
import { err, ok } from '../../lib/result.ts';
import { type Reply, refuse } from './reply.ts';

/** Arguments come as form fields (all strings, objects as JSON) or as JSON: both shapes are accepted, as by Slack. */
export const Flag = z.union([
  z.boolean(),
  z.enum(['true', '1', 'false', '0']).transform((v) => v === 'true' || v === '1'),
]);
export const Count = z.coerce.number().int().min(1);

/** An object or array, or its JSON text. What is not JSON stays a string, which no block or view is. */
export const Json = z.unknown().transform((value) => {
  if (typeof value !== 'string') return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch {
    return value;
  }
});

export function readArguments<T>(schema: z.ZodType<T>, raw: Record<string, unknown>): Result<T, Reply> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  const messages = parsed.error.issues.map((issue) => {
    const field = issue.path.map(String).join('/');
    const isMissing = raw[field] === undefined;
    return isMissing ? `[ERROR] missing required field: ${field}` : `[ERROR] ${issue.message} [json-pointer:/${field}]`;
  });
  return err(refuse('invalid_arguments', messages));
}
