import * as z from 'zod';

/**
 * One misbehaviour, for the next `times` calls of a Web API method (`*`: any), or of `interaction` (what we send).
 * `timeout_after_post` does the work and never answers; `timeout` does nothing and never answers; any other word that
 * looks like a Slack error name is answered as that error. For `interaction`: `duplicate` delivers twice,
 * `expired_trigger` hands out triggers that are already dead, `bad_signature` signs with another secret.
 */
export const Fault = z.object({
  method: z.string().min(1),
  kind: z.string().regex(/^(429|500|[a-z][a-z_]*)$/),
  times: z.int().min(1).default(1),
  /** Only for `429`. */
  retryAfterS: z.int().min(0).default(1),
  /** Only for `slow`. */
  delayMs: z.int().min(0).default(2000),
});
export type Fault = z.infer<typeof Fault>;

/** The fault that strikes this call, and counts it. */
export function takeFault(faults: Fault[], method: string): Fault | undefined {
  const at = faults.findIndex((one) => one.method === method || (one.method === '*' && method !== 'interaction'));
  const fault = faults[at];
  if (!fault) return undefined;
  if (fault.times > 1) faults[at] = { ...fault, times: fault.times - 1 };
  else faults.splice(at, 1);
  return fault;
}
