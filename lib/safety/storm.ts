import type { RecordFacts, StormFact } from './facts.ts';
import { allowed, deferred, type Gate, refused } from './gate.ts';
import type { Limits } from './limits.ts';

/** A node with an open incident, and what Talos said of it last. */
export type IllNode = {
  readonly node: string;
  readonly openedAt: string;
  readonly health: 'healthy' | 'unhealthy' | 'unknown';
};

const MINUTE_MS = 60_000;

/**
 * Nodes that fell ill close together, as far as Talos confirms it. `lastUntil`: end of the last storm that was seen, as
 * kept on record, because its incidents may be closed by now.
 */
export function stormOf(
  ill: readonly IllNode[],
  lastUntil: string | undefined,
  { storm }: Pick<Limits, 'storm'>,
  now: string,
): StormFact {
  const nowMs = Date.parse(now);
  const windowMs = storm.withinMinutes * MINUTE_MS;
  const recent = ill
    .filter(({ health, openedAt }) => health === 'unhealthy' && Date.parse(openedAt) > nowMs - windowMs)
    .toSorted((a, b) => Date.parse(b.openedAt) - Date.parse(a.openedAt));
  // it lasts until one too few of them are new
  const deciding = recent[storm.nodes - 1];
  const nodes = recent.map(({ node }) => node).toSorted();
  if (deciding !== undefined) return { state: 'active', until: after(deciding.openedAt, windowMs), nodes };
  const calmAt = lastUntil === undefined ? undefined : after(lastUntil, storm.coolDownMinutes * MINUTE_MS);
  if (calmAt === undefined || Date.parse(calmAt) <= nowMs) return { state: 'none' };
  return { state: 'cooling', until: calmAt, nodes };
}

const after = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();

export const stormGate: Gate<Pick<RecordFacts, 'record' | 'hasBegun'>> = ({ record, hasBegun }) => {
  if (hasBegun) return allowed('It has begun, and is brought to its end.', 'plan');
  if (record.known === 'no') return deferred('Whether others fell ill too shows when it is planned.', 'incidents');
  const { storm } = record;
  if (storm.state === 'none') return allowed('Few nodes of the cluster fell ill lately.', 'incidents');
  if (storm.state === 'cooling') {
    return refused(`Many nodes fell ill a short while ago; wait until ${storm.until}, then look again.`, 'incidents');
  }
  const names = storm.nodes.slice(0, 5).join(', ');
  const more = storm.nodes.length > 5 ? ` and ${storm.nodes.length - 5} more` : '';
  return refused(
    `${storm.nodes.length} nodes fell ill together (${names}${more}): look for what they have in common first.`,
    'incidents',
  );
};
