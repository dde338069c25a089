import { announceStatus } from './announced-status.ts';
import { applyStep } from './apply-step.ts';
import type { Clock } from './clock.ts';
import { marksItsNode } from './cordon.ts';
import { notices } from './notices.ts';
import type { ClusterState, NodeState } from './state.ts';
import type { Next, Step } from './step.ts';

/** Whether there was anything to tell. */
function marksAndTells(state: ClusterState, node: NodeState, at: number): boolean {
  const { boot } = node;
  if (boot === undefined || (boot.sequence === undefined && boot.stage === 'booting')) return false; // no machined yet
  marksItsNode(state, node);
  return announceStatus(state, node, at);
}

/** Lets due steps happen, in the order of their times. Steps are kept with the nodes; the engine holds one timer. */
export class Engine {
  readonly #state: ClusterState;
  readonly #clock: Clock;
  readonly #changed: (node: NodeState) => void;
  #factor: number;
  #leader = '';
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

  /**
   * Plays what machines lived through, each since its start and all together in the order of time, in their own time,
   * without waiting. What is due for others meanwhile happens too.
   */
  replay(lives: readonly Life[], happenings: readonly Happening[]): void {
    const now = this.#clock.now();
    const all = Object.values(this.#state.nodes);
    const waiting = new Set(all.flatMap(({ pending }) => pending));
    for (const { node, startedAt, steps } of lives) {
      node.pending = [{ due: startedAt, step: { kind: 'kernel_starts' } }, ...steps];
    }
    const touched = new Set(lives.map(({ node }) => node));
    const coming = happenings.toSorted((a, b) => a.at - b.at);
    for (;;) {
      const next = earliest(all);
      const [first] = coming;
      if (first !== undefined && first.at <= Math.min(next?.due ?? now, now)) {
        coming.shift();
        first.happens();
        this.#notice(first.at, 1, touched);
      } else if (next !== undefined && next.due <= now) {
        if (next.step.kind === 'kernel_starts') delete next.node.isAsBefore;
        this.#take(next, 1, touched);
      } else break;
    }
    for (const { pending } of all) {
      for (const one of pending) if (!waiting.has(one)) one.due = now + (one.due - now) / this.#factor;
    }
    for (const node of touched) this.#changed(node);
    this.#arm();
  }

  /** Runs everything that is due, at the time when it was due. */
  run(): void {
    if (this.#isStopped) return;
    const nodes = Object.values(this.#state.nodes);
    const now = this.#clock.now();
    const touched = new Set<NodeState>();
    for (let next = earliest(nodes); next && next.due <= now; next = earliest(nodes)) {
      this.#take(next, this.#factor, touched);
    }
    for (const node of touched) this.#changed(node);
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  /** What others make of a change that no step made. */
  notice(): readonly NodeState[] {
    const touched = new Set<NodeState>();
    this.#notice(this.#clock.now(), this.#factor, touched);
    this.#tellAll(this.#clock.now(), touched);
    if (touched.size > 0) this.#arm();
    return [...touched];
  }

  #take({ node, due, step }: Due, factor: number, touched: Set<NodeState>): void {
    node.pending = node.pending.filter((pending) => pending.step !== step);
    const next = applyStep(this.#state, node, step, due);
    marksAndTells(this.#state, node, due);
    add(node, due, next, factor);
    touched.add(node);
    this.#notice(due, factor, touched);
  }

  #notice(at: number, factor: number, touched: Set<NodeState>): void {
    for (const { node, next } of notices(this.#state, at)) {
      add(node, at, next, factor);
      marksAndTells(this.#state, node, at);
      touched.add(node);
    }
    if (this.#state.etcd.leader !== this.#leader) this.#tellAll(at, touched);
  }

  /** Without etcd Kubernetes cannot say which node is ready, and who lost the network cannot say anything. */
  #tellAll(at: number, touched: Set<NodeState>): void {
    this.#leader = this.#state.etcd.leader;
    for (const node of Object.values(this.#state.nodes)) if (marksAndTells(this.#state, node, at)) touched.add(node);
  }

  #arm(): void {
    this.#cancel?.();
    if (this.#isStopped) return;
    const next = earliest(Object.values(this.#state.nodes));
    if (next === undefined) return;
    this.#cancel = this.#clock.after(Math.max(0, next.due - this.#clock.now()), () => this.run());
  }
}

/** A machine that was switched on at a time gone by, and what was done to it since. */
export type Life = {
  readonly node: NodeState;
  readonly startedAt: number;
  readonly steps: readonly { readonly due: number; readonly step: Step }[];
};
/** Something around the machines that changed at a time gone by. */
export type Happening = { readonly at: number; readonly happens: () => void };

const add = (node: NodeState, at: number, next: readonly Next[], factor: number): void => {
  node.pending.push(...next.map(({ afterMs, step }) => ({ due: at + afterMs / factor, step })));
};

type Due = { readonly node: NodeState; readonly due: number; readonly step: Step };
function earliest(nodes: readonly NodeState[]): Due | undefined {
  let found: Due | undefined;
  for (const node of nodes) {
    for (const { due, step } of node.pending) if (found === undefined || due < found.due) found = { node, due, step };
  }
  return found;
}
