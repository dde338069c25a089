import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { deadMember } from '../safety/dead-member.ts';
import { etcdView, quorumOf } from '../safety/quorum.ts';
import { cite, few, present, quote } from './cite.ts';
import type { Finding, Playbook } from './finding.ts';
import { describeVote, type Vote, votesOf } from './peers-vote.ts';

/** Discovery forgets a node half an hour after its last word. Source: siderolabs/talos, discovery TTL. */
const GONE_FOR_MIN = 30;

/** A control plane that is gone and still counts as a voter, so that the next loss may be one too many. */
export const etcdDeadMember: Playbook = {
  name: 'etcd-dead-member',
  diagnose(evidence, { inventory }) {
    if (evidence.reach.mode !== 'silent' || inventory?.role !== 'controlplane') return [];
    const dead = deadMember(evidence, inventory);
    const view = etcdView(evidence);
    if (!dead.ok || view === undefined) return [];
    const votes = votesOf(evidence, inventory);
    if (!isForgotten(evidence, votes)) return [];
    const { id, peerUrls } = dead.value;
    const name = quote(inventory.name);
    const voters = view.voters.length;
    const healthy = view.voters.filter((one) => one.id !== id && view.healthy.has(one.id)).length;
    const needed = quorumOf(voters);
    const spare = healthy - needed;
    const isSafe = voters > 2 && spare >= 0 && view.learners.length === 0 && view.agree && view.witnesses >= 2;
    const finding: Finding = {
      code: 'etcd_dead_member',
      severity: 'warning',
      // whether it comes back only people know
      confidence: 'likely',
      summary: `${name} has been gone for over ${GONE_FOR_MIN} min and is still a voter of etcd: ${healthy} of ${voters} voters are healthy, ${needed} are needed${spare === 0 ? ', so one more loss stops the cluster' : ''}.`,
      evidence: present([
        cite('peers', `etcd member ${BigInt(id).toString(16)} at ${few(peerUrls)}, say all who answer.`),
        ...votes.filter(({ topic }) => topic === 'announced' || topic === 'discovered').map(voteCitation),
      ]),
      suggests: isSafe ? ['remove_etcd_member'] : [],
      rulesOut: [
        { code: 'etcd_quorum_lost', because: `${healthy} of ${voters} voters are healthy, ${needed} are needed.` },
      ],
      advice: `If ${name} can come back, bring it back: then nothing has to be removed. Remove the member only if the machine is lost or replaced; afterwards it joins again only with EPHEMERAL wiped.`,
    };
    return [isSafe ? { ...finding, parameters: { remove_etcd_member: { memberId: id } } } : finding];
  },
};

/** The others know nodes by discovery, and this one not any more. */
function isForgotten({ peers }: Evidence, votes: readonly Vote[]): boolean {
  const doesDiscoveryWork = peers.filter(({ affiliates }) => (readValue(affiliates)?.length ?? 0) > 1).length >= 2;
  const says = (topic: Vote['topic']) => votes.find((vote) => vote.topic === topic)?.verdict;
  return doesDiscoveryWork && says('announced') === 'no' && says('discovered') === 'no' && says('reachable') !== 'yes';
}

function voteCitation(vote: Vote) {
  const text = describeVote(vote);
  return text === undefined ? undefined : cite('peers', text);
}
