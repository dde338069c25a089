import { medic } from '../incidents/actor.ts';
import { type ClusterState, clusterKind, clusterOfStream } from '../incidents/cluster-stream.ts';
import { isPatrolDue, isTold } from '../incidents/due-patrol.ts';
import { compareFindings, type PatrolReport, type Seen } from '../incidents/patrol-report.ts';
import type { OwnCertificate } from '../playbooks/cluster/cluster-facts.ts';
import { isWorthTelling } from '../playbooks/worth-telling.ts';
import type { TalosReader } from '../talos/talos.ts';
import type { Deps } from './deps.ts';
import { writeInventory } from './inventory.ts';
import { type ClusterLook, lookOver } from './look-over.ts';
import { patrolNodesOf } from './patrol-nodes.ts';
import { tellPatrol } from './tell-patrol.ts';

export type Patrolling = Deps & {
  readonly talos: Pick<TalosReader, 'patrol'>;
  /** Our own identities for a cluster, those of the acting functions included. */
  readonly certificates: (cluster: string) => readonly OwnCertificate[];
  /** From the beginning of a patrol to that of the next one; 0: only when somebody asks. */
  readonly patrolEveryMs: number;
  /** This process is about to end: a look that goes on is given up, and begun again by the next one. */
  readonly stopping: AbortSignal;
};

/**
 * One patrol of one cluster: look, compare with what is known, keep that, tell it. What a dead one left untold is told
 * first; one that was cut off while it looked begins again.
 */
export async function patrol(deps: Patrolling, stream: string): Promise<void> {
  const cluster = clusterOfStream(stream);
  if (cluster === undefined) return;
  const before = await deps.ledger.read(clusterKind, stream);
  if (before !== undefined && !isTold(before)) return tellPatrol(deps, stream, cluster);
  const started = await deps.ledger.change(clusterKind, stream, (state, at) => {
    if (!isPatrolDue(state, at, deps.patrolEveryMs)) return { events: [], result: false };
    return {
      events: [{ ...base(cluster), type: 'patrol_started' as const, data: { because: why(state) } }],
      result: true,
    };
  });
  if (!started.ok || !started.value) return;
  try {
    await lookAndKeep(deps, stream, cluster);
  } catch (error) {
    if (deps.stopping.aborted) return;
    deps.log('patrol_broke_off', { cluster, because: String(error) });
    const data = { because: 'The look over the cluster broke off; the reason is in the log.' };
    await deps.ledger.change(clusterKind, stream, () => {
      return { events: [{ ...base(cluster), type: 'patrol_failed' as const, data }], result: undefined };
    });
    return;
  }
  await tellPatrol(deps, stream, cluster);
}

const base = (cluster: string) => ({ actor: medic, cluster, node: '' });

function why(state: ClusterState | undefined): string {
  if (state !== undefined && state.wanted.length > 0) return 'somebody asked for it';
  if (state !== undefined && state.startedAt !== '' && state.endedAt === '') return 'the patrol before was interrupted';
  return 'it is time';
}

async function lookAndKeep(deps: Patrolling, stream: string, cluster: string): Promise<void> {
  const nodes = await patrolNodesOf(deps, cluster);
  const look = await lookOver(deps, cluster, nodes, deps.certificates(cluster), deps.stopping);
  deps.stopping.throwIfAborted();
  // an incident may have been opened while we looked
  const now = await patrolNodesOf(deps, cluster);
  const withIncident = new Set(now.filter(({ hasIncident }) => hasIncident).map(({ target }) => target.name));
  for (const { node, learned } of look.nodes) {
    if (learned !== undefined && !withIncident.has(node)) await writeInventory(deps, learned);
  }
  const seen = seenIn(look, withIncident);
  const members = now.map(({ target }) => target.name);
  const kept = await deps.ledger.change(clusterKind, stream, (state) => {
    const compared = compareFindings(state?.report?.said.groups ?? [], seen, members);
    const data: PatrolReport = { ...numbersOf(look), ...compared };
    return { events: [{ ...base(cluster), type: 'patrol_finished' as const, data }], result: undefined };
  });
  if (!kept.ok) throw new Error(`the report could not be kept: ${kept.error.code}`);
}

function seenIn({ nodes, compared }: ClusterLook, withIncident: ReadonlySet<string>): readonly Seen[] {
  const comparedOn = (name: string) => compared.filter(({ node }) => node === name).map(({ finding }) => finding);
  const each = nodes.map(({ node, readable, findings }): Seen => {
    const all = [...findings, ...comparedOn(node)].filter(isWorthTelling);
    return { node, readable, findings: all, hasIncident: withIncident.has(node) };
  });
  return [...each, { node: '', readable: [], findings: comparedOn(''), hasIncident: false }];
}

const REACHED: ReadonlySet<string> = new Set(['mtls', 'forwarded', 'maintenance']);

function numbersOf({ nodes, notLooked, tookMs }: ClusterLook): Omit<PatrolReport, 'groups' | 'fresh' | 'gone'> {
  const notReached = nodes
    .filter(({ reach }) => !REACHED.has(reach.mode))
    .map(({ node, reach }) => ({ node, because: reach.error?.message ?? reach.mode }));
  const readings = nodes.reduce((sum, node) => sum + node.readings.answered, 0);
  return { nodes: nodes.length, readings, tookMs, notReached, notLooked: [...notLooked] };
}
