import { createHash } from 'node:crypto';
import type {
  ApplyConfigurationRequest,
  ApplyConfigurationResponse,
} from '../../lib/talos/generated/machine/machine.ts';
import type { Accepted, Mode } from './apply-check.ts';
import { type Answer, answer, type CallContext } from './call-context.ts';
import { warningsOf } from './config-warnings.ts';
import { goDuration } from './duration.ts';
import { updateHostname } from './hostname.ts';
import { REBOOT } from './orders.ts';
import { bootOf, talos } from './record.ts';
import { sequenceStarts } from './sequence-steps.ts';
import type { NodeState } from './state.ts';
import { takeEffect } from './take-effect.ts';
import { textDiff } from './text-diff.ts';
import { minorOf } from './version.ts';

type Applied = Answer<ApplyConfigurationResponse>;
const reply = (mode: Mode, modeDetails: string, warnings: readonly string[] = []): Applied =>
  answer({ messages: [{ warnings: [...warnings], mode, modeDetails }] });

/** The config as sent, without its text: hash, size, mode. */
export const describeApply = (request: ApplyConfigurationRequest): Record<string, unknown> => ({
  sha256: createHash('sha256').update(request.data).digest('hex'),
  bytes: request.data.length,
  mode: request.mode,
  dryRun: request.dryRun,
});

const DETAILS: Readonly<Record<string, string>> = {
  REBOOT: 'Applied configuration with a reboot',
  NO_REBOOT: 'Applied configuration without a reboot',
  TRY: 'Applied configuration without a reboot',
  STAGED: 'Staged configuration to be applied after the next reboot',
};
const NO_CONFIG = 'Node is running in maintenance mode and does not have a config yet.';
const TRY_MS = 60_000;
/** Until the port closes: the server of maintenance mode lets its callers have their answers. */
const TAKES_MS = 3_000;

const tryMs = ({ tryModeTimeout }: ApplyConfigurationRequest): number =>
  tryModeTimeout === undefined ? TRY_MS : Number(tryModeTimeout.seconds) * 1000 + tryModeTimeout.nanos / 1e6;

/** What is tried stays in effect: nobody takes it back any more. Every call but a try does that, refused and dry ones too. */
export function keepTriedConfig(node: NodeState): void {
  node.pending = node.pending.filter(({ step }) => step.kind !== 'config_reverts');
}

/** The request was checked and journalled. Source: v1alpha1_server.go, ApplyConfiguration. */
export function applyConfiguration(
  context: CallContext,
  request: ApplyConfigurationRequest,
  { text, mode, why, isPartial }: Accepted,
): Applied {
  const { around, node } = context;
  const boot = bootOf(node);
  const minor = minorOf(node.physical.version);
  const warnings = warningsOf(text, minor);
  if (boot.api === 'maintenance' && minor <= 12) {
    if (request.dryRun) return reply(mode, `Dry run summary:\n${NO_CONFIG}`, warnings);
    continuesBoot(context, text, isPartial);
    return reply(mode, '', warnings);
  }
  const details = DETAILS[mode] ?? '';
  if (request.dryRun) {
    const changes = textDiff(boot.activeConfig ?? '', text);
    const diff = changes === '' ? 'No changes.' : changes;
    return reply(mode, `Dry run summary:\n${details} (skipped in dry-run).\nConfig diff:\n\n${diff}`);
  }
  const asked = request.mode === 'AUTO' ? `auto(${mode})` : mode;
  talos(node, around.now(), `apply config request: mode ${asked.toLowerCase()}`);
  if (boot.api === 'maintenance') {
    if (mode === 'STAGED') stages(node, text);
    else continuesBoot(context, text, isPartial);
  } else carriesOut(context, request, text, mode);
  around.touch(node);
  if (mode !== 'TRY') return reply(mode, `${details}${why}`, warnings);
  const revert = `automatically reverted back in ${goDuration(tryMs(request))}`;
  return reply(mode, `${details}\nThe config is applied in 'try' mode and will be ${revert}`, warnings);
}

/** A complete config ends maintenance mode; other documents alone are taken, and the node goes on waiting. */
function continuesBoot({ around, node }: CallContext, text: string, isPartial: boolean): void {
  if (isPartial) return;
  bootOf(node).givenConfig = text;
  around.engine.plan(node, TAKES_MS, { kind: 'takes_config' });
  around.touch(node);
}

/** Written where there is a STATE to write to; lost with the boot where there is none. */
function stages(node: NodeState, text: string): void {
  const { disk } = node.physical;
  if (bootOf(node).isDiskAttached && disk.partitions?.STATE === true) disk.config = text;
}

function carriesOut({ around, node }: CallContext, request: ApplyConfigurationRequest, text: string, mode: Mode): void {
  const boot = bootOf(node);
  const now = around.now();
  const before = boot.activeConfig ?? '';
  if (mode !== 'TRY') node.physical.disk.config = text;
  if (mode === 'TRY') {
    keepTriedConfig(node);
    around.engine.plan(node, tryMs(request), { kind: 'config_reverts', config: before });
  }
  if (mode === 'NO_REBOOT' || mode === 'TRY') {
    takeEffect(around.state, node, text);
    if (updateHostname(node, now)) around.engine.plan(node, 4_000, { kind: 'nodename_follows' });
  }
  if (mode === 'REBOOT') {
    boot.awaitsRebootForConfig = true;
    const steps = sequenceStarts(node, now, '', REBOOT, true);
    for (const { afterMs, step } of steps) around.engine.plan(node, afterMs, step);
  }
}
