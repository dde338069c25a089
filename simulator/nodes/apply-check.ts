import { status } from '@grpc/grpc-js';
import type { ApplyConfigurationRequest } from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import type { CallContext } from './call-context.ts';
import { decodeProblem } from './decode-config.ts';
import { changeForReboot } from './immediate-config.ts';
import { type MachineConfig, readMachineConfig } from './read-machine-config.ts';
import { bootOf } from './record.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

/** What Talos answers to a config before it does anything. Source: v1alpha1_server.go and maintenance/server.go. */

export type Mode = ApplyConfigurationRequest['mode'];
/** `mode` is the one really used; `why` is the reason for a reboot that nobody named. */
export type Accepted = {
  readonly text: string;
  readonly mode: Mode;
  readonly why: string;
  readonly isPartial: boolean;
};
type Refused = { readonly refused: Refusal };

const invalid = (text: string): Refused => ({ refused: refusal(status.INVALID_ARGUMENT, text) });
const isInMaintenance = ({ boot }: NodeState): boolean => boot?.api === 'maintenance';

const BUSY = 'another apply configuration is already in progress';
const REBOOTING =
  'configuration was already applied and node is rebooting, cannot apply more configuration changes until next reboot';
const PARTIAL =
  "the applied machine configuration doesn't contain v1alpha1 config, did you mean to patch the machine config instead?";
const NO_REBOOT_MODE = 'the REBOOT mode is not supported, please use AUTO or NO_REBOOT modes instead';

/** Before the node looks at the config at all. */
export function checkTime({ node, isOverlapping }: CallContext): Refusal | undefined {
  const minor = minorOf(node.physical.version);
  if (minor <= 12 && isInMaintenance(node)) return undefined;
  if (minor >= 12 && isOverlapping) return refusal(status.FAILED_PRECONDITION, BUSY);
  const isWaiting = (minor === 12 || minor === 13) && node.boot?.awaitsRebootForConfig === true;
  return isWaiting ? refusal(status.FAILED_PRECONDITION, REBOOTING) : undefined;
}

type Read = { readonly config: MachineConfig | undefined } | Refused;
/** A server of its own up to 1.12, with its own words and codes. */
function readInMaintenanceUpTo112(text: string, minor: number): Read {
  const undecodable = decodeProblem(text, minor);
  if (undecodable !== undefined) {
    return { refused: refusal(status.UNKNOWN, `failed to parse config: ${undecodable}`) };
  }
  const read = readMachineConfig(text);
  if ('config' in read) return read;
  const { kind, text: problem } = read.problem;
  return kind === 'partial' ? { config: undefined } : invalid(`configuration validation failed: ${problem}`);
}

function read(node: NodeState, text: string): Read {
  const minor = minorOf(node.physical.version);
  const undecodable = decodeProblem(text, minor);
  if (undecodable !== undefined) return invalid(undecodable);
  const found = readMachineConfig(text);
  if ('config' in found) return found;
  const { kind, text: problem } = found.problem;
  if (kind === 'validation') return invalid(problem);
  return minor >= 10 && !isInMaintenance(node) ? invalid(PARTIAL) : { config: undefined };
}

/** Why this config needs a reboot; up to 1.13 only. */
function reasonForReboot(node: NodeState, config: MachineConfig | undefined): string | undefined {
  const minor = minorOf(node.physical.version);
  if (minor >= 14 || isInMaintenance(node)) return undefined;
  if (config === undefined) return 'new config is not v1alpha1';
  const before = readMachineConfig(bootOf(node).activeConfig ?? '');
  if (!('config' in before)) return 'current config is not v1alpha1';
  const diff = changeForReboot(before.config.v1alpha1, config.v1alpha1, minor);
  return diff === undefined ? undefined : `this config change can't be applied in immediate mode\ndiff:\n${diff}`;
}

export function checkApply({ node }: CallContext, request: ApplyConfigurationRequest): Accepted | Refused {
  const minor = minorOf(node.physical.version);
  const isMaintenance = isInMaintenance(node);
  const text = Buffer.from(request.data).toString();
  const { mode } = request;
  if (isMaintenance && minor <= 12) {
    if (mode !== 'REBOOT' && mode !== 'AUTO' && mode !== 'TRY') {
      const name = mode.toLowerCase().replaceAll('_', '-');
      const unsupported = `apply configuration --mode='${name}' is not supported in maintenance mode`;
      return { refused: refusal(status.UNIMPLEMENTED, unsupported) };
    }
    const found = readInMaintenanceUpTo112(text, minor);
    return 'refused' in found ? found : { text, mode: 'REBOOT', why: '', isPartial: found.config === undefined };
  }
  const found = read(node, text);
  if ('refused' in found) return found;
  if (minor >= 14 && !isMaintenance && mode === 'REBOOT') {
    return { refused: refusal(status.UNIMPLEMENTED, NO_REBOOT_MODE) };
  }
  if (mode === 'UNRECOGNIZED') {
    const code = minor >= 14 ? status.INVALID_ARGUMENT : status.UNKNOWN;
    return { refused: refusal(code, `incorrect mode '${mode}' specified for the apply config call`) };
  }
  const isPartial = found.config === undefined;
  const reason = reasonForReboot(node, found.config);
  if ((mode === 'NO_REBOOT' || mode === 'TRY') && reason !== undefined) return invalid(reason);
  if (mode === 'AUTO' && reason !== undefined) return { text, mode: 'REBOOT', why: `: ${reason}`, isPartial };
  const isImmediate = mode === 'AUTO' || (mode === 'REBOOT' && isMaintenance);
  return { text, mode: isImmediate ? 'NO_REBOOT' : mode, why: '', isPartial };
}
