import canonicalize from 'canonicalize';
import type { Plan } from './plan.ts';

/**
 * What is done, to what, on which grounds, and who has to say yes. Left out: id and times, which are new by nature, and
 * the rows that tell ages and numbers of the moment, which whoever renews reads again.
 */
const substance = ({ id, createdAt, expiresAt, details, proof, lastSequenceId, ...rest }: Plan): string | undefined =>
  canonicalize(rest);

/** The same plan as before, only later: what was typed for the one was typed for the other. */
export const isSameLater = (before: Plan, now: Plan): boolean => substance(before) === substance(now);
