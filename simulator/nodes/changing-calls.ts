import { randomUUID } from 'node:crypto';
import type { ApplyConfigurationRequest, RebootRequest } from '../../lib/talos/generated/machine/machine.ts';
import { applyConfiguration, checkApply, describeApply } from './apply-configuration.ts';
import { answer, type CallContext, refuse } from './call-context.ts';
import { hasFault } from './forward.ts';
import { journal } from './journal-calls.ts';
import { mayTakeOver, refuseLocked } from './sequences.ts';

export function reboot(context: CallContext, { mode }: RebootRequest) {
  const { around, node } = context;
  journal(context, 'Reboot', { mode }, false);
  const actorId = randomUUID();
  const run = { sequence: 'reboot', actorId } as const;
  if (!mayTakeOver(node, 'reboot') || hasFault(node, 'locked')) refuseLocked(node, around.now(), 'reboot');
  else around.engine.plan(node, 100, { kind: 'sequence_starts', run });
  around.touch(node);
  return answer({ messages: [{ actorId }] });
}

export function apply(context: CallContext, request: ApplyConfigurationRequest) {
  const checked = checkApply(context, request);
  const refused = 'refused' in checked ? checked.refused : undefined;
  journal(context, 'ApplyConfiguration', describeApply(request), request.dryRun, refused);
  if ('refused' in checked) return refuse(checked.refused);
  return applyConfiguration(context, request, checked.mode);
}
