import { status } from '@grpc/grpc-js';
import type { ServiceRestartRequest, ServiceRestartResponse } from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import { stopServices } from './boot-services.ts';
import type { Answer, CallContext } from './call-context.ts';
import { journalled } from './journal-calls.ts';
import { bootOf } from './record.ts';
import { beginService } from './service-steps.ts';

const KUBELET_UP_MS = 4_000;
const EXTENSION_UP_MS = 1_000;
const STOPPED: ReadonlySet<string> = new Set(['Initialized', 'Finished', 'Failed', 'Skipped']);

const isAllowed = (id: string): boolean => id === 'kubelet' || id.startsWith('ext-');

/** Source: internal/app/machined/pkg/system/system.go, APIRestart. A service that does not run is started instead. */
function check({ node }: CallContext, id: string): Refusal | undefined {
  const found = bootOf(node).services[id];
  const service = `service ${JSON.stringify(id)}`;
  if (found === undefined) return refusal(status.UNKNOWN, `${service} not defined`);
  if (isAllowed(id)) return undefined;
  const operation = STOPPED.has(found.state) ? 'start' : 'restart';
  return refusal(status.UNKNOWN, `${service} doesn't support ${operation} operation via API`);
}

export function serviceRestart(context: CallContext, { id }: ServiceRestartRequest): Answer<ServiceRestartResponse> {
  const { around, node } = context;
  return journalled(context, 'ServiceRestart', { id }, check(context, id), () => {
    const now = around.now();
    // whoever was about to report that it is up speaks of the one that is stopped
    node.pending = node.pending.filter(({ step }) => !('id' in step) || step.id !== id);
    stopServices(node, now, [id]);
    const upAfterMs = id === 'kubelet' ? KUBELET_UP_MS : EXTENSION_UP_MS;
    for (const { afterMs, step } of beginService(node, now, id, upAfterMs)) around.engine.plan(node, afterMs, step);
    around.touch(node);
    return { messages: [{ resp: `Service ${JSON.stringify(id)} restarted` }] };
  });
}
