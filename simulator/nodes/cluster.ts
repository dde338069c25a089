import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { err, ok, type Result } from '../../lib/result.ts';
import { serveFactory } from '../factory/factory-server.ts';
import { type FactoryState, urlOf } from '../factory/factory-state.ts';
import type { World } from '../world.ts';
import { announceStatus } from './announced-status.ts';
import type { Surroundings } from './call-context.ts';
import type { Clock } from './clock.ts';
import { writeClusterFiles } from './cluster-files.ts';
import { Engine } from './engine.ts';
import { Journal } from './journal.ts';
import { loadScenario } from './load-scenario.ts';
import { setCuts } from './network.ts';
import { handOutClients, moveTo, moveToPorts, randomBlock } from './new-cluster.ts';
import { NodeRuntimes } from './node-runtimes.ts';
import { newNode, placeFor, takeNodes } from './nodes-of-cluster.ts';
import { roleOf } from './physical.ts';
import { unknownParties } from './scenario-references.ts';
import type { Scenario } from './scenario-schema.ts';
import type { ClusterState, NodeState } from './state.ts';
import { saveState } from './state-file.ts';
import { nodeNames, type Topology, topologyOf } from './topology.ts';

const BIND_TRIES = 20;
const LOOK_AT_CERTIFICATES_EVERY_MS = 60 * 60_000;
/** Until somebody serves the control API. */
const NO_CONTROL = 'http://127.0.0.1:0';

/** The nodes with their time, their ports and their files: what every change goes through. */
export class Cluster implements Surroundings {
  readonly state: ClusterState;
  readonly engine: Engine;
  readonly journal: Journal;
  world: World;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #runtimes: NodeRuntimes;
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Certificates age although nothing happens. */
  readonly #renewal = setInterval(() => {
    for (const node of this.#nodes()) this.#runtimes.reconcile(node.name);
  }, LOOK_AT_CERTIFICATES_EVERY_MS).unref();
  #factory: Awaited<ReturnType<typeof serveFactory>> | undefined;
  #isSaving = false;
  #isStopped = false;

  constructor(folder: string, state: ClusterState, clock: Clock, factor: number) {
    this.state = state;
    this.#folder = folder;
    this.#clock = clock;
    this.journal = new Journal(join(folder, 'journal.jsonl'));
    this.engine = new Engine(state, clock, factor, (node) => this.#tell(node));
    this.#runtimes = new NodeRuntimes(this);
    this.world = this.#describe(NO_CONTROL);
  }

  now(): number {
    return this.#clock.now();
  }

  changed(node: NodeState, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(node.name) ?? new Set();
      this.#waiting.set(node.name, waiting);
      const done = () => {
        waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done, { once: true });
    });
  }

  touch(...nodes: readonly NodeState[]): void {
    for (const node of nodes) {
      announceStatus(this.state, node, this.now());
      this.#tell(node);
    }
    for (const other of this.engine.notice()) this.#tell(other);
  }

  /** Makes a change visible and durable. */
  #tell(node: NodeState): void {
    if (this.#isStopped) return;
    this.#save();
    for (const done of this.#waiting.get(node.name) ?? []) done();
    this.#runtimes.reconcile(node.name);
  }

  drop(node: NodeState): void {
    this.#runtimes.drop(node.name);
  }

  /** Takes the addresses: the ones it had, else a fresh block, else one address with ports. */
  async open(isKept: boolean): Promise<void> {
    this.#factory = await serveFactory(
      () => this.state.factory,
      () => this.#save(),
    );
    if (!isKept) moveTo(this.state, randomBlock());
    for (let tries = 0; !(await this.#runtimes.bind(this.#nodes())); tries += 1) {
      if (tries >= BIND_TRIES) moveToPorts(this.state);
      else moveTo(this.state, randomBlock());
      if (tries > BIND_TRIES) throw new Error('no address of 127.0.0.0/8 can be had for the simulated nodes');
    }
    this.publish(NO_CONTROL);
  }

  publish(control: string): void {
    this.world = this.#describe(control);
    writeClusterFiles(this.#folder, this.state, this.world);
  }

  async load(scenario: Scenario): Promise<Result<void, string>> {
    const changed = await this.#become(scenario.topology);
    if (!changed.ok) return changed;
    loadScenario(this.state, scenario, this.engine, this.now());
    this.touch(...this.#nodes());
    await this.settled();
    const isOther = handOutClients(this.state, scenario.talosconfig, this.now());
    if (changed.value || isOther) this.publish(this.world.control);
    return ok(undefined);
  }

  /** Makes and removes nodes; whether there were any. Without the addresses of the new ones nothing changes. */
  async #become(topology: Topology): Promise<Result<boolean, string>> {
    const { state } = this;
    const wanted = nodeNames(topology);
    if (isDeepStrictEqual(wanted, Object.keys(state.nodes))) return ok(false);
    const nodes = wanted.map((name) => state.nodes[name] ?? newNode(state, name, placeFor(state, name)));
    const fresh = nodes.filter(({ name }) => state.nodes[name] === undefined);
    if (!(await this.#runtimes.bind(fresh)))
      return err('an address for one of the new nodes is taken by somebody else on this machine');
    const gone = Object.keys(state.nodes).filter((name) => !wanted.includes(name));
    takeNodes(state, nodes);
    for (const name of gone) for (const done of this.#waiting.get(name) ?? []) done();
    await this.#runtimes.close(gone);
    return ok(true);
  }

  async change(name: string, apply: (node: NodeState) => void): Promise<boolean> {
    const node = this.state.nodes[name];
    if (node === undefined) return false;
    apply(node);
    this.touch(node);
    await this.settled();
    return true;
  }

  async cut(cuts: Scenario['cuts']): Promise<Result<void, string>> {
    const [unknown] = unknownParties(topologyOf(this.#nodes()), cuts);
    if (unknown !== undefined) return err(`there is no node ${unknown.name}`);
    setCuts(this.state, cuts, this.now());
    this.touch(...this.#nodes());
    await this.settled();
    return ok(undefined);
  }

  setFactoryFault(fault: FactoryState['fault']): void {
    this.state.factory.fault = fault;
    this.#save();
  }

  power(node: NodeState, power: 'on' | 'off'): void {
    if (node.power === power) return;
    node.power = power;
    node.pending = [];
    if (power === 'off') node.boot = undefined;
    else if (node.physical.firmware?.hangsAfter !== 'coldBoot') this.engine.plan(node, 0, { kind: 'kernel_starts' });
  }

  /** Ends when every port is as its node says. */
  async settled(): Promise<void> {
    await this.#runtimes.settled();
  }

  async stop(): Promise<void> {
    this.engine.stop();
    clearInterval(this.#renewal);
    this.#isStopped = true;
    for (const waiting of this.#waiting.values()) for (const done of waiting) done();
    await Promise.all([this.#runtimes.close(), this.#factory?.close()]);
    saveState(this.#folder, this.state);
    this.journal.close();
  }

  #nodes(): readonly NodeState[] {
    return Object.values(this.state.nodes);
  }

  #describe(control: string): World {
    const { cluster, controlToken, nodeCidr } = this.state;
    const shared = this.#nodes()[0]?.port ?? 0;
    const nodes = this.#nodes().map(({ name, address, port }) => {
      return { name, role: roleOf(name), address, ...(port === shared ? {} : { port }) };
    });
    const factory = urlOf(this.state.factory);
    return { cluster, control, controlToken, pid: process.pid, port: shared, nodeCidr, nodes, factory };
  }

  /** Once per turn of the event loop, however much changed in it. */
  #save(): void {
    if (this.#isSaving) return;
    this.#isSaving = true;
    setImmediate(() => {
      this.#isSaving = false;
      if (!this.#isStopped) saveState(this.#folder, this.state);
    });
  }
}
