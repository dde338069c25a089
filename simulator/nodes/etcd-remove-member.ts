import { status } from '@grpc/grpc-js';
import type {
  EtcdRemoveMemberByIDRequest,
  EtcdRemoveMemberByIDResponse,
} from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import type { Answer, CallContext } from './call-context.ts';
import { electLeader } from './etcd.ts';
import { checkControlPlane } from './etcd-calls.ts';
import { removalProblem, removeMember } from './etcd-membership.ts';
import { journalled } from './journal-calls.ts';

/** Source: v1alpha1_server.go, EtcdRemoveMemberByID; internal/pkg/etcd/etcd.go, RemoveMemberByMemberID. */
function check(context: CallContext, id: string): Refusal | undefined {
  const refused = checkControlPlane(context, 'etcd remove member');
  if (refused) return refused;
  const problem = removalProblem(context.around.state, id, context.node);
  if (problem === undefined) return undefined;
  const text = `failed to remove member ${id}: ${problem}`;
  if (problem === 'etcdserver: member not found') return refusal(status.NOT_FOUND, text);
  return refusal(status.UNKNOWN, `failed to remove member: ${text}`);
}

/** Whichever control plane is asked. The removed member's etcd ends, and does not start again with its data. */
export function etcdRemoveMember(
  context: CallContext,
  { memberId }: EtcdRemoveMemberByIDRequest,
): Answer<EtcdRemoveMemberByIDResponse> {
  const { around } = context;
  const { state } = around;
  return journalled(context, 'EtcdRemoveMemberByID', { memberId }, check(context, memberId), () => {
    const removed = state.nodes[state.etcd.members.find(({ id }) => id === memberId)?.node ?? ''];
    removeMember(state, memberId);
    if (removed !== undefined) {
      if (removed.physical.disk.etcdData === undefined) removed.physical.disk.etcdData = 'removed';
      around.touch(removed);
    }
    electLeader(state);
    around.touch(context.node);
    return { messages: [{}] };
  });
}
