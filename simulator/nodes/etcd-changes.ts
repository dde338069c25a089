import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { Data } from '../../lib/talos/generated/common/common.ts';
import type {
  EtcdAlarmDisarmResponse,
  EtcdDefragmentResponse,
  EtcdForfeitLeadershipResponse,
  EtcdRemoveMemberByIDRequest,
  EtcdRemoveMemberByIDResponse,
} from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import { type Answer, answer, type CallContext, refuse } from './call-context.ts';
import { electLeader, inUseBytesOf, isEtcdHealthy, memberOf } from './etcd.ts';
import { checkControlPlane, LOCAL_ETCD_IS_DOWN } from './etcd-calls.ts';
import { journal } from './journal-calls.ts';
import { service } from './record.ts';
import { StreamRefusal } from './streams.ts';

const unknown = (text: string): Refusal => refusal(status.UNKNOWN, text);

/** What every one of them needs: a control plane whose own etcd answers. */
const checkLocal = (context: CallContext, api: string): Refusal | undefined =>
  checkControlPlane(context, api) ?? (isEtcdHealthy(context.node) ? undefined : LOCAL_ETCD_IS_DOWN);

export function etcdDefragment(context: CallContext): Answer<EtcdDefragmentResponse> {
  const { around, node } = context;
  const refused = checkLocal(context, 'etcd defragment');
  journal(context, 'EtcdDefragment', {}, false, refused);
  if (refused) return refuse(refused);
  const member = memberOf(around.state, node);
  if (member !== undefined) member.dbBytes = inUseBytesOf(member);
  around.touch(node);
  return answer({ messages: [{}] });
}

/** Takes the alarms of all members back. What caused them is still there. */
export function etcdAlarmDisarm(context: CallContext): Answer<EtcdAlarmDisarmResponse> {
  const { around, node } = context;
  const refused = checkLocal(context, 'etcd alarm disarm');
  journal(context, 'EtcdAlarmDisarm', {}, false, refused);
  if (refused) return refuse(refused);
  const memberAlarms = around.state.etcd.alarms ?? [];
  around.state.etcd.alarms = [];
  around.touch(node);
  return answer({ messages: [{ memberAlarms }] });
}

export function etcdForfeitLeadership(context: CallContext): Answer<EtcdForfeitLeadershipResponse> {
  const { around, node } = context;
  const { etcd, nodes } = around.state;
  const isAlone = etcd.members.length === 1;
  const refused =
    checkLocal(context, 'etcd forfeit leadership') ??
    (isAlone ? unknown('cannot forfeit leadership, only one member') : undefined);
  journal(context, 'EtcdForfeitLeadership', {}, false, refused);
  if (refused) return refuse(refused);
  const own = memberOf(around.state, node);
  const next = etcd.members.find(
    (member) => member.id !== own?.id && !member.isLearner && isEtcdHealthy(nodes[member.node]),
  );
  if (own?.id !== etcd.leader || next === undefined) return answer({ messages: [{ member: '' }] });
  etcd.leader = next.id;
  etcd.term += 1;
  around.touch(node);
  return answer({ messages: [{ member: next.name }] });
}

/** etcd refuses what would leave too few healthy voters. */
function checkRemoval({ around }: CallContext, memberId: string): Refusal | undefined {
  const { etcd, nodes } = around.state;
  const member = etcd.members.find(({ id }) => id === memberId);
  if (member === undefined) return refusal(status.NOT_FOUND, 'etcdserver: member not found');
  const rest = etcd.members.filter(({ id, isLearner }) => id !== memberId && !isLearner);
  const healthy = rest.filter((one) => isEtcdHealthy(nodes[one.node]));
  const isSafe = healthy.length >= Math.floor(rest.length / 2) + 1;
  return isSafe ? undefined : unknown('failed to remove member: etcdserver: unhealthy cluster');
}

export function etcdRemoveMemberById(
  context: CallContext,
  { memberId }: EtcdRemoveMemberByIDRequest,
): Answer<EtcdRemoveMemberByIDResponse> {
  const { around, node } = context;
  const refused = checkLocal(context, 'etcd remove member') ?? checkRemoval(context, memberId);
  journal(context, 'EtcdRemoveMemberByID', { memberId }, false, refused);
  if (refused) return refuse(refused);
  const { etcd, nodes } = around.state;
  const removed = etcd.members.find(({ id }) => id === memberId);
  etcd.members = etcd.members.filter(({ id }) => id !== memberId);
  const its = nodes[removed?.node ?? ''];
  if (its?.boot?.services['etcd'] !== undefined) {
    service(
      its,
      around.now(),
      'etcd',
      'Failed',
      'Failed running service: the member has been permanently removed from the cluster',
    );
    around.touch(its);
  }
  electLeader(around.state);
  around.touch(node);
  return answer({ messages: [{}] });
}

const SECTORS = 128;
const SECTOR_BYTES = 512;
const CHUNK_BYTES = 8_192;

/** The database file, made from what the members know, with etcd's own checksum behind it. */
export async function* etcdSnapshot(context: CallContext): AsyncGenerator<Data> {
  const { around, node } = context;
  const refused = checkLocal(context, 'etcd snapshot');
  if (refused) throw new StreamRefusal(refused);
  const seed = createHash('sha256').update(JSON.stringify(around.state.etcd)).update(node.name).digest();
  const content = Buffer.alloc(SECTORS * SECTOR_BYTES, seed);
  const file = Buffer.concat([content, createHash('sha256').update(content).digest()]);
  for (let at = 0; at < file.length; at += CHUNK_BYTES) yield { bytes: file.subarray(at, at + CHUNK_BYTES) };
}
