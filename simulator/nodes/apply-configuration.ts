import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { status } from '@grpc/grpc-js';
import type {
  ApplyConfigurationRequest,
  ApplyConfigurationResponse,
} from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import { type Answer, answer, type CallContext } from './call-context.ts';
import { updateHostname } from './hostname.ts';
import { type MachineConfig, readMachineConfig } from './machine-config.ts';
import { REBOOT } from './orders.ts';
import { bootOf, talos } from './record.ts';
import { sequenceStarts } from './sequence-steps.ts';
import { takeEffect } from './take-effect.ts';
import { minorOf } from './version.ts';

type Mode = ApplyConfigurationRequest['mode'];
type Applied = Answer<ApplyConfigurationResponse>;

const reply = (mode: Mode, modeDetails: string): Applied => answer({ messages: [{ warnings: [], mode, modeDetails }] });

/** The config as sent, without its text: hash, size, mode. */
export const describeApply = (request: ApplyConfigurationRequest): Record<string, unknown> => ({
  sha256: createHash('sha256').update(request.data).digest('hex'),
  bytes: request.data.length,
  mode: request.mode,
  dryRun: request.dryRun,
});

/** Parses and validates. Talos does not look whose cluster the config is of. */
function checkConfig({ node }: CallContext, text: string): { config: MachineConfig } | { refused: Refusal } {
  const read = readMachineConfig(text);
  const isMaintenance = node.boot?.api === 'maintenance';
  const minor = minorOf(node.physical.version);
  if ('problem' in read) {
    const { kind, text: reason } = read.problem;
    if (kind === 'partial' && minor >= 10 && !isMaintenance) {
      const hint = 'did you mean to patch the machine config instead?';
      const details = `the applied machine configuration doesn't contain v1alpha1 config, ${hint}`;
      return { refused: refusal(status.INVALID_ARGUMENT, details) };
    }
    if (kind === 'validation' || kind === 'partial') {
      return { refused: refusal(status.INVALID_ARGUMENT, `configuration validation failed: ${reason}`) };
    }
    const code = isMaintenance && minor <= 12 ? status.UNKNOWN : status.INVALID_ARGUMENT;
    return { refused: refusal(code, `failed to parse config: ${reason}`) };
  }
  return { config: read.config };
}

/** Unified enough for a person: lines that go, lines that come. */
function diff(before: string, after: string): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const gone = old.filter((line) => !fresh.includes(line)).map((line) => `-${line}`);
  const come = fresh.filter((line) => !old.includes(line)).map((line) => `+${line}`);
  return gone.length + come.length === 0 ? '' : ['--- a', '+++ b', ...gone, ...come].join('\n');
}

const IMMEDIATE = new Set(
  'ca acceptedCAs time certSANs install network sysfs sysctls logging controlPlane kubelet kernel registries pods seccompProfiles nodeLabels nodeAnnotations nodeTaints'.split(
    ' ',
  ),
);
const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** Fields that may differ without a reboot up to 1.13. Source: v1alpha1_runtime.go, CanApplyImmediate. */
function isImmediate(before: MachineConfig, after: MachineConfig): boolean {
  const [old, fresh] = [asRecord(before.v1alpha1['machine']), asRecord(after.v1alpha1['machine'])];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].every(
    (key) => IMMEDIATE.has(key) || isDeepStrictEqual(old[key], fresh[key]),
  );
}

const notImmediate = (changes: string) => `this config change can't be applied in immediate mode\ndiff:\n${changes}`;

function applyInMaintenance({ around, node }: CallContext, request: ApplyConfigurationRequest, text: string): Applied {
  const boot = bootOf(node);
  const isOld = minorOf(node.physical.version) <= 12;
  if (request.dryRun) {
    const summary = isOld
      ? 'Node is running in maintenance mode and does not have a config yet.'
      : `Applied configuration without a reboot (skipped in dry-run).\nConfig diff:\n${diff('', text)}`;
    return reply(request.mode, `Dry run summary:\n${summary}`);
  }
  boot.givenConfig = text;
  around.engine.plan(node, 200, { kind: 'takes_config' });
  around.touch(node);
  return reply(isOld ? request.mode : 'NO_REBOOT', isOld ? '' : 'Applied configuration without a reboot');
}

const REBOOTING =
  'configuration was already applied and node is rebooting, cannot apply more configuration changes until next reboot';

/** What Talos answers before it does anything. */
export function checkApply(
  context: CallContext,
  request: ApplyConfigurationRequest,
): { readonly config: MachineConfig; readonly mode: Mode } | { readonly refused: Refusal } {
  const { node } = context;
  const minor = minorOf(node.physical.version);
  const isMaintenance = node.boot?.api === 'maintenance';
  const { mode } = request;
  if ((minor === 12 || minor === 13) && node.boot?.awaitsRebootForConfig) {
    return { refused: refusal(status.FAILED_PRECONDITION, REBOOTING) };
  }
  if (isMaintenance && minor <= 12 && mode !== 'REBOOT' && mode !== 'AUTO' && mode !== 'TRY') {
    const name = mode.toLowerCase().replaceAll('_', '-');
    const text = `apply configuration --mode='${name}' is not supported in maintenance mode`;
    return { refused: refusal(status.UNIMPLEMENTED, text) };
  }
  if (!isMaintenance && minor >= 14 && mode === 'REBOOT') {
    const text = 'the REBOOT mode is not supported, please use AUTO or NO_REBOOT modes instead';
    return { refused: refusal(status.UNIMPLEMENTED, text) };
  }
  const checked = checkConfig(context, Buffer.from(request.data).toString());
  if ('refused' in checked) return checked;
  if (isMaintenance) return { config: checked.config, mode };
  const before = readMachineConfig(bootOf(node).activeConfig ?? '');
  const immediate = minor >= 14 || ('config' in before && isImmediate(before.config, checked.config));
  if (!immediate && (mode === 'NO_REBOOT' || mode === 'TRY')) {
    const changes = diff(bootOf(node).activeConfig ?? '', Buffer.from(request.data).toString());
    return { refused: refusal(status.INVALID_ARGUMENT, notImmediate(changes)) };
  }
  const auto: Mode = immediate ? 'NO_REBOOT' : 'REBOOT';
  return { config: checked.config, mode: mode === 'AUTO' ? auto : mode };
}

const DETAILS: Readonly<Record<string, string>> = {
  REBOOT: 'Applied configuration with a reboot',
  NO_REBOOT: 'Applied configuration without a reboot',
  TRY: 'Applied configuration without a reboot',
  STAGED: 'Staged configuration to be applied after the next reboot',
};
const TRY_S = 60;

const trySeconds = ({ tryModeTimeout }: ApplyConfigurationRequest): number => Number(tryModeTimeout?.seconds ?? TRY_S);

function detailsOf(request: ApplyConfigurationRequest, mode: Mode, changes: string): string {
  const details = DETAILS[mode] ?? '';
  if (request.mode === 'AUTO' && mode === 'REBOOT') return `${details}: ${notImmediate(changes)}`;
  if (mode !== 'TRY') return details;
  const seconds = trySeconds(request);
  const span = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  return `${details}\nThe config is applied in 'try' mode and will be automatically reverted back in ${span}`;
}

/** Any other call, even a dry run, leaves what is being tried in effect; another try is reverted to where it began. */
function takeTriedConfig({ node }: CallContext): string | undefined {
  const tried = node.pending.map(({ step }) => step).find((step) => step.kind === 'config_reverts');
  node.pending = node.pending.filter(({ step }) => step !== tried);
  return tried?.config;
}

/** The request was checked and journalled. Source: v1alpha1_server.go, ApplyConfiguration. */
export function applyConfiguration(context: CallContext, request: ApplyConfigurationRequest, mode: Mode): Applied {
  const { around, node } = context;
  const boot = bootOf(node);
  const text = Buffer.from(request.data).toString();
  if (boot.api === 'maintenance') return applyInMaintenance(context, request, text);
  const before = boot.activeConfig ?? '';
  const changes = diff(before, text);
  const details = detailsOf(request, mode, changes);
  const tried = mode === 'TRY' && request.dryRun ? undefined : takeTriedConfig(context);
  if (request.dryRun) {
    const summary = changes === '' ? 'No changes.' : `Config diff:\n${changes}`;
    return reply(mode, `Dry run summary:\n${details} (skipped in dry-run).\n${summary}`);
  }
  const now = around.now();
  talos(node, now, `apply config request: mode ${mode.toLowerCase()}`);
  if (mode !== 'TRY') node.physical.disk.config = text;
  if (mode === 'NO_REBOOT' || mode === 'TRY') {
    takeEffect(around.state, node, text);
    if (updateHostname(node, now)) around.engine.plan(node, 4_000, { kind: 'nodename_follows' });
  }
  if (mode === 'TRY') {
    around.engine.plan(node, trySeconds(request) * 1000, { kind: 'config_reverts', config: tried ?? before });
  }
  if (mode === 'REBOOT') {
    boot.awaitsRebootForConfig = true;
    const steps = sequenceStarts(node, now, '', REBOOT, true);
    for (const { afterMs, step } of steps) around.engine.plan(node, afterMs, step);
  }
  around.touch(node);
  return reply(mode, details);
}
