import { adminActions, operatorActions } from '../../lib/actions/registry.ts';
import { MedicConfig } from '../../lib/config/config.ts';
import { act } from '../../lib/flow/act.ts';
import type { Acting } from '../../lib/flow/acting.ts';
import { withClaim } from '../../lib/flow/claims.ts';
import { type Deps, TryAgain } from '../../lib/flow/deps.ts';
import { createDesk } from '../../lib/flow/desk.ts';
import { diagnose } from '../../lib/flow/diagnose.ts';
import type { Deciding } from '../../lib/flow/people.ts';
import { preparePlan } from '../../lib/flow/prepare-plan.ts';
import { receive } from '../../lib/flow/receive.ts';
import { expire, release } from '../../lib/flow/release.ts';
import { verify } from '../../lib/flow/verify.ts';
import { silentLog } from '../../lib/log.ts';
import { err, ok } from '../../lib/result.ts';
import type { DataKeys } from '../../lib/sealing/data-keys.ts';
import { resetRequest } from '../../lib/talos/requests.ts';
import { memoryFactory } from '../../test/factory/memory-factory.ts';
import { memoryBlobs, memoryVault } from '../../test/flow/memory-ports.ts';
import { adversaryPlaybook } from './looks.ts';
import { CA_PEM, CLUSTER, type Cluster } from './machines.ts';
import { type MemoryTable, memoryStore, type Wire } from './memory-table.ts';
import type { Task } from './observer.ts';
import { BINDINGS, PEOPLE, TEAM } from './people.ts';
import { Killed, type Process } from './scheduler.ts';
import { type Ports, talosPorts, type Wires } from './talos-ports.ts';

/** What a test may break of a Medic, to see that the adversary notices. */
export type Steps = {
  readonly act: typeof act;
  /** What jobs that plan and act are given, and what the desk is. */
  readonly acting: (deps: Acting) => Acting;
  readonly deciding: (deps: Deciding) => Deciding;
  readonly ports: (ports: Ports, cluster: Cluster) => Ports;
  readonly resetRequest: typeof resetRequest;
};
export const SOUND: Steps = {
  act,
  acting: (deps) => deps,
  deciding: (deps) => deps,
  ports: (ports) => ports,
  resetRequest,
};

export type Shared = Wires & {
  readonly steps: Steps;
  readonly table: MemoryTable;
  readonly config: MedicConfig;
  /** Share of requests to the table that end without a reply. */
  readonly tableLoss: number;
};

/** The table did not answer: as a read of the real store throws then. */
class TableAway extends Error {}

export type Message = { readonly step: string; readonly stream: string; readonly planId: string };

export const configOfTeam = (limits: Readonly<Record<string, unknown>>): MedicConfig =>
  MedicConfig.parse({
    slack: { team: TEAM, botUser: 'UBOT', bot: 'BBOT' },
    clusters: [
      {
        name: CLUSTER,
        channel: 'C1',
        playbooks: { default: 'act', stages: { adversary: 'act' } },
        bindings: BINDINGS,
        ...limits,
      },
    ],
  });

/** What a job, a click or a delivery of alerts in this process works with. */
function depsOf(shared: Shared, process: Process): Deps {
  const { scheduler, random, table, tableLoss, config } = shared;
  const now = scheduler.clockOf(process);
  const wire: Wire = {
    now,
    async read() {
      await scheduler.turn(process);
      if (random.chance(tableLoss / 4)) throw new TableAway('the table does not answer');
    },
    async write(take) {
      await scheduler.turn(process);
      if (random.chance(tableLoss / 2)) return 'lost';
      const isTaken = take();
      await scheduler.turn(process);
      if (random.chance(tableLoss / 2)) return 'lost';
      return isTaken ? 'taken' : 'refused';
    },
  };
  const store = memoryStore(table, wire);
  return {
    config,
    ownPlaybooks: { names: ['adversary'], speak: async () => [adversaryPlaybook] },
    ledger: store,
    items: store,
    blobs: memoryBlobs(),
    now,
    newId: () => random.hex(12),
    log: silentLog,
  };
}

const KEYS: DataKeys = {
  create: async () => ok({ plain: Buffer.alloc(32, 7), wrapped: 'synthetic', keyId: 'key-1' }),
};

/** One message, under its claim, as local/medic.ts does it. What ends it is nobody else's business. */
export async function runJob(shared: Shared, process: Process, { step, stream, planId }: Message): Promise<void> {
  const task: Task = { job: step, planId, lookFrom: 0, readFrom: 0 };
  const deps = depsOf(shared, process);
  const { steps } = shared;
  const { reader, operator, admin, configs } = steps.ports(talosPorts(shared, process, task), shared.cluster);
  const vault = memoryVault();
  const { factory } = memoryFactory();
  const ports = { operator, admin, factory, configs, keys: KEYS, vault, clusterCaPem: () => CA_PEM };
  const looking = { ...deps, talos: reader, configs, holds: 'yes' as const, lookAgainMs: [10_000, 20_000] };
  const acting = steps.acting({ ...looking, actions: { ...operatorActions(ports), ...adminActions(ports) } });
  const jobs: Readonly<Record<string, () => Promise<void>>> = {
    diagnose: () => diagnose(looking, stream),
    plan: () => preparePlan(acting, stream, planId),
    act: () => steps.act(acting, stream, planId),
    verify: () => verify(looking, stream, planId),
    release: () => release(acting, stream, planId),
    expire: () => expire(deps, stream, planId),
  };
  const claim = planId === '' ? step : planId;
  await ownTrouble(shared, `job ${step}`, () =>
    withClaim(deps, process.name, stream, claim, async () => jobs[step]?.()),
  );
}

const isOwn = (error: unknown): boolean =>
  error instanceof Killed || error instanceof TableAway || error instanceof TryAgain || /no reply$/.test(String(error));

async function ownTrouble(shared: Shared, what: string, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (isOwn(error)) return;
    shared.observer.violate(
      'bug',
      `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}

const users: Deciding['users'] = {
  async user(id) {
    const found = PEOPLE.find((one) => one.id === id);
    return found ? ok(found) : err({ code: 'refused', slackCode: 'user_not_found', message: '' });
  },
};

type Desk = ReturnType<typeof createDesk>;
export const atDesk = (shared: Shared, process: Process, does: (desk: Desk) => Promise<unknown>): Promise<void> => {
  const desk = createDesk(shared.steps.deciding({ ...depsOf(shared, process), users }));
  return ownTrouble(shared, 'a click', () => does(desk));
};

export const takeAlerts = (shared: Shared, process: Process, body: string): Promise<void> => {
  const tokens = { clustersOf: () => [CLUSTER] };
  const request = { cluster: CLUSTER, authorization: 'Bearer synthetic', body };
  return ownTrouble(shared, 'alerts', () => receive(depsOf(shared, process), tokens, request));
};
