import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import type { Deps } from '../lib/flow/deps.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { oneAtATime } from '../lib/store/one-at-a-time.ts';
import type { TalosReader } from '../lib/talos/talos.ts';
import { JournalLine, type World } from '../simulator/world.ts';
import { type LiveWorld, learnWorld } from './live-world.ts';
import type { PanelLive } from './panel/panel.ts';
import type { PanelScenario } from './panel/scenarios.ts';
import { readWorldState } from './panel/world-state.ts';
import { control } from './simulated-world.ts';

const Alert = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).optional(),
  startsAt: z.string().optional(),
  fingerprint: z.string().optional(),
});
const Answered = z.object({ alerts: z.array(z.looseObject({})), summary: z.string().optional() });
const Scenarios = z.array(
  z.object({ name: z.string(), summary: z.string(), heading: z.string(), isWell: z.boolean() }),
);
const NewestCalls = z.object({ total: z.int(), lines: z.array(JournalLine) });

type Loaded = { readonly alerts: number; readonly status: number };

/** Of two orders that come at once the second waits: between its halves a load may not meet the cluster of another. */
export type Demo = {
  /** By heading, in the order in which people see them. */
  scenarios(): Promise<readonly PanelScenario[]>;
  /** Without nodes while the simulated cluster does not answer. */
  live(): Promise<PanelLive>;
  /** Breaks the simulated cluster and sends the alerts of the scenario through `/alerts`, as Alertmanager would. */
  load(name: string): Promise<Result<Loaded, string>>;
  /** Sends the resolve of every alert that was sent and not resolved yet. */
  resolve(): Promise<number>;
};

/** What the panel can do. It holds no more than the control token of the simulated cluster and the alert token. */
export function createDemo(options: {
  readonly world: World;
  readonly deps: Pick<Deps, 'items' | 'now'>;
  readonly reader: TalosReader;
  readonly live: Pick<LiveWorld, 'targets' | 'refresh'>;
  readonly alertsUrl: string;
  readonly alertToken: string;
  /** Alerts that were sent and not resolved yet, kept over restarts as Alertmanager keeps them. */
  readonly firingFile: string;
}): Demo {
  const { world, deps, reader, live, alertsUrl, alertToken } = options;
  const ask = (path: string, body?: unknown) => control(world.control, path, world.controlToken, body);
  const firing = keptAlerts(options.firingFile);

  async function deliver(status: 'firing' | 'resolved', alerts: readonly Sent[]): Promise<number> {
    const endsAt = status === 'firing' ? '0001-01-01T00:00:00Z' : deps.now().toISOString();
    const body = JSON.stringify({
      version: '4',
      receiver: 'talos-medic',
      status,
      groupKey: `{}:{cluster="${world.cluster}"}`,
      truncatedAlerts: 0,
      groupLabels: { cluster: world.cluster },
      commonLabels: { cluster: world.cluster },
      commonAnnotations: {},
      externalURL: 'http://alertmanager.example:9093',
      alerts: alerts.map((alert) => ({ ...alert, status, endsAt, generatorURL: '' })),
    });
    const headers = { authorization: `Bearer ${alertToken}`, 'content-type': 'application/json' };
    const response = await fetch(alertsUrl, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status;
  }

  async function load(name: string): Promise<Result<Loaded, string>> {
    const known = Scenarios.parse(await ask('/scenarios'));
    if (!known.some((scenario) => scenario.name === name)) {
      return err(`There is no scenario "${name}". There are: ${known.map((scenario) => scenario.name).join(', ')}.`);
    }
    // the cluster as it was before the fault, so that Medic has seen its nodes while they were well
    await ask('/scenario', { name, before: true });
    await live.refresh();
    await learnWorld(deps, reader, live.targets());
    const loaded = Answered.parse(await ask('/scenario', { name }));
    await live.refresh();
    const alerts = loaded.alerts.map((alert) => asSent(Alert.parse(alert), world.cluster, deps.now()));
    if (alerts.length === 0) return ok({ alerts: 0, status: 202 });
    firing.add(alerts);
    return ok({ alerts: alerts.length, status: await deliver('firing', alerts) });
  }

  async function resolve(): Promise<number> {
    const alerts = firing.all();
    if (alerts.length === 0) return 0;
    if ((await deliver('resolved', alerts)) !== 202) return 0;
    firing.clear();
    return alerts.length;
  }

  const inTurn = oneAtATime();
  return {
    scenarios: async () => Scenarios.parse(await ask('/scenarios').catch(() => [])),
    live: async () => {
      const [state, calls] = await Promise.all([ask('/state'), ask('/journal/newest')]).catch(() => []);
      const found = readWorldState(state) ?? { current: '', cuts: [], nodes: [] };
      const newest = NewestCalls.safeParse(calls);
      return { ...found, calls: newest.success ? newest.data : { total: 0, lines: [] } };
    },
    load: (name) => inTurn(world.cluster, () => load(name)),
    resolve: () => inTurn(world.cluster, resolve),
  };
}

const Sent = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: z.string(),
  fingerprint: z.string(),
});
type Sent = z.infer<typeof Sent>;

function keptAlerts(file: string) {
  const read = () => (existsSync(file) ? z.array(Sent).parse(JSON.parse(readFileSync(file, 'utf8'))) : []);
  const write = (alerts: readonly Sent[]) => writeFileSync(file, `${JSON.stringify(alerts)}\n`);
  return {
    all: read,
    add(alerts: readonly Sent[]) {
      const names = new Set(alerts.map(({ fingerprint }) => fingerprint));
      write([...read().filter(({ fingerprint }) => !names.has(fingerprint)), ...alerts]);
    },
    clear: () => write([]),
  };
}

/** Alertmanager's own part of an alert: a fingerprint of its labels and the time at which it began. */
function asSent(
  { labels, annotations = {}, startsAt, fingerprint }: z.infer<typeof Alert>,
  cluster: string,
  now: Date,
): Sent {
  const named = { cluster, ...labels };
  const own = [...JSON.stringify(Object.entries(named).toSorted())].reduce(
    (hash, char) => ((hash ^ BigInt(char.codePointAt(0) ?? 0)) * 1099511628211n) & 0xffffffffffffffffn,
    14695981039346656037n, // FNV-1a, the hash that Prometheus uses for labels
  );
  return {
    labels: named,
    annotations,
    startsAt: startsAt ?? now.toISOString(),
    fingerprint: fingerprint ?? own.toString(16).padStart(16, '0'),
  };
}
