import { status } from '@grpc/grpc-js';
import type {
  EtcdAlarmDisarmResponse,
  EtcdDefragmentResponse,
  EtcdForfeitLeadershipResponse,
} from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import type { Answer, CallContext } from './call-context.ts';
import { electLeader, isEtcdServing, isEtcdUp, memberOf } from './etcd.ts';
import { checkControlPlane, LOCAL_ETCD_IS_DOWN } from './etcd-calls.ts';
import { etcdFileOf } from './etcd-file.ts';
import { journalled } from './journal-calls.ts';
import { reachesEtcd } from './network.ts';
import type { EtcdMember } from './state.ts';
import { minorOf } from './version.ts';

const NEXT_WRITE_MS = 5_000;

/** A control plane whose own etcd answers. `api` and `doing` are Talos' words for the call. */
function checkLocal(context: CallContext, api: string, doing: string): Refusal | undefined {
  const refused = checkControlPlane(context, api);
  if (refused || isEtcdUp(context.node)) return refused;
  return refusal(LOCAL_ETCD_IS_DOWN.code, `failed to ${doing}: ${LOCAL_ETCD_IS_DOWN.details}`);
}

/** Writes the file of the local member anew, without what is not in use. Source: v1alpha1_server.go, EtcdDefragment. */
export function etcdDefragment(context: CallContext): Answer<EtcdDefragmentResponse> {
  const { around, node } = context;
  const refused = checkLocal(context, 'etcd defragment', 'defragment etcd');
  return journalled(context, 'EtcdDefragment', {}, refused, () => {
    const { inUseBytes } = etcdFileOf(node);
    node.physical.etcdFile = { bytes: inUseBytes, inUseBytes };
    around.touch(node);
    return { messages: [{}] };
  });
}

/** Disarms every alarm of the cluster; the next write raises those again whose cause is still there. */
export function etcdAlarmDisarm(context: CallContext): Answer<EtcdAlarmDisarmResponse> {
  const { around, node } = context;
  const { etcd, nodes } = around.state;
  const api = minorOf(node.physical.version) >= 13 ? 'etcd alarm disarm' : 'etcd alarm list';
  const refused = checkLocal(context, api, 'disarm etcd alarm') ?? checkLeader(context, 'disarm etcd alarm');
  return journalled(context, 'EtcdAlarmDisarm', {}, refused, () => {
    const memberAlarms = [...(etcd.alarms ?? [])];
    etcd.alarms = [];
    for (const { memberId } of memberAlarms) {
      const owner = nodes[etcd.members.find(({ id }) => id === memberId)?.node ?? ''];
      if (owner) around.engine.plan(owner, NEXT_WRITE_MS, { kind: 'etcd_writes' });
    }
    around.touch(node);
    return { messages: [{ memberAlarms }] };
  });
}

function checkLeader({ around, node }: CallContext, doing: string): Refusal | undefined {
  return isEtcdServing(around.state, node)
    ? undefined
    : refusal(status.UNKNOWN, `failed to ${doing}: etcdserver: no leader`);
}

type Transfer = { readonly to: EtcdMember | undefined } | { readonly problem: Refusal };

/** To the first other member of the list, whatever that one is. Source: internal/pkg/etcd/etcd.go, ForfeitLeadership. */
function transferOf(context: CallContext): Transfer {
  const { around, node } = context;
  const { etcd, nodes } = around.state;
  const doing = 'forfeit leadership';
  const problem = (text: string) => ({ problem: refusal(status.UNKNOWN, `failed to ${doing}: ${text}`) });
  const refused = checkControlPlane(context, 'etcd forfeit leadership') ?? checkLeader(context, doing);
  if (refused) return { problem: refused };
  electLeader(around.state);
  const own = memberOf(around.state, node);
  if (etcd.members.length === 1) return problem('cannot forfeit leadership, only one member');
  if (own === undefined || !isEtcdUp(node)) return problem('context deadline exceeded');
  if (etcd.leader !== own.id) return { to: undefined };
  const to = etcd.members.find(({ id }) => id !== own.id);
  if (to?.isLearner) return problem('etcdserver: bad leader transferee');
  const other = nodes[to?.node ?? ''];
  if (other !== undefined && !(isEtcdUp(other) && reachesEtcd(around.state, node, other))) {
    return problem('etcdserver: request timed out, leader transfer took too long');
  }
  return { to };
}

/** The name of the new leader; empty where the node leads nobody. */
export function etcdForfeitLeadership(context: CallContext): Answer<EtcdForfeitLeadershipResponse> {
  const { around, node } = context;
  const transfer = transferOf(context);
  const refused = 'problem' in transfer ? transfer.problem : undefined;
  return journalled(context, 'EtcdForfeitLeadership', {}, refused, () => {
    const to = 'to' in transfer ? transfer.to : undefined;
    if (to !== undefined) {
      around.state.etcd.leader = to.id;
      around.state.etcd.term += 1;
      around.touch(node);
    }
    return { messages: [{ member: to?.name ?? '' }] };
  });
}
