import { announceStatus } from './announced-status.ts';
import { applyStep } from './apply-step.ts';
import type { Clock } from './clock.ts';
import { marksItsNode } from './cordon.ts';
import { hasQuorum } from './etcd.ts';
import type { ClusterState, NodeState } from './state.ts';
import type { Step } from './step.ts';

function marksAndTells(state: ClusterState, node: NodeState, at: number): void {
  const { boot } = node;
  if (boot === undefined || (boot.sequence === undefined && boot.stage === 'booting')) return; // no machined yet
  marksItsNode(state, node);
  announceStatus(state, node, at);
}

/** Lets due steps happen, in the order of their times. Steps are kept with the nodes; the engine holds one timer. */
export class Engine {
  readonly #state: ClusterState;
  readonly #clock: Clock;
  readonly #changed: (node: NodeState) => void;
  #factor: number;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(state: ClusterState, clock: Clock, factor: number, changed: (node: NodeState) => void) {
    this.#state = state;
    this.#clock = clock;
    this.#factor = factor;
    this.#changed = changed;
  }

  get factor(): number {
    return this.#factor;
  }

  /** What is pending comes closer or moves away accordingly. */
  setFactor(factor: number): void {
    const now = this.#clock.now();
    for (const node of Object.values(this.#state.nodes)) {
      for (const pending of node.pending) pending.due = now + ((pending.due - now) * this.#factor) / factor;
    }
    this.#factor = factor;
    this.#arm();
  }

  /** `afterMs` of the machine's own time from now. */
  plan(node: NodeState, afterMs: number, step: Step): void {
    node.pending.push({ due: this.#clock.now() + afterMs / this.#factor, step });
    this.#arm();
  }

  /** Plays what a machine lived through since `startedAt`, in its own time, without waiting. */
  fastForward(
    node: NodeState,
    startedAt: number,
    steps: readonly { readonly at: number; readonly step: Step }[],
  ): void {
    const now = this.#clock.now();
    node.pending = [{ due: startedAt, step: { kind: 'kernel_starts' } }];
    for (const { at, step } of steps) node.pending.push({ due: at, step });
    for (let next = earliest([node]); next && next.due <= now; next = earliest([node])) this.#take(next, 1);
    for (const pending of node.pending) pending.due = now + (pending.due - now) / this.#factor;
    this.#changed(node);
    this.#arm();
  }

  /** Runs everything that is due, at the time when it was due. */
  run(): void {
    if (this.#isStopped) return;
    const nodes = Object.values(this.#state.nodes);
    const now = this.#clock.now();
    const touched = new Set<NodeState>();
    for (let next = earliest(nodes); next && next.due <= now; next = earliest(nodes)) {
      this.#take(next, this.#factor);
      touched.add(next.node);
    }
    for (const node of touched) this.#changed(node);
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #take({ node, due, step }: Due, factor: number): void {
    node.pending = node.pending.filter((pending) => pending.step !== step);
    const hadQuorum = hasQuorum(this.#state);
    const next = applyStep(this.#state, node, step, due);
    marksAndTells(this.#state, node, due);
    if (hadQuorum !== hasQuorum(this.#state)) this.#tellOthers(node, due);
    node.pending.push(...next.map((following) => ({ due: due + following.afterMs / factor, step: following.step })));
  }

  /** Kubernetes cannot say who is ready without etcd, and can again. */
  #tellOthers(changed: NodeState, at: number): void {
    for (const node of Object.values(this.#state.nodes)) if (node !== changed) announceStatus(this.#state, node, at);
  }

  #arm(): void {
    this.#cancel?.();
    if (this.#isStopped) return;
    const next = earliest(Object.values(this.#state.nodes));
    if (next === undefined) return;
    this.#cancel = this.#clock.after(Math.max(0, next.due - this.#clock.now()), () => this.run());
  }
}

type Due = { readonly node: NodeState; readonly due: number; readonly step: Step };
function earliest(nodes: readonly NodeState[]): Due | undefined {
  let found: Due | undefined;
  for (const node of nodes) {
    for (const { due, step } of node.pending) if (found === undefined || due < found.due) found = { node, due, step };
  }
  return found;
}
