import { status } from '@grpc/grpc-js';
import type { ServiceRestartRequest, ServiceRestartResponse } from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import { startService, stopServices } from './boot-services.ts';
import { type Answer, answer, type CallContext, refuse } from './call-context.ts';
import { journal } from './journal-calls.ts';
import { bootOf } from './record.ts';

const UP_AFTER_MS = 2_000;
const isRestartable = (id: string): boolean => id === 'kubelet' || id.startsWith('ext-');

/** Source: internal/app/machined/pkg/system/system.go. */
function checkService({ node }: CallContext, id: string): Refusal | undefined {
  const name = JSON.stringify(id);
  if (bootOf(node).services[id] === undefined) return refusal(status.UNKNOWN, `service ${name} not defined`);
  if (isRestartable(id)) return undefined;
  return refusal(status.UNKNOWN, `service ${name} doesn't support restart operation via API`);
}

export function serviceRestart(context: CallContext, { id }: ServiceRestartRequest): Answer<ServiceRestartResponse> {
  const { around, node } = context;
  const refused = checkService(context, id);
  journal(context, 'ServiceRestart', { id }, false, refused);
  if (refused) return refuse(refused);
  stopServices(node, around.now(), [id]);
  startService(node, around.now(), id);
  around.engine.plan(node, UP_AFTER_MS, { kind: 'service_is_up', id });
  around.touch(node);
  return answer({ messages: [{ resp: `Service ${JSON.stringify(id)} restarted` }] });
}
