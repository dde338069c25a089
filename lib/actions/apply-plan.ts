import type { Step } from '../approvals/plan.ts';
import type { ConfigAssessment, Effect } from '../machine-config/change-effects.ts';
import { sayChanges } from '../machine-config/say-changes.ts';
import type { Draft, PlanContext } from './action.ts';
import type { ApplyMode } from './apply-parameters.ts';
import type { PreparedChange } from './changed-config.ts';
import { etcdDetails } from './etcd-details.ts';
import { keepEvidence, numbered, rebootStep } from './steps.ts';

/** With the read of the config before it. */
export const CALL_MS = 30_000;
/** A tried config has this long to prove itself; then Talos takes it back, whoever is still there. */
export const TRY_S = 300;
const PROVE_MS = 180_000;
const LINES_SHOWN = 20;

/** One sentence why this change cannot be made, or not in this mode. */
export function whyUnfit(change: ConfigAssessment, mode: ApplyMode | undefined): string | undefined {
  if (change.changes.length === 0) return 'The config of the node has this already, so there is nothing to change.';
  const never = pathsOf(change, 'never');
  if (never.length > 0)
    return `The cluster was built on ${never.join(', ')}: it cannot be changed on a node that runs.`;
  const wipe = pathsOf(change, 'wipe');
  if (wipe.length > 0)
    return `${wipe.join(', ')} is for volumes that are made anew; the node may not boot with it while the old ones exist.`;
  const isImmediate = mode === 'no_reboot' || mode === 'try';
  if (isImmediate && change.mode === 'reboot')
    return 'Talos takes this change only with a reboot, or staged for the next.';
  return undefined;
}

/** The mildest that makes it take effect. */
export const chosenMode = (change: ConfigAssessment, wanted: ApplyMode | undefined): ApplyMode =>
  wanted ?? (change.mode === 'reboot' ? 'auto' : 'no_reboot');

const pathsOf = ({ effects }: ConfigAssessment, effect: Effect): readonly string[] =>
  effects.find((one) => one.effect === effect)?.paths ?? [];

export function applyDraft(context: PlanContext, prepared: PreparedChange, autoMayReboot: boolean): Draft {
  const { change, mode, dryRun, contentSha256 } = prepared;
  const isForNow = mode === 'auto' || mode === 'no_reboot';
  const talosReboots = mode === 'auto' && autoMayReboot && change.mode === 'reboot';
  const weReboot = isForNow && !talosReboots && (change.mode === 'reboot' || pathsOf(change, 'reboot').length > 0);
  const later = pathsOf(change, 'upgrade');
  return {
    steps: numbered([...calls(mode, contentSha256), ...(weReboot ? [rebootStep()] : [])]),
    consequences: [
      `${context.entry.name} gets ${change.changes.length === 1 ? 'one change' : `${change.changes.length} changes`} of its config; the rest of it stays as it is.`,
      HOW[mode],
      ...(talosReboots || weReboot
        ? ['It reboots for it and is away for one boot (minutes); nothing is drained.']
        : []),
      ...(later.length > 0 ? [`${later.join(', ')} takes effect at the next upgrade only.`] : []),
    ],
    details: [
      ...changeDetails(change),
      { label: 'Mode', text: mode.toUpperCase() },
      { label: "Talos' dry run", text: dryRun.modeDetails || dryRun.mode },
      ...dryRun.warnings.map((text) => ({ label: 'Talos warns', text })),
      ...(talosReboots || weReboot ? etcdDetails(context.evidence, context.entry) : []),
    ],
  };
}

export const changeDetails = ({ changes }: ConfigAssessment): Draft['details'] =>
  sayChanges(changes, LINES_SHOWN).map((text) => ({ label: 'Change', text }));

const HOW: Readonly<Record<ApplyMode, string>> = {
  auto: 'Talos applies it at once.',
  no_reboot: 'Talos applies it at once, without a reboot.',
  staged: 'It is only written to disk: the next boot takes it, whenever that is.',
  try: `Talos tries it for ${TRY_S / 60} min. It is kept only when the node proves to be well within ${PROVE_MS / 60_000} min; else Talos takes it back by itself.`,
};

export const applyStep = (mode: ApplyMode, contentSha256: string): Omit<Step, 'n'> => ({
  method: 'ApplyConfiguration',
  request: { mode: mode.toUpperCase(), contentSha256, ...(mode === 'try' ? { revertAfterS: TRY_S } : {}) },
  probe: "The node's own config shows whether the change is in it.",
  deadlineMs: CALL_MS,
});

function calls(mode: ApplyMode, contentSha256: string): readonly Omit<Step, 'n'>[] {
  if (mode !== 'try') return [keepEvidence(), applyStep(mode, contentSha256)];
  const prove: Omit<Step, 'n'> = {
    method: 'wait_until',
    request: { until: 'the node is well' },
    probe: 'Stage running and ready, services up, etcd votes.',
    deadlineMs: PROVE_MS,
  };
  return [keepEvidence(), applyStep('try', contentSha256), prove, applyStep('no_reboot', contentSha256)];
}
