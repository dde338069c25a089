import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { Plan } from './plan.ts';

/** SHA-256, hex, of the plan's canonical JSON (RFC 8785). What people approve is this and nothing else. */
export function hashPlan(plan: Plan): string {
  const text = canonicalize(plan);
  if (text === undefined) throw new Error('a plan has no canonical form');
  return createHash('sha256').update(text).digest('hex');
}

/** The stored plan, when it still has the hash that was approved. */
export function parsePlan(body: string, hash: string): Plan | undefined {
  const plan = Plan.parse(JSON.parse(body));
  return hashPlan(plan) === hash ? plan : undefined;
}
