import { afterAll, beforeAll } from 'vitest';
import type { Result } from '../../../lib/result.ts';
import { createAdmin } from '../../../lib/talos/admin.ts';
import { createOperator } from '../../../lib/talos/operator.ts';
import { createReader } from '../../../lib/talos/reader.ts';
import type { NodeTarget, Progress } from '../../../lib/talos/talos.ts';
import { accessOf, targetsOf } from '../../../local/simulated-access.ts';
import type { Ask } from '../seen.ts';
import { etcdSeen } from '../seen-etcd.ts';
import { machineSeen } from '../seen-machine.ts';
import { type Simulated, simulate } from '../simulated.ts';

/** The real client against the simulated cluster, as whoever acts would use it. */
export async function actOn(world: Simulated) {
  const access = await accessOf(world.folder, world.cluster.world);
  const [reader, operator, admin] = [createReader(access), createOperator(access), createAdmin(access)];
  const target = (name: string): NodeTarget => {
    const found = targetsOf(world.cluster.world).find((one) => one.name === name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  };
  return {
    reader,
    operator,
    admin,
    target,
    /** Does it while it is followed, and tells everything until the end. */
    async followed(
      name: string,
      act: () => Promise<Result<{ readonly actorId: string } | undefined, { readonly code: string }>>,
      { isPersistent = true } = {},
    ): Promise<readonly Progress[]> {
      const signal = new AbortController().signal;
      const opened = await reader.follow(target(name), { signal, forMs: 30_000, isPersistent });
      if (!opened.ok) throw new Error(`cannot follow ${name}: ${opened.error.code}`);
      const answer = await act();
      if (!answer.ok) throw new Error(`${name} refused: ${JSON.stringify(answer.error)}`);
      const told: Progress[] = [];
      for await (const one of opened.value.progress(answer.value?.actorId ?? '')) told.push(one);
      return told;
    },
    look: async (name: string) => await reader.collect(target(name), { peers: [], mayEnterMaintenance: true }),
  };
}
export type Acting = Awaited<ReturnType<typeof actOn>>;

/** The names of the phases that began. */
export const phasesOf = (told: readonly Progress[]): readonly string[] =>
  told.flatMap((one) => (one.kind === 'phase' && one.action === 'START' ? [one.name] : []));

/** What any other client sees of the same nodes. */
function beside(world: Simulated) {
  const ask: Ask = (name, identity = 'reader') => world.to(name, identity);
  return { ...machineSeen(ask), ...etcdSeen(ask) };
}

/** A simulated cluster of one test file with the real client beside it. `factor`: how much faster its time runs. */
export function actingForThisFile(factor = 60) {
  let world: Simulated | undefined;
  let acting: Acting | undefined;
  beforeAll(async () => {
    world = await simulate({ factor });
    acting = await actOn(world);
  });
  afterAll(() => world?.end());
  const made = <T>(one: T | undefined): T => {
    if (one === undefined) throw new Error('the cluster is made before the first test');
    return one;
  };
  return {
    get world() {
      return made(world);
    },
    get acting() {
      return made(acting);
    },
    get seen() {
      return beside(made(world));
    },
    /** Everybody is well, on this version. */
    load: (version: string) => made(world).load(`version: ${version}\nnodes: {}\n`),
  };
}
