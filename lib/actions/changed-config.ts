import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Step } from '../approvals/plan.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { applyPatch, type ConfigPatch } from '../machine-config/apply-patch.ts';
import { assessChange, type ConfigAssessment } from '../machine-config/change-effects.ts';
import { describeConfigProblem } from '../machine-config/config-problem.ts';
import type { MachineConfig } from '../machine-config/machine-config.ts';
import { parseMachineConfig } from '../machine-config/parse-config.ts';
import { err, ok, type Result } from '../result.ts';
import { describeTalosError } from '../talos/describe-talos-error.ts';
import type { AppliedConfig, ApplyOrder, RunningConfig, TalosAdmin } from '../talos/orders.ts';
import type { NodeTarget } from '../talos/talos.ts';
import type { Probe, ProbeFacts, StepOutcome } from './action.ts';
import type { ApplyMode, ApplyWanted } from './apply-parameters.ts';
import { CALL_MS, chosenMode, TRY_S, whyUnfit } from './apply-plan.ts';
import { notDone } from './sent.ts';
import { tryPending } from './try-pending.ts';

const READ_MS = 10_000;

type ConfigPort = Pick<TalosAdmin, 'readConfig' | 'applyConfig'>;

/** What people are told of a change before they approve it, and the hash of what the config then says. */
export type PreparedChange = {
  readonly change: ConfigAssessment;
  readonly mode: ApplyMode;
  readonly dryRun: AppliedConfig;
  readonly contentSha256: string;
};

/** The config that a change would be merged into; not while somebody tries one out or has staged one. */
export async function readBeforeChange(
  admin: Pick<TalosAdmin, 'readConfig'>,
  evidence: Evidence,
  target: NodeTarget,
): Promise<Result<MachineConfig, string>> {
  const running = await admin.readConfig(target, { deadlineMs: READ_MS });
  if (!running.ok) return err(`Its config could not be read: ${describeTalosError(running.error)}`);
  // a dry run, too, ends what somebody is trying out
  const pending = tryPending(evidence, running.value);
  return pending === undefined ? parse(keptOf(running.value)) : err(pending);
}

/** Merges, and has Talos dry-run the whole. `tag`: the Talos that runs. */
export async function prepareChange(
  admin: Pick<TalosAdmin, 'applyConfig'>,
  target: NodeTarget,
  before: MachineConfig,
  { patch, mode: wanted }: ApplyWanted,
  tag: string,
): Promise<Result<PreparedChange, string>> {
  const after = merge(before, patch);
  if (!after.ok) return after;
  const change = assessChange(before, after.value, tag);
  const unfit = whyUnfit(change, wanted);
  if (unfit !== undefined) return err(unfit);
  const mode = chosenMode(change, wanted);
  const order = { ...orderOf(mode, after.value.text), dryRun: true, deadlineMs: CALL_MS };
  const dryRun = await admin.applyConfig(target, order);
  if (!dryRun.ok) return err(`Talos refused the dry run: ${describeTalosError(dryRun.error)}`);
  return ok({ change, mode, dryRun: dryRun.value, contentSha256: contentHash(after.value) });
}

/** Talos takes whole configs only: the one that the node has is read and merged, and sent when it is what was approved. */
export async function sendChange(
  admin: ConfigPort,
  { request, deadlineMs }: Step,
  patch: ConfigPatch,
  target: NodeTarget,
): Promise<StepOutcome> {
  const endsAtMs = performance.now() + deadlineMs;
  const mode = modeOf(request);
  if (mode === undefined) return { outcome: 'refused', because: 'The plan names no such change.' };
  const running = await admin.readConfig(target, { deadlineMs: Math.min(READ_MS, deadlineMs) });
  if (!running.ok) return { outcome: 'refused', because: `Not sent: ${describeTalosError(running.error)}` };
  const before = parse(keptOf(running.value));
  const after = before.ok ? merge(before.value, patch) : before;
  if (!after.ok) return { outcome: 'refused', because: `Not sent: ${after.error}` };
  if (contentHash(after.value) !== request['contentSha256'])
    return { outcome: 'refused', because: 'Not sent: the node has another config than the plan was made for.' };
  const leftMs = Math.floor(endsAtMs - performance.now());
  if (leftMs <= 0) return { outcome: 'refused', because: 'Not sent: reading the config took all of its time.' };
  const reply = await admin.applyConfig(target, {
    ...orderOf(mode, after.value.text),
    dryRun: false,
    deadlineMs: leftMs,
  });
  if (!reply.ok) return notDone(reply.error);
  return { outcome: 'done', because: reply.value.modeDetails || `applied, mode ${reply.value.mode}` };
}

/** Did it arrive? Nobody but an administrator may read what the node has. */
export async function lookForChange(
  admin: Pick<TalosAdmin, 'readConfig'>,
  { request }: Step,
  patch: ConfigPatch,
  target: NodeTarget,
  { deadlinePassed }: Pick<ProbeFacts, 'deadlinePassed'>,
): Promise<Probe | undefined> {
  const running = await admin.readConfig(target, { deadlineMs: READ_MS });
  if (!running.ok) return undefined;
  const now = parse(modeOf(request) === 'try' ? running.value.active : keptOf(running.value));
  if (!now.ok) return undefined;
  if (contentHash(now.value) === request['contentSha256'])
    return { answer: 'arrived', because: 'The node has the changed config.' };
  // not before: what a patch deletes is not there any more once it has arrived
  const after = merge(now.value, patch);
  if (!after.ok) return undefined;
  if (contentHash(after.value) !== request['contentSha256'])
    return { answer: 'unknown', because: 'The node has another config than the plan was made for.' };
  if (!deadlinePassed) return { answer: 'unknown', because: 'The deadline of the call has not passed yet.' };
  return { answer: 'not_arrived', because: 'The node still has the config of before, and the deadline has passed.' };
}

/** What the next boot takes. Up to 1.9 only what is in effect can be read. */
const keptOf = ({ active, onDisk }: RunningConfig): string => onDisk ?? active;

/** Of what a config says, however it is written: a patch that adds to a list may be merged once only. */
const contentHash = ({ documents }: MachineConfig): string =>
  createHash('sha256')
    .update(canonicalize(documents.map(({ id, content }) => ({ id, content }))) ?? '')
    .digest('hex');

const MODES: Readonly<Record<string, ApplyMode>> = {
  AUTO: 'auto',
  NO_REBOOT: 'no_reboot',
  STAGED: 'staged',
  TRY: 'try',
};
const modeOf = (request: Step['request']): ApplyMode | undefined => MODES[String(request['mode'])];
const orderOf = (mode: ApplyMode, config: string): ApplyOrder => {
  const order = { config, dryRun: false };
  return mode === 'try' ? { ...order, mode, revertAfterS: TRY_S } : { ...order, mode };
};

function parse(text: string): Result<MachineConfig, string> {
  const parsed = parseMachineConfig(text);
  return parsed.ok ? parsed : err(`The config of the node cannot be read: ${describeConfigProblem(parsed.error)}.`);
}
function merge(before: MachineConfig, patch: ConfigPatch): Result<MachineConfig, string> {
  const after = applyPatch(before, patch);
  return after.ok ? after : err(`The patch does not fit the node's config: ${describeConfigProblem(after.error)}.`);
}
