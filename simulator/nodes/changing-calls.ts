import type {
  ApplyConfigurationRequest,
  RebootRequest,
  ShutdownRequest,
} from '../../lib/talos/generated/machine/machine.ts';
import { checkApply, checkTime } from './apply-check.ts';
import { applyConfiguration, describeApply, keepTriedConfig } from './apply-configuration.ts';
import { answer, type CallContext, refuse } from './call-context.ts';
import { journal } from './journal-calls.ts';
import { runSequence } from './sequence-locks.ts';

export function reboot(context: CallContext, { mode }: RebootRequest) {
  journal(context, 'Reboot', { mode }, false);
  return answer({ messages: [{ actorId: runSequence(context, 'Reboot', { sequence: 'reboot', mode }) }] });
}

export function shutdown(context: CallContext, { force }: ShutdownRequest) {
  journal(context, 'Shutdown', { force }, false);
  return answer({ messages: [{ actorId: runSequence(context, 'Shutdown', { sequence: 'shutdown', force }) }] });
}

export function apply(context: CallContext, request: ApplyConfigurationRequest) {
  const untimely = checkTime(context);
  if (untimely === undefined && request.mode !== 'TRY') keepTriedConfig(context.node);
  const checked = untimely === undefined ? checkApply(context, request) : { refused: untimely };
  const refused = 'refused' in checked ? checked.refused : undefined;
  journal(context, 'ApplyConfiguration', describeApply(request), request.dryRun, refused);
  if ('refused' in checked) return refuse(checked.refused);
  return applyConfiguration(context, request, checked);
}
