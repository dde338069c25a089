import { lookAtNode } from './collect.ts';
import { createSlots } from './slots.ts';
import { SWEEP_BYTES, SWEEP_MS, withSweep } from './sweep.ts';
import type { ClusterAccess, NodeTarget, PatrolOptions } from './talos.ts';
import { openWitnesses } from './witnesses.ts';

/** Connections that one patrol has open at a time, those to the control planes that it asks about others included. */
export const PATROL_CONNECTIONS = 8;
/** Enough for a quorum of seven voters; the rest is for the nodes. */
const MAX_WITNESSES = 5;
/** Of a patrol of `NODES_PER_MINUTE` nodes, with room for what is not waiting. */
const MINUTE_MS = 58_000;
const NODES_PER_MINUTE = 60;

/**
 * Looks at many nodes over few connections, control planes first. A node holds a connection only while it is spoken to
 * itself, so one that is silent holds nobody up while others are asked about it.
 */
export async function patrolNodes(
  access: ClusterAccess,
  targets: readonly NodeTarget[],
  { witnesses: candidates, mayEnterMaintenance, take, signal }: PatrolOptions,
): Promise<void> {
  const minutes = Math.max(1, Math.ceil(targets.length / NODES_PER_MINUTE));
  const beginsUntilMs = performance.now() + minutes * MINUTE_MS - SWEEP_MS;
  const named = candidates.slice(0, MAX_WITNESSES);
  const slots = createSlots(PATROL_CONNECTIONS - named.length);
  await withSweep(signal, async ({ signal: whole }) => {
    const patrol = { signal: whole, endsAtMs: Number.POSITIVE_INFINITY, budget: { left: minutes * SWEEP_BYTES } };
    const witnesses = openWitnesses(access, named, patrol);
    const lookAt = async (target: NodeTarget): Promise<void> => {
      const release = await slots.take();
      try {
        if (performance.now() > beginsUntilMs || whole.aborted) return;
        const mayEnter = mayEnterMaintenance(target.name);
        const evidence = await withSweep(whole, (sweep) =>
          lookAtNode(access, target, sweep, witnesses.about(target), mayEnter, release),
        );
        // what was cut off in the middle says nothing
        if (!whole.aborted) await take(evidence);
      } finally {
        release();
      }
    };
    try {
      const order = targets.toSorted((a, b) => Number(a.role === 'worker') - Number(b.role === 'worker'));
      await Promise.all(order.map(lookAt));
    } finally {
      witnesses.close();
    }
  });
}
