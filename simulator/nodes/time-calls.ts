import { status } from '@grpc/grpc-js';
import type { TimeRequest, TimeResponse } from '../../lib/talos/generated/time/time.ts';
import { refusal } from './access.ts';
import { type Answer, answer, type CallContext, refuse } from './call-context.ts';
import { hasNetwork, timeServersOf } from './node-time.ts';

/** Source: internal/app/machined/internal/server/v1alpha1/v1alpha1_time.go. */

/** Asks the first time server of the node. */
export const time = (context: CallContext): Answer<TimeResponse> =>
  timeCheck(context, { server: timeServersOf(context.node)[0] ?? '' });

/** Every time server of the world knows the time, but names under `.invalid` have no address. */
export function timeCheck({ around, node }: CallContext, { server }: TimeRequest): Answer<TimeResponse> {
  if (server === '') return refuse(refusal(status.INVALID_ARGUMENT, 'ntp server is required'));
  const failed = (cause: string) =>
    refuse(refusal(status.UNKNOWN, `error querying NTP server ${JSON.stringify(server)}: ${cause}`));
  if (!hasNetwork(node)) return failed(`lookup ${server} on 127.0.0.53:53: dial udp: connect: network is unreachable`);
  const { timeServersAnswering } = node.physical;
  if (timeServersAnswering && !timeServersAnswering.includes(server)) return failed(`read udp: i/o timeout`);
  if (server.endsWith('.invalid')) return failed(`lookup ${server} on 127.0.0.53:53: no such host`);
  const localtime = new Date(around.now());
  const remotetime = new Date(around.now() + (node.physical.clockOffset ?? 0));
  return answer({ messages: [{ server, localtime, remotetime }] });
}
