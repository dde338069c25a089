import { randomBytes } from 'node:crypto';
import { administerHandler } from '../handlers/administer.ts';
import { alertsHandler } from '../handlers/alerts.ts';
import { backupHandler } from '../handlers/backup.ts';
import { diagnoseHandler } from '../handlers/diagnose.ts';
import type { Job } from '../handlers/job.ts';
import { notifyHandler } from '../handlers/notify.ts';
import { operateHandler } from '../handlers/operate.ts';
import { patrolHandler } from '../handlers/patrol.ts';
import { expireHandler, sweepHandler } from '../handlers/sweep.ts';
import { adminActions, operatorActions } from '../lib/actions/registry.ts';
import type { StoredConfigs } from '../lib/actions/stored-config.ts';
import type { Blobs } from '../lib/blobs/blobs.ts';
import type { Vault } from '../lib/blobs/vault.ts';
import type { MedicConfig } from '../lib/config/config.ts';
import type { ImageFactory } from '../lib/factory/image-factory.ts';
import { withClaim } from '../lib/flow/claims.ts';
import { type Deps, TryAgain } from '../lib/flow/deps.ts';
import { createDesk } from '../lib/flow/desk.ts';
import { dedupeKey, dispatch } from '../lib/flow/dispatch.ts';
import { claimKey } from '../lib/flow/keys.ts';
import type { Patrolling } from '../lib/flow/patrol.ts';
import type { AlertTokens } from '../lib/flow/receive.ts';
import { clusterStream } from '../lib/incidents/cluster-stream.ts';
import type { Log } from '../lib/log.ts';
import type { OwnPlaybooks } from '../lib/own-playbooks/own-playbooks.ts';
import type { PageOf } from '../lib/playbooks/page-url.ts';
import { type MemoryQueue, memoryQueue } from '../lib/queue/memory-queue.ts';
import type { Message } from '../lib/queue/queue.ts';
import type { DataKeys } from '../lib/sealing/data-keys.ts';
import { createSlackApp, type SlackApp } from '../lib/slack/app.ts';
import type { SlackPort } from '../lib/slack/slack-port.ts';
import type { Store } from '../lib/store/dynamo-store.ts';
import type { ConfigBackups } from '../lib/stored-configs/config-backups.ts';
import type { TalosAdmin, TalosOperator } from '../lib/talos/orders.ts';
import type { TalosReader } from '../lib/talos/talos.ts';

/** Everything that is behind a port: a test, or a crash, may stand between Medic and each of them. */
export type Ports = {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly reader: TalosReader;
  readonly operator: TalosOperator;
  readonly admin: TalosAdmin;
  readonly factory: ImageFactory;
  readonly configs: StoredConfigs;
  readonly keys: DataKeys;
  readonly vault: Vault;
  readonly backups: ConfigBackups;
  readonly slack: SlackPort;
};
export type Wiring = {
  readonly ports: Ports;
  readonly config: MedicConfig;
  readonly ownPlaybooks: OwnPlaybooks;
  readonly tokens: AlertTokens;
  readonly clusterCaPem: (cluster: string) => string;
  readonly slackApp: { readonly signingSecret: string; readonly botToken: string; readonly apiUrl: string };
  readonly auditUrl: (incidentId: string) => string;
  readonly pageOf: PageOf;
  readonly now: () => Date;
  readonly log: Log;
  readonly lookAgainMs: readonly number[];
  readonly sweepEveryMs: number;
  readonly patrolEveryMs: number;
  readonly certificates: Patrolling['certificates'];
};

export type Medic = {
  readonly deps: Deps;
  readonly alerts: ReturnType<typeof alertsHandler>;
  readonly slack: SlackApp['handler'];
  /** Takes up what an earlier process left. Called once, when nothing else uses the data. */
  resume(): Promise<void>;
  stop(): Promise<void>;
};

/** The same functions as on AWS, wired to an in-process queue that behaves as theirs. */
export function startMedic(wiring: Wiring): Medic {
  const { ports, config, now, log, lookAgainMs } = wiring;
  const { store, blobs } = ports;
  const newId = () => randomBytes(8).toString('hex');
  const deps: Deps = { config, ownPlaybooks: wiring.ownPlaybooks, ledger: store, items: store, blobs, now, newId, log };
  const queue = memoryQueue({
    onDeadLetter: ({ message, lastError }) => log('dead_letter', { ...message, because: lastError }),
  });
  const { patrolEveryMs } = wiring;
  const dispatching = { ...deps, queue, patrolEveryMs };
  const looking = { ...deps, talos: ports.reader, configs: ports.configs, holds: 'yes' as const, lookAgainMs };
  const { admin, backups } = ports;
  const backingUp = { ...deps, admin, backups, clusterCaPem: wiring.clusterCaPem };
  const owner = newId();
  const stopping = new AbortController();

  const jobs: Readonly<Record<string, { readonly job: Job; readonly concurrency: number }>> = {
    diagnose: { job: diagnoseHandler(looking), concurrency: 8 },
    patrol: {
      job: patrolHandler({
        ...deps,
        talos: ports.reader,
        certificates: wiring.certificates,
        patrolEveryMs,
        stopping: stopping.signal,
      }),
      concurrency: 1,
    },
    notify: {
      job: notifyHandler({ ...deps, slack: ports.slack, auditUrl: wiring.auditUrl, pageOf: wiring.pageOf }),
      concurrency: 4,
    },
    operate: { job: operateHandler({ ...looking, actions: operatorActions(ports) }), concurrency: 1 },
    administer: {
      job: administerHandler({
        ...looking,
        ...backingUp,
        configs: ports.configs,
        actions: adminActions({ ...ports, clusterCaPem: wiring.clusterCaPem }),
      }),
      concurrency: 1,
    },
    backup: { job: backupHandler(backingUp), concurrency: 1 },
    sweep: { job: expireHandler(deps), concurrency: 1 },
  };
  for (const [name, { job, concurrency }] of Object.entries(jobs)) {
    queue.handle(
      name,
      (message) => runJob({ deps, queue, owner, job }, message, () => dispatch(dispatching, message.subject)),
      { concurrency },
    );
  }

  const failed = (what: string) => (error: unknown) => log(`${what}_failed`, { because: String(error) });
  const leave = store.onCommit((stream) => void dispatch(dispatching, stream).catch(failed('dispatch')));
  const sweep = sweepHandler(dispatching);
  const sweeping = setInterval(() => void sweep().catch(failed('sweep')), wiring.sweepEveryMs);
  const app = createSlackApp({
    ...wiring.slackApp,
    botToken: async () => wiring.slackApp.botToken,
    botId: config.slack.bot,
    botUserId: config.slack.botUser,
    desk: createDesk({ ...deps, users: ports.slack }),
    logger: log,
    now,
  });
  return {
    deps,
    alerts: alertsHandler(deps, wiring.tokens),
    slack: app.handler,
    async resume() {
      const clusters = config.clusters.map(({ name }) => clusterStream(name));
      for (const stream of [...clusters, ...(await store.open())]) await dropClaims(deps, stream);
      await sweep();
    },
    async stop() {
      leave();
      clearInterval(sweeping);
      stopping.abort();
      await queue.drain();
    },
  };
}

type Running = { readonly deps: Deps; readonly queue: MemoryQueue; readonly owner: string; readonly job: Job };

/** One message under its claim; afterwards the state says again what is due, because messages that came meanwhile left. */
async function runJob(
  { deps, queue, owner, job }: Running,
  message: Message,
  dispatchAgain: () => Promise<void>,
): Promise<void> {
  const { subject, step } = message;
  const [kind = '', planId = ''] = step.split(':');
  const claim = planId === '' ? kind : planId;
  try {
    const ran = await withClaim(deps, owner, subject, claim, () => job(message));
    if (ran === 'ran') await dispatchAgain();
  } catch (error) {
    if (!(error instanceof TryAgain)) {
      deps.log('job_failed', {
        ...message,
        because: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      throw error;
    }
    deps.log('job_waits', { ...message, because: error.message });
    await queue.send(message, { delayMs: error.delayMs, dedupe: dedupeKey(message) });
  }
}

/** This process holds the folder, so whoever claimed a step before it is dead. */
async function dropClaims(deps: Deps, stream: string): Promise<void> {
  for (const { pk, sk } of await deps.items.query(claimKey(stream, '').pk)) {
    await deps.items.write({ do: 'delete', key: { pk, sk } });
  }
}
