import { mkdirSync } from 'node:fs';
import { err, ok, type Result } from '../../lib/result.ts';
import type { FactoryFault } from '../factory/factory-schema.ts';
import { type JournalLine, SIMULATED_CLUSTER, type World } from '../world.ts';
import { type Clock, wallClock } from './clock.ts';
import { Cluster } from './cluster.ts';
import type { NewestCalls } from './journal.ts';
import { createClusterState } from './new-cluster.ts';
import { readScenario } from './read-scenario.ts';
import type { Fault, Scenario, ScenarioAlert } from './scenario-schema.ts';
import type { ClusterState } from './state.ts';
import { loadState } from './state-file.ts';

export type ClusterOptions = {
  readonly folder: string;
  /** Name in the library, or a file. Ignored where the folder holds a cluster that lives on. */
  readonly scenario: string;
  /** As the cluster was before the fault of the scenario: its version, every node well. */
  readonly before?: boolean;
  /** Seconds of the machines that pass in one second. */
  readonly factor: number;
  readonly seed?: string;
  readonly clock?: Clock;
};

export type RunningCluster = {
  readonly world: World;
  readonly state: ClusterState;
  /** Resolves when the ports are as the scenario says. The problems of a bad file name file, line and key. */
  loadScenario(nameOrFile: string, options?: { readonly before?: boolean }): Promise<Result<Loaded, readonly string[]>>;
  setFault(node: string, fault: Fault | undefined): Promise<boolean>;
  setPower(node: string, power: 'on' | 'off'): Promise<boolean>;
  /** Who does not reach whom from now on; whatever was cut and is not named is healed. The problem is one sentence. */
  setNetwork(cuts: Scenario['cuts']): Promise<Result<void, string>>;
  /** What is wrong with the factory from now on; undefined: nothing. */
  setFactoryFault(fault: FactoryFault | undefined): void;
  setFactor(factor: number): void;
  journal(): readonly JournalLine[];
  newestCalls(): NewestCalls;
  /** Writes where the control API is, and everything else that others read, into the folder. */
  publish(control: string): void;
  stop(): Promise<void>;
};
export type Loaded = { readonly name: string; readonly summary: string; readonly alerts: readonly ScenarioAlert[] };

/** The simulated cluster in this process. State, journal and files live in the folder. Throws where it cannot start. */
export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const { folder, factor, clock = wallClock } = options;
  mkdirSync(folder, { recursive: true });
  const first = readScenario(options.scenario);
  if (!first.ok) throw new Error(first.error.join('\n'));
  const kept = loadState(folder);
  const state =
    kept ?? createClusterState(SIMULATED_CLUSTER, options.seed ?? 'talos-medic', clock.now(), first.value.topology);
  const cluster = new Cluster(folder, state, clock, factor);
  await cluster.open(kept !== undefined);
  if (kept === undefined) {
    const loaded = await cluster.load(options.before ? wellAgain(first.value) : first.value);
    if (!loaded.ok) throw new Error(loaded.error);
  } else cluster.engine.run();
  await cluster.settled();
  return {
    get world() {
      return cluster.world;
    },
    state,
    loadScenario: async (nameOrFile, { before = false } = {}) => {
      const scenario = readScenario(nameOrFile);
      if (!scenario.ok) return err(scenario.error);
      const loaded = await cluster.load(before ? wellAgain(scenario.value) : scenario.value);
      if (!loaded.ok) return err([loaded.error]);
      const { name, summary, alerts } = scenario.value;
      return ok({ name, summary, alerts });
    },
    setFault: (node, fault) =>
      cluster.change(node, (found) => {
        found.faults = fault === undefined ? [] : [...found.faults, fault];
      }),
    setPower: (node, power) => cluster.change(node, (found) => cluster.power(found, power)),
    setNetwork: (cuts) => cluster.cut(cuts),
    setFactoryFault: (fault) => cluster.setFactoryFault(fault),
    setFactor: (next) => cluster.engine.setFactor(next),
    journal: () => cluster.journal.read(),
    newestCalls: () => cluster.journal.newest(),
    publish: (control) => cluster.publish(control),
    stop: () => cluster.stop(),
  };
}

/** The same cluster with nothing wrong. */
const wellAgain = (scenario: Scenario): Scenario => ({
  ...scenario,
  nodes: {},
  cuts: [],
  factory: {},
  talosconfig: 'valid',
});
