import { status } from '@grpc/grpc-js';
import type {
  EtcdAlarmListResponse,
  EtcdMemberListResponse,
  EtcdStatusResponse,
} from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import { type Answer, answer, type CallContext, refuse } from './call-context.ts';
import { isEtcdServing, isEtcdUp, leaderSeenBy, memberOf, membersInReach } from './etcd.ts';
import { etcdFileOf } from './etcd-file.ts';
import { roleOf } from './physical.ts';
import { minorOf } from './version.ts';

export function checkControlPlane({ node }: CallContext, api: string): Refusal | undefined {
  if (node.boot?.activeConfig === undefined) {
    return refusal(status.UNIMPLEMENTED, `machine type is not set, cannot use ${api} API`);
  }
  if (roleOf(node.name) === 'controlplane') return undefined;
  return refusal(status.UNIMPLEMENTED, `${api} is only available on control plane nodes`);
}

export const LOCAL_ETCD_IS_DOWN = refusal(
  status.UNAVAILABLE,
  'connection error: desc = "transport: Error while dialing: dial tcp [::1]:2379: connect: connection refused"',
);

const NO_LEADER = refusal(status.UNAVAILABLE, 'etcdserver: no leader');

/** A read that needs the quorum, asked of the member of this very node; a learner takes none. */
function checkLocalRead({ around, node }: CallContext): Refusal | undefined {
  if (!isEtcdUp(node)) return LOCAL_ETCD_IS_DOWN;
  if (memberOf(around.state, node)?.isLearner) {
    return refusal(status.UNKNOWN, 'etcdserver: rpc not supported for learner');
  }
  return leaderSeenBy(around.state, node) === '0' ? NO_LEADER : undefined;
}

/** The same, of any member that this node reaches. */
function checkAnyRead({ around, node }: CallContext): Refusal | undefined {
  if (membersInReach(around.state, node).length === 0) return LOCAL_ETCD_IS_DOWN;
  return isEtcdServing(around.state, node) ? undefined : NO_LEADER;
}

export function etcdMemberList(context: CallContext, isLocal: boolean): Answer<EtcdMemberListResponse> {
  const { around, node } = context;
  const refused = checkControlPlane(context, 'member list');
  if (refused) return refuse(refused);
  const { etcd, nodes } = around.state;
  if (node.physical.cluster === 'foreign') return answer({ messages: [{ legacyMembers: [], members: [] }] });
  const refusedByEtcd = isLocal ? checkLocalRead(context) : checkAnyRead(context);
  if (refusedByEtcd) return refuse(refusedByEtcd);
  const members = etcd.members.map((member) => {
    const address = nodes[member.node]?.address ?? '';
    return {
      id: member.id,
      hostname: member.name,
      peerUrls: [`https://${address}:2380`],
      clientUrls: member.name === '' ? [] : [`https://${address}:2379`], // not started yet
      isLearner: member.isLearner,
    };
  });
  return answer({ messages: [{ legacyMembers: members.map(({ hostname }) => hostname), members }] });
}

export function etcdStatus(context: CallContext): Answer<EtcdStatusResponse> {
  const { around, node } = context;
  const refused = checkControlPlane(context, 'etcd status');
  if (refused) return refuse(refused);
  const member = memberOf(around.state, node);
  if (member === undefined || !isEtcdUp(node)) return refuse(LOCAL_ETCD_IS_DOWN);
  const leader = leaderSeenBy(around.state, node);
  const { etcd, createdAt } = around.state;
  const index = String(etcd.index + Math.floor(((node.boot?.leaderLostAt ?? around.now()) - createdAt) / 100));
  const file = etcdFileOf(node);
  const alarms = (etcd.alarms ?? []).map(({ memberId, alarm }) => `memberID:${memberId} alarm:${alarm} `);
  const memberStatus = {
    protocolVersion: '3.5.16',
    dbSize: String(file.bytes),
    dbSizeInUse: String(file.inUseBytes),
    leader,
    raftIndex: index,
    raftTerm: String(etcd.term),
    raftAppliedIndex: index,
    errors: leader === '0' ? ['etcdserver: no leader', ...alarms] : alarms,
    isLearner: member.isLearner,
    memberId: member.id,
    storageVersion: minorOf(node.physical.version) >= 11 ? '3.5.0' : '',
  };
  return answer({ messages: [{ memberStatus }] });
}

export function etcdAlarmList(context: CallContext): Answer<EtcdAlarmListResponse> {
  const refused = checkControlPlane(context, 'etcd alarm list');
  if (refused) return refuse(refused);
  const refusedByEtcd = checkLocalRead(context);
  if (refusedByEtcd) return refuse(refusedByEtcd);
  return answer({ messages: [{ memberAlarms: [...(context.around.state.etcd.alarms ?? [])] }] });
}
