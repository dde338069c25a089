import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { Plan } from './plan.ts';

/** SHA-256, hex, of the plan's canonical JSON (RFC 8785). What people approve is this and nothing else. */
export function hashPlan(plan: Plan): string {
  const text = canonicalize(plan);
  if (text === undefined) throw new Error('a plan has no canonical form');
  return createHash('sha256').update(text).digest('hex');
}

/** The stored plan, when it still has the hash that was approved; anything else, readable or not, is no plan. */
export function parsePlan(body: string, hash: string): Plan | undefined {
  const plan = Plan.safeParse(parseJson(body));
  return plan.success && hashPlan(plan.data) === hash ? plan.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
