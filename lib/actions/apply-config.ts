import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { bootFacts, bootText } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { applyPatch } from '../machine-config/apply-patch.ts';
import { assessChange } from '../machine-config/change-effects.ts';
import { describeConfigProblem } from '../machine-config/config-problem.ts';
import type { MachineConfig } from '../machine-config/machine-config.ts';
import { parseMachineConfig } from '../machine-config/parse-config.ts';
import { err, ok, type Result } from '../result.ts';
import { describeTalosError } from '../talos/describe-talos-error.ts';
import type { ApplyOrder, RunningConfig, TalosAdmin, TalosOperator } from '../talos/orders.ts';
import { rulesFor } from '../versions/rules.ts';
import type { Action, Probe } from './action.ts';
import { type ApplyMode, type ApplyWanted, parseApply } from './apply-parameters.ts';
import { applyDraft, CALL_MS, chosenMode, TRY_S, whyUnfit } from './apply-plan.ts';
import { notDone } from './sent.ts';
import { actionTraits } from './traits.ts';
import { tryPending } from './try-pending.ts';

const READ_MS = 10_000;

type ApplyPorts = {
  readonly admin: Pick<TalosAdmin, 'readConfig' | 'applyConfig'>;
  readonly operator: Pick<TalosOperator, 'reboot'>;
};

/**
 * Talos RPC `ApplyConfiguration` of a running node, role os:admin. Talos takes whole configs only: the one that the node
 * has is read, the patch is merged here, and the whole is sent, when it is still exactly what people approved.
 */
export const applyConfig = ({ admin, operator }: ApplyPorts): Action => ({
  traits: actionTraits.apply_config,
  async plan(context) {
    const { evidence, target, parameters } = context;
    const wanted = parseApply(parameters);
    if (!wanted.ok) return err({ because: wanted.error });
    const tag = readValue(evidence.readings.version)?.tag;
    const rules = rulesFor(tag);
    if (tag === undefined || !rules.ok) return err({ because: 'The node did not say which Talos it runs.' });
    if (bootText(bootFacts(evidence)) === '')
      return err({ because: 'The node does not say when it booted, so a reboot in between could not be told.' });
    const running = await admin.readConfig(target, { deadlineMs: READ_MS });
    if (!running.ok) return err({ because: `Its config could not be read: ${describeTalosError(running.error)}` });
    // a dry run, too, ends what somebody is trying out
    const pending = tryPending(evidence, running.value);
    if (pending !== undefined) return err({ because: pending });
    const merged = merge(keptOf(running.value), wanted.value);
    if (!merged.ok) return err({ because: merged.error });
    const { before, after } = merged.value;
    const change = assessChange(before, after, tag);
    const unfit = whyUnfit(change, wanted.value.mode);
    if (unfit !== undefined) return err({ because: unfit });
    const mode = chosenMode(change, wanted.value.mode);
    const dryRun = await admin.applyConfig(target, { ...orderOf(mode, after.text), dryRun: true, deadlineMs: CALL_MS });
    if (!dryRun.ok) return err({ because: `Talos refused the dry run: ${describeTalosError(dryRun.error)}` });
    const { autoMayReboot } = rules.value;
    return ok(
      applyDraft(context, { change, mode, autoMayReboot, dryRun: dryRun.value, contentSha256: contentHash(after) }),
    );
  },
  async execute({ method, request, deadlineMs }, plan, target) {
    if (method === 'Reboot') {
      const reply = await operator.reboot(target, { mode: 'default', deadlineMs });
      if (!reply.ok) return notDone(reply.error);
      return { outcome: 'done', because: 'Talos took the call.', talosActorId: reply.value.actorId };
    }
    const endsAtMs = performance.now() + deadlineMs;
    const wanted = parseApply(plan.parameters);
    const mode = MODES[String(request['mode'])];
    if (!wanted.ok || mode === undefined) return { outcome: 'refused', because: 'The plan names no such change.' };
    const running = await admin.readConfig(target, { deadlineMs: Math.min(READ_MS, deadlineMs) });
    if (!running.ok) return { outcome: 'refused', because: `Not sent: ${describeTalosError(running.error)}` };
    const merged = merge(keptOf(running.value), wanted.value);
    if (!merged.ok) return { outcome: 'refused', because: `Not sent: ${merged.error}` };
    const { after } = merged.value;
    if (contentHash(after) !== request['contentSha256'])
      return { outcome: 'refused', because: 'Not sent: the node has another config than the plan was made for.' };
    const leftMs = Math.floor(endsAtMs - performance.now());
    if (leftMs <= 0) return { outcome: 'refused', because: 'Not sent: reading the config took all of its time.' };
    const reply = await admin.applyConfig(target, { ...orderOf(mode, after.text), dryRun: false, deadlineMs: leftMs });
    if (!reply.ok) return notDone(reply.error);
    return { outcome: 'done', because: reply.value.modeDetails || `applied, mode ${reply.value.mode}` };
  },
  /** Nobody but an administrator may read what the node has. */
  async inspect({ method, request }, plan, target, { deadlinePassed }): Promise<Probe | undefined> {
    const wanted = parseApply(plan.parameters);
    if (method !== 'ApplyConfiguration' || !wanted.ok) return undefined;
    const running = await admin.readConfig(target, { deadlineMs: READ_MS });
    if (!running.ok) return undefined;
    const isTried = MODES[String(request['mode'])] === 'try';
    const merged = merge(isTried ? running.value.active : keptOf(running.value), wanted.value);
    if (!merged.ok) return undefined;
    const { before, after } = merged.value;
    if (contentHash(before) === request['contentSha256'])
      return { answer: 'arrived', because: 'The node has the changed config.' };
    if (contentHash(after) !== request['contentSha256'])
      return { answer: 'unknown', because: 'The node has another config than the plan was made for.' };
    if (!deadlinePassed) return { answer: 'unknown', because: 'The deadline of the call has not passed yet.' };
    return { answer: 'not_arrived', because: 'The node still has the config of before, and the deadline has passed.' };
  },
});

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
const orderOf = (mode: ApplyMode, config: string): ApplyOrder => {
  const order = { config, dryRun: false };
  return mode === 'try' ? { ...order, mode, revertAfterS: TRY_S } : { ...order, mode };
};

type Merged = { readonly before: MachineConfig; readonly after: MachineConfig };
function merge(text: string, { patch }: ApplyWanted): Result<Merged, string> {
  const before = parseMachineConfig(text);
  if (!before.ok) return err(`The config of the node cannot be read: ${describeConfigProblem(before.error)}.`);
  const after = applyPatch(before.value, patch);
  if (!after.ok) return err(`The patch does not fit the node's config: ${describeConfigProblem(after.error)}.`);
  return ok({ before: before.value, after: after.value });
}
