import { readValue } from '../evidence/reading.ts';
import type { GateFacts } from './facts.ts';
import type { GateAnswer } from './gate.ts';
import { etcdView, quorumOf } from './quorum.ts';

const FACTS = ['peers', 'etcdMembers', 'etcdStatus'];

/** May this node be taken away for a while? Source: siderolabs/talos, system/services/etcd.go. */
export function quorumGate({ action, entry, evidence, controlPlanes }: GateFacts): Omit<GateAnswer, 'gate'> {
  if (entry?.role === 'worker')
    return { answer: 'allowed', because: 'A worker is no etcd member.', facts: ['inventory'] };
  if (action.stops !== 'node' && action.stops !== 'etcd') {
    return { answer: 'allowed', because: 'It stops nothing that etcd needs.', facts: ['action'] };
  }
  const refuse = (because: string): Omit<GateAnswer, 'gate'> => ({ answer: 'refused', because, facts: FACTS });
  const view = etcdView(evidence);
  if (view === undefined) return refuse('Nobody says who the etcd members are, so quorum is not proven.');
  const { voters, learners, healthy } = view;
  if (learners.length > 0) return refuse(`${learners.length} etcd member is still a learner; wait until it votes.`);
  const { etcdStatus, etcdLocalMember } = evidence.readings;
  const own = readValue(etcdStatus)?.memberId ?? readValue(etcdLocalMember)?.memberId;
  if (voters.length === 1 && controlPlanes === 1) {
    return { answer: 'allowed', because: 'The only control plane: it is down until it is back.', facts: FACTS };
  }
  if (voters.length <= 2) return refuse('With two etcd voters none may be taken away.');
  if (view.witnesses < 2 || !view.agree)
    return refuse('The etcd members do not agree on who is a member and who leads.');
  const remaining = voters.filter(({ id }) => id !== own && healthy.has(id)).length;
  const needed = quorumOf(voters.length);
  if (own === undefined && !hasFailedHere(evidence)) return refuse('The node did not say which etcd member it is.');
  if (remaining < needed) {
    return refuse(`Only ${remaining} of ${voters.length} etcd voters would remain healthy, ${needed} are needed.`);
  }
  return {
    answer: 'allowed',
    because: `${remaining} of ${voters.length} etcd voters stay healthy, ${needed} are needed.`,
    facts: FACTS,
  };
}

/**
 * etcd has failed on the node and is not started again, so it takes no voter along: those that are healthy said so of
 * themselves, and the node is none of them.
 */
function hasFailedHere({ readings }: GateFacts['evidence']): boolean {
  const etcd = readValue(readings.services)?.find(({ id }) => id === 'etcd');
  return etcd?.state === 'Failed' && readValue(readings.machineStatus)?.ready === false;
}
