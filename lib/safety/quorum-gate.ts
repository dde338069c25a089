import { readValue } from '../evidence/reading.ts';
import { isEtcdMember, whoIs } from '../playbooks/membership.ts';
import { deadMember } from './dead-member.ts';
import type { GateFacts } from './facts.ts';
import { allowed, type Gate, refused, type Said } from './gate.ts';
import { type EtcdView, etcdView, quorumOf } from './quorum.ts';

const FACTS = ['peers', 'etcdMembers', 'etcdStatus'];
const refuse = (because: string) => refused(because, ...FACTS);
const allow = (because: string) => allowed(because, ...FACTS);

/** May this voter be taken away, for a while or for good? Source: siderolabs/talos, system/services/etcd.go. */
export const quorumGate: Gate = (facts) => {
  const { action, entry, evidence } = facts;
  const isRemoved = action.calls === 'peer';
  if (!isRemoved && action.stops !== 'node' && action.stops !== 'etcd') {
    return allowed('It stops nothing that etcd needs.', 'action');
  }
  if (entry?.role === 'worker') return onWorker(facts);
  const view = etcdView(evidence);
  if (view === undefined) return refuse('Nobody says who the etcd members are, so quorum is not proven.');
  const { voters, learners } = view;
  if (learners.length > 0) return refuse(`${learners.length} etcd member is still a learner; wait until it votes.`);
  if (!isRemoved && isNoMember(facts, view)) {
    return allow('The others do not count it among the etcd members, so it takes no vote away.');
  }
  if (voters.length === 1 && facts.controlPlanes === 1 && !isRemoved) return onlyOne(facts);
  if (voters.length <= 2) return oneOfTwo(facts, view);
  if (view.witnesses < 2 || !view.agree)
    return refuse('The etcd members do not agree on who is a member and who leads.');
  return isRemoved ? removal(facts, view) : majority(facts, view);
};

/** What stops etcd stops it on control planes, whichever node it was asked for on: theirs are the facts to judge it by. */
function onWorker({ action }: GateFacts): Said {
  if (action.stops !== 'etcd') return allowed('A worker is no etcd member.', 'inventory');
  return refused('A worker is no etcd member; start work on etcd from a control plane.', 'inventory');
}

/**
 * Two others at least say the same of who is a member, it is none of them by name or address, and its own etcd answers
 * nobody: a member that was removed while its data stayed.
 */
function isNoMember({ evidence, entry, controlPlanes }: GateFacts, { voters, learners, agree }: EtcdView): boolean {
  if (entry === undefined || readValue(evidence.readings.etcdStatus) !== undefined) return false;
  const others = evidence.peers.filter(({ etcdMembers }) => readValue(etcdMembers) !== undefined);
  const members = [...voters, ...learners];
  // a member under a name and an address that nobody knows would be one more
  const isOneLess = members.length < controlPlanes;
  return others.length >= 2 && agree && isOneLess && !members.some(isEtcdMember(whoIs(evidence, entry)));
}

/** Its own status is enough: there is nobody else to ask, and nobody to keep the cluster going. */
function onlyOne({ action, limits }: GateFacts): Said {
  if (action.wipes.length > 0)
    return refuse('The only control plane holds the only copy of the cluster; restore etcd.');
  if (limits.singleControlPlane === 'allow') return allow('The only control plane: it is down until it is back.');
  return refuse('It is the only control plane; where that may be stopped, set singleControlPlane: allow.');
}

/** One of two can only be spared where it does not vote anyway; its data cannot, because nobody could let it in again. */
function oneOfTwo({ action, evidence }: GateFacts, { voters, agree }: EtcdView): Said {
  const isSpared = voters.length === 2 && agree && action.calls === 'node' && action.wipes.length === 0;
  if (isSpared && hasFailedHere(evidence)) return allow('etcd has failed on it, so it takes no vote away.');
  return refuse('With two etcd voters none may be taken away.');
}

function majority({ action, evidence }: GateFacts, { voters, healthy, voting }: EtcdView): Said {
  const { etcdStatus, etcdLocalMember } = evidence.readings;
  const own = readValue(etcdStatus)?.memberId ?? readValue(etcdLocalMember)?.memberId;
  if (own === undefined && !hasFailedHere(evidence)) return refuse('The node did not say which etcd member it is.');
  // work on etcd itself is what an alarm asks for, and every member reports the alarms of all
  const good = action.stops === 'etcd' ? voting : healthy;
  const remaining = voters.filter(({ id }) => id !== own && good.has(id)).length;
  const needed = quorumOf(voters.length);
  if (remaining >= needed)
    return allow(`${remaining} of ${voters.length} etcd voters stay healthy, ${needed} are needed.`);
  return refuse(`Only ${remaining} of ${voters.length} etcd voters would remain healthy, ${needed} are needed.`);
}

/** A dead voter goes only while the others are a quorum of all that there were. */
function removal({ evidence, entry }: GateFacts, { voters, healthy }: EtcdView): Said {
  const dead = deadMember(evidence, entry);
  if (!dead.ok) return refuse(dead.error);
  const survivors = voters.filter(({ id }) => id !== dead.value.id && healthy.has(id)).length;
  const needed = quorumOf(voters.length);
  if (survivors >= needed) return allow(`${survivors} of ${voters.length} etcd voters are healthy without it.`);
  return refuse(`Only ${survivors} of ${voters.length} etcd voters are healthy, ${needed} are needed to remove one.`);
}

/**
 * etcd has failed on the node and is not started again, so it takes no voter along: those that are healthy said so of
 * themselves, and the node is none of them.
 */
function hasFailedHere({ readings }: GateFacts['evidence']): boolean {
  const etcd = readValue(readings.services)?.find(({ id }) => id === 'etcd');
  return etcd?.state === 'Failed' && readValue(readings.machineStatus)?.ready === false;
}
