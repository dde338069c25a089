import type { Step } from '../approvals/plan.ts';
import type { ConfigAssessment, Effect } from '../machine-config/change-effects.ts';
import { sayChanges } from '../machine-config/say-changes.ts';
import type { AppliedConfig } from '../talos/orders.ts';
import type { Draft, PlanContext } from './action.ts';
import type { ApplyMode } from './apply-parameters.ts';
import { etcdDetails } from './etcd-details.ts';
import { keepEvidence } from './steps.ts';

/** With the read of the config before it. */
export const CALL_MS = 30_000;
/** A tried config has this long to prove itself; then Talos takes it back, whoever is still there. */
export const TRY_S = 300;
const PROVE_MS = 180_000;
const REBOOT_MS = 5_000;
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

type Assessed = {
  readonly change: ConfigAssessment;
  readonly mode: ApplyMode;
  readonly autoMayReboot: boolean;
  readonly dryRun: AppliedConfig;
  readonly contentSha256: string;
};

export function applyDraft(context: PlanContext, assessed: Assessed): Draft {
  const { change, mode, autoMayReboot, dryRun, contentSha256 } = assessed;
  const isForNow = mode === 'auto' || mode === 'no_reboot';
  const talosReboots = mode === 'auto' && autoMayReboot && change.mode === 'reboot';
  const weReboot = isForNow && !talosReboots && (change.mode === 'reboot' || pathsOf(change, 'reboot').length > 0);
  const later = pathsOf(change, 'upgrade');
  return {
    steps: numbered([...calls(mode, contentSha256), ...(weReboot ? [reboot] : [])]),
    consequences: [
      `${context.entry.name} gets ${change.changes.length === 1 ? 'one change' : `${change.changes.length} changes`} of its config; the rest of it stays as it is.`,
      HOW[mode],
      ...(talosReboots || weReboot
        ? ['It reboots for it and is away for one boot (minutes); nothing is drained.']
        : []),
      ...(later.length > 0 ? [`${later.join(', ')} takes effect at the next upgrade only.`] : []),
    ],
    details: [
      ...sayChanges(change.changes, LINES_SHOWN).map((text) => ({ label: 'Change', text })),
      { label: 'Mode', text: mode.toUpperCase() },
      { label: "Talos' dry run", text: dryRun.modeDetails || dryRun.mode },
      ...dryRun.warnings.map((text) => ({ label: 'Talos warns', text })),
      ...(talosReboots || weReboot ? etcdDetails(context.evidence, context.entry) : []),
    ],
  };
}

const HOW: Readonly<Record<ApplyMode, string>> = {
  auto: 'Talos applies it at once.',
  no_reboot: 'Talos applies it at once, without a reboot.',
  staged: 'It is only written to disk: the next boot takes it, whenever that is.',
  try: `Talos tries it for ${TRY_S / 60} min. It is kept only when the node proves to be well within ${PROVE_MS / 60_000} min; else Talos takes it back by itself.`,
};

function calls(mode: ApplyMode, contentSha256: string): readonly Omit<Step, 'n'>[] {
  const probe = "The node's own config shows whether the change is in it.";
  const apply = (as: ApplyMode): Omit<Step, 'n'> => ({
    method: 'ApplyConfiguration',
    request: { mode: as.toUpperCase(), contentSha256, ...(as === 'try' ? { revertAfterS: TRY_S } : {}) },
    probe,
    deadlineMs: CALL_MS,
  });
  if (mode !== 'try') return [keepEvidence(), apply(mode)];
  const prove: Omit<Step, 'n'> = {
    method: 'wait_until',
    request: { until: 'the node is well' },
    probe: 'Stage running and ready, services up, etcd votes.',
    deadlineMs: PROVE_MS,
  };
  return [keepEvidence(), apply('try'), prove, apply('no_reboot')];
}

const reboot: Omit<Step, 'n'> = {
  method: 'Reboot',
  request: { mode: 'DEFAULT' },
  probe: 'Another boot, or a reboot sequence in the event log, shows that it arrived.',
  deadlineMs: REBOOT_MS,
};

const numbered = (steps: readonly Omit<Step, 'n'>[]): Step[] => steps.map((step, n) => ({ ...step, n }));
