import { writeInventory } from '../../lib/flow/inventory.ts';
import { newCluster } from './machines.ts';
import { configOfTeam, type Shared, SOUND, type Steps } from './medic.ts';
import { memoryStore, memoryTable } from './memory-table.ts';
import { moves } from './moves.ts';
import { createObserver, type Violation } from './observer.ts';
import { type Random, randomOf, seedOf } from './random.ts';
import { createScheduler, type Process } from './scheduler.ts';

/** One move by its name, and the chance that decides the rest of it: it can be left out and the others stay the same. */
export type Act = { readonly move: string; readonly seed: number };
export type Story = { readonly seed: number; readonly acts: readonly Act[] };
export type Told = {
  readonly violations: readonly Violation[];
  readonly lines: readonly string[];
  readonly calls: number;
  readonly refusals: number;
  readonly methods: ReadonlyMap<string, number>;
  readonly verdicts: ReadonlyMap<string, number>;
};

const START_MS = Date.parse('2026-03-01T12:00:00.000Z');
const SHORTEST = 30;
const LONGEST = 70;
/** Stories begin with so many ill nodes. */
const OPENING = 2;

export function storyOf(seed: number): Story {
  const random = randomOf(seed);
  const weighted = Object.entries(moves).flatMap(([name, { weight }]) => Array<string>(weight).fill(name));
  const acts = Array.from({ length: random.int(SHORTEST, LONGEST) }, (_, n) => {
    return { move: n < OPENING ? 'illness' : random.pick(weighted), seed: seedOf(seed, n) };
  });
  return { seed, acts };
}

/** What the team allows: mostly a lot, so that much is done. */
const limitsOf = (random: Random) => ({
  repeat: { withinHours: random.chance(0.8) ? 0 : 6 },
  storm: random.chance(0.8) ? { nodes: 50, coolDownMinutes: 0 } : {},
  singleControlPlane: 'refuse' as const,
});

/** Plays a story to its end, or to the first thing that must never be. */
export async function tell(story: Story, steps: Steps = SOUND): Promise<Told> {
  const random = randomOf(seedOf(story.seed, -1));
  const scheduler = createScheduler(random, START_MS);
  const cluster = newCluster(random, START_MS);
  const observer = createObserver(cluster, scheduler.nowMs);
  const table = memoryTable();
  table.listeners.push(observer.onCommit);
  const shared: Shared = {
    cluster,
    scheduler,
    observer,
    random,
    table,
    steps,
    config: configOfTeam(limitsOf(random)),
    loss: random.pick([0, 0.05, 0.2]),
    tableLoss: random.pick([0, 0.01, 0.04]),
  };
  const wire = { now: () => new Date(START_MS), read: async () => {}, write: writeAtOnce };
  const items = memoryStore(table, wire);
  for (const entry of cluster.entries) await writeInventory({ items }, entry);
  const processes: Process[] = [0, 1].map((n) => ({ name: `medic-${n}`, skewMs: 0, isAlive: true, pausedUntilMs: 0 }));
  beat(shared, processes);
  const lines: string[] = [];
  const working: Promise<unknown>[] = [];
  for (const { move, seed } of story.acts) {
    const said = await moves[move]?.make({ shared, random: randomOf(seed), processes, working });
    if (said !== undefined) lines.push(`${at(scheduler.nowMs())} ${move}: ${said}`);
    await scheduler.run(random.int(0, 40));
    if (observer.violations.length > 0) break;
  }
  if (observer.violations.length === 0) await scheduler.pass(60_000);
  await scheduler.end(processes);
  await Promise.all(working);
  const { calls, refusals, methods, verdicts } = observer.counts;
  return { violations: observer.violations, lines, calls, refusals, methods, verdicts };
}

const at = (ms: number): string => `+${Math.round((ms - START_MS) / 1000)}s`;
const writeAtOnce = async (take: () => boolean) => (take() ? ('taken' as const) : ('refused' as const));

/** Whoever lives, and does not stand still, renews its claims as time passes. */
function beat({ table, scheduler }: Shared, processes: readonly Process[]): void {
  scheduler.onTime(() => {
    const nowMs = scheduler.nowMs();
    for (const [pk, partition] of table.items) {
      if (!pk.startsWith('CLAIM#')) continue;
      for (const [sk, { attributes, expiresAtS }] of partition) {
        const owner = processes.find(({ name }) => name === attributes['owner']);
        if (owner?.isAlive !== true || owner.pausedUntilMs > nowMs) continue;
        partition.set(sk, { attributes: { ...attributes, heartbeatAt: nowMs + owner.skewMs }, expiresAtS });
      }
    }
  });
}
