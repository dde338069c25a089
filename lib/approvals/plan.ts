import * as z from 'zod';
import { ActionName, Parameters } from './action-name.ts';

/** Who approves for a control plane types this much of the boot's key from the node's console. */
export const CONSOLE_CHARACTERS = 8;

/** `collect_evidence` and `wait_until` change nothing; the others are the Talos RPC. */
const StepMethod = z.enum([
  'collect_evidence',
  'wait_until',
  'Reboot',
  'ServiceRestart',
  'ApplyConfiguration',
  'ImagePull',
  'Upgrade',
  'LifecycleUpgrade',
  'Rollback',
  'Reset',
  'EtcdSnapshot',
  'EtcdDefragment',
  'EtcdAlarmDisarm',
  'EtcdForfeitLeadership',
  'EtcdRemoveMemberByID',
]);
type StepMethod = z.infer<typeof StepMethod>;

/** A read, a wait, a copy: the node is afterwards as it was before. */
const HARMLESS: ReadonlySet<string> = new Set<StepMethod>([
  'collect_evidence',
  'wait_until',
  'ImagePull',
  'EtcdSnapshot',
]);
export const changesNothing = (method: string): boolean => HARMLESS.has(method);

/** One call at most. `request` is what is sent, except for config text, which is named by its SHA-256. */
export const Step = z.object({
  n: z.int(),
  method: StepMethod,
  /** Inventory name of the node that gets the call, where it is another one than the plan's. */
  node: z.string().optional(),
  /** `later`: it is taken in another boot than the one that was approved, because a step before it reboots. */
  boot: z.enum(['planned', 'later']).optional(),
  /** Its gates are those of this action, where they are not the plan's: what follows a reset restores a config. */
  gatesOf: ActionName.optional(),
  request: z.record(z.string(), z.union([z.string(), z.int()])),
  /** How it is found out, after a crash or a lost reply, whether the call arrived: one sentence. */
  probe: z.string(),
  deadlineMs: z.int(),
});
export type Step = z.infer<typeof Step>;

/**
 * An offer, frozen for approval. People approve exactly this, so everything that they are told is in it.
 * `hash` (kept beside it) is the SHA-256 of its canonical JSON. `digest` is the evidence digest that it rests on.
 */
export const Plan = z.object({
  id: z.string(),
  incident: z.string(),
  cluster: z.string(),
  node: z.string(),
  role: z.enum(['controlplane', 'worker']),
  address: z.string(),
  version: z.string(),
  action: ActionName,
  parameters: Parameters,
  /** What the title leaves open (`ext-nut`, `to v1.11.5`), '' for nothing. */
  about: z.string(),
  identity: z.enum(['operator', 'admin']),
  risk: z.enum(['R1', 'R2', 'R3']),
  steps: z.array(Step),
  /** What proves that this is the machine: one line each. */
  proof: z.array(z.string()),
  /** Boot that the plan was made for, as `bootText` of lib/evidence/boot.ts writes it. */
  boot: z.string(),
  digest: z.string(),
  /** Name that the node must have afterwards; absent in plans of before this was frozen. */
  hostname: z.string().optional(),
  /** Newest sequence event that the node had when the plan was made: a newer one is another actor's, or ours. */
  lastSequenceId: z.string(),
  /** The last plan that had begun in this cluster when this one was made, '' for none: a newer one voids this. */
  afterPlan: z.string(),
  findings: z.array(z.string()),
  /** What will happen, what stays, what it costs: one line each. */
  consequences: z.array(z.string()),
  /** Further rows for the reviewer: label and text (stored config's source, age and hash, dry run's answer, etcd before and after ...). */
  details: z.array(z.object({ label: z.string(), text: z.string() })),
  approvalsNeeded: z.int(),
  typedName: z.enum(['required', 'not_required']),
  /** Control planes only: start of the boot's key, which the approver must type from the console ('' when not asked). */
  consoleFingerprint: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
});
export type Plan = z.infer<typeof Plan>;
export type FrozenPlan = { readonly plan: Plan; readonly hash: string };
