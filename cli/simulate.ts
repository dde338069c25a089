import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { stageOf } from '../simulator/nodes/describe-node.ts';
import { listScenarios, readScenario } from '../simulator/nodes/read-scenario.ts';
import type { Scenario } from '../simulator/nodes/scenario-schema.ts';
import { type RunningCluster, startCluster } from '../simulator/nodes/start-cluster.ts';
import { World } from '../simulator/world.ts';
import { columns, type Serving, sayServing } from './simulate-text.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

const Factor = z.coerce.number().positive().max(1000);
const NODE_ANSWERS_WITHIN_MS = 1_000;

/** `medic simulate`: a scenario's nodes, served to any Talos client until a signal ends it. */
export const simulateCommand: Command = async (args) => {
  const { values, positionals } = readFlags(args, {
    scenario: { type: 'string' },
    factor: { type: 'string', default: '10' },
    seed: { type: 'string' },
    folder: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (positionals[0] !== undefined) throw new UsageError(`"${positionals[0]}" is no option; say --scenario FILE.`);
  if (values.scenario === undefined)
    throw new UsageError(`Say --scenario FILE, or a name of the library:\n${library()}`);
  const factor = Factor.safeParse(values.factor);
  if (!factor.success) throw new UsageError(`--factor is "${values.factor}"; it takes a number above 0, up to 1000.`);
  const scenario = readScenario(values.scenario);
  if (!scenario.ok) throw new Error(scenario.error.join('\n'));

  const stopped = untilSignalled();
  const folder = await folderFor(values.folder);
  try {
    const seed = values.seed === undefined ? {} : { seed: values.seed };
    const cluster = await startCluster({ folder, scenario: values.scenario, factor: factor.data, ...seed });
    try {
      if (values.seed !== undefined && values.seed !== cluster.state.seed) {
        throw new UsageError(`${folder} holds a cluster of the seed "${cluster.state.seed}"; say another --folder.`);
      }
      await bring(cluster, values.scenario, scenario.value);
      const serving = describe(cluster, scenario.value, {
        folder,
        factor: factor.data,
        isKept: values.folder !== undefined,
      });
      console.log(values.json ? JSON.stringify({ ready: true, pid: process.pid, ...serving }) : sayServing(serving));
      await stopped;
    } finally {
      await cluster.stop();
    }
  } finally {
    if (values.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
  return 0;
};

const library = () => columns(listScenarios().map(({ name, summary }) => [name, summary])).join('\n');

/** Heard from the start, so that nothing is left behind however early somebody changes their mind. */
const untilSignalled = (): Promise<void> =>
  new Promise((end) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end());
  });

async function folderFor(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return mkdtemp(join(tmpdir(), 'medic-simulate-'));
  const folder = resolve(wanted);
  await mkdir(folder, { recursive: true });
  if (await isServed(folder)) {
    throw new UsageError(`The simulated nodes of ${folder} answer already. End that process, or say another --folder.`);
  }
  return folder;
}

/** Two processes on one folder would write over each other. A node that reboots is silent, so all of them are asked. */
async function isServed(folder: string): Promise<boolean> {
  const file = join(folder, 'world.json');
  if (!existsSync(file)) return false;
  const world = World.parse(JSON.parse(readFileSync(file, 'utf8')));
  const answers = world.nodes.map(({ address, port = world.port }) => takesConnections(address, port));
  return (await Promise.all(answers)).includes(true);
}

const takesConnections = (host: string, port: number): Promise<boolean> =>
  new Promise((said) => {
    const socket = connect({ host, port, timeout: NODE_ANSWERS_WITHIN_MS });
    const end = (isOpen: boolean) => {
      socket.destroy();
      said(isOpen);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });

/** A folder that was used before goes on where it stopped, unless it stopped in another scenario. */
async function bring(cluster: RunningCluster, wanted: string, { name }: Scenario): Promise<void> {
  if (cluster.state.scenario === name) return;
  const loaded = await cluster.loadScenario(wanted);
  if (!loaded.ok) throw new Error(loaded.error.join('\n'));
}

function describe(
  { world, state }: RunningCluster,
  { name, summary, alerts }: Scenario,
  how: Pick<Serving, 'folder' | 'factor' | 'isKept'>,
): Serving {
  const nodes = world.nodes.map(({ name: node, role, address, port = world.port }) => {
    const found = state.nodes[node];
    return { name: node, role, address, port, stage: found === undefined ? '' : stageOf(found) };
  });
  const file = (role: string) => join(how.folder, `talosconfig-${role}`);
  const talosconfigs = { reader: file('reader'), operator: file('operator'), admin: file('admin') };
  const look = nodes.find((node) => node.name === alerts[0]?.labels.node) ?? nodes[0];
  return {
    ...how,
    scenario: name,
    summary,
    seed: state.seed,
    nodes,
    factory: world.factory,
    talosconfigs,
    look: look?.name ?? '',
  };
}
