import type { ActionName, Parameters } from '../approvals/action-name.ts';
import type { Plan, Step } from '../approvals/plan.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Check } from '../incidents/event.ts';
import type { InventoryEntry, NodeRole } from '../inventory/entry.ts';
import type { Finding } from '../playbooks/finding.ts';
import type { Result } from '../result.ts';
import type { GateName } from '../safety/gate.ts';
import type { NodeTarget } from '../talos/talos.ts';
import type { StoredConfigInfo } from './stored-config.ts';

export type SystemVolume = 'STATE' | 'EPHEMERAL';

/** What stays true of an action whatever the node. */
export type ActionTraits = {
  readonly name: ActionName;
  readonly identity: 'operator' | 'admin';
  readonly risk: 'R1' | 'R2' | 'R3';
  /** What the node must be doing: `running` includes a boot that hangs; in `maintenance` it waits for a config. */
  readonly startsIn: 'running' | 'maintenance';
  /** What stands still on the node meanwhile. `etcd`: its member only, for seconds to minutes. */
  readonly stops: 'node' | 'etcd' | 'service' | 'nothing';
  /** System volumes that it erases. */
  readonly wipes: readonly SystemVolume[];
  /** Who gets the call: the node, or a healthy control plane when it is about a member that is gone. */
  readonly calls: 'node' | 'peer';
  /** Distinct people who must say yes, the requester included. */
  readonly approvals: Readonly<Record<NodeRole, number>>;
  readonly typedName: 'required' | 'not_required';
  readonly expiresAfterMs: number;
  readonly gates: readonly GateName[];
  /** How long verification may look before the verdict is unverified. */
  readonly verifyWithinMs: number;
};

export type PlanContext = {
  readonly parameters: Parameters;
  /** The control planes besides the node. */
  readonly peers: readonly NodeTarget[];
  readonly target: NodeTarget;
  readonly evidence: Evidence;
  readonly entry: InventoryEntry;
  readonly findings: readonly Finding[];
  readonly storedConfig: StoredConfigInfo | undefined;
  readonly now: string;
};

/** What an action adds to a plan; who, when and how many are filled in by the flow. */
export type Draft = Pick<Plan, 'steps' | 'consequences' | 'details'>;
/** One sentence why there can be no plan right now. */
export type Blocker = { readonly because: string };

export type StepOutcome = {
  readonly outcome: 'done' | 'refused' | 'unknown';
  readonly because: string;
  /** What a later step needs to know (the name under which an image was stored). Kept in the record. */
  readonly result?: string;
  readonly talosActorId?: string;
};

export type StepFacts = {
  /** What the gates have just looked at. */
  readonly evidence: Evidence;
  /** Of the steps before, by their number, where they left one. */
  readonly results: Readonly<Record<number, string>>;
};

export type ProbeFacts = {
  readonly evidence: Evidence;
  readonly entry: InventoryEntry;
  /** When the call's own deadline has passed, a call that was sent before can no longer arrive. */
  readonly deadlinePassed: boolean;
  /** Of the steps before, by their number, where they left one. */
  readonly results: Readonly<Record<number, string>>;
};
export type Probe = {
  readonly answer: 'arrived' | 'not_arrived' | 'unknown';
  readonly because: string;
  /** Of a `wait_until` step: what a later step needs to know. */
  readonly result?: string;
};

export type VerifyFacts = {
  readonly evidence: Evidence;
  readonly entry: InventoryEntry;
  readonly findings: readonly Finding[];
};

/** Four functions and what they are about. `plan` and `execute` are made with the ports that they need. */
export type Action = {
  readonly traits: ActionTraits;
  /** Reads only (a dry run included). */
  readonly plan: (context: PlanContext) => Promise<Result<Draft, Blocker>>;
  /** The one call that changes something. */
  readonly execute: (step: Step, plan: Plan, target: NodeTarget, facts: StepFacts) => Promise<StepOutcome>;
  /** Did the call arrive, where only the identity that made it can see that? Reads only; undefined: it cannot tell. */
  readonly inspect?: (
    step: Step,
    plan: Plan,
    target: NodeTarget,
    facts: Pick<ProbeFacts, 'deadlinePassed'>,
  ) => Promise<Probe | undefined>;
};

/** The pure half: what was seen decides. */
export type ActionJudge = {
  readonly traits: ActionTraits;
  /** What the title leaves open, '' for nothing. An error: one sentence why there is nothing to offer. */
  readonly about: (parameters: Parameters) => Result<string, string>;
  /** Did the call arrive? Of a `wait_until` step: `arrived` once it holds. */
  readonly probe: (step: Step, plan: Plan, facts: ProbeFacts) => Probe;
  /** All checks `yes`: verified. Anything else is looked at again until the deadline. */
  readonly verify: (plan: Plan, facts: VerifyFacts) => readonly Check[];
};
