import type { Surroundings } from './call-context.ts';
import { NodeRuntime } from './node-runtime.ts';
import type { NodeState } from './state.ts';

/** The ports of all nodes. */
export class NodeRuntimes {
  readonly #around: Surroundings;
  readonly #byName = new Map<string, NodeRuntime>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Takes the addresses of these nodes: all, or none and false. */
  async bind(nodes: readonly NodeState[]): Promise<boolean> {
    const runtimes = nodes.map((node) => new NodeRuntime(this.#around, node));
    const bound = await Promise.allSettled(runtimes.map((runtime) => runtime.bind()));
    if (bound.some(({ status }) => status === 'rejected')) {
      await Promise.all(runtimes.map((runtime) => runtime.close()));
      return false;
    }
    for (const [index, node] of nodes.entries()) {
      const runtime = runtimes[index];
      if (runtime === undefined) continue;
      node.port = runtime.port;
      this.#byName.set(node.name, runtime);
    }
    return true;
  }

  drop(name: string): void {
    this.#byName.get(name)?.drop();
  }

  /** A port that cannot be had back now is tried again with the next change. */
  reconcile(name: string): void {
    const said = (error: unknown) => console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    this.#byName.get(name)?.reconcile().catch(said);
  }

  /** Ends when every port is as its node says. */
  async settled(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((runtime) => runtime.reconcile()));
  }

  async close(names: readonly string[] = [...this.#byName.keys()]): Promise<void> {
    await Promise.all(names.map((name) => this.#byName.get(name)?.close()));
    for (const name of names) this.#byName.delete(name);
  }
}
