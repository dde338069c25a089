import type { Evidence } from '../evidence/evidence.ts';
import { cite, few, list, present, quote } from './cite.ts';
import { etcdService, isEtcdServing, restartsOf } from './etcd-service.ts';
import { type EtcdVoice, etcdVoices, listedMembers, quorumOf } from './etcd-voices.ts';
import type { Confidence, Facts, Finding, Playbook } from './finding.ts';
import { type Membership, membershipOf } from './membership.ts';
import { removedLine } from './removed-member.ts';
import { isControlPlane } from './role.ts';
import { sameNameAsThis } from './same-name.ts';

/** Ends that make a loop: Talos starts etcd again 5 s after each. Source: siderolabs/talos, system/runner/restart. */
const LOOP_FROM = 3;

/** The others have removed the member while its data stayed on the node, so etcd ends as soon as it starts. As in siderolabs/talos#9789. */
export const etcdMemberRemoved: Playbook = {
  name: 'etcd-member-removed',
  diagnose(evidence, facts) {
    const { mode } = evidence.reach;
    if ((mode !== 'mtls' && mode !== 'forwarded') || !isControlPlane(evidence, facts)) return [];
    const line = removedLine(evidence);
    const membership = membershipOf(evidence, facts.inventory);
    const isLooping = (loopOf(evidence)?.count ?? 0) >= LOOP_FROM;
    if (line === undefined && !(isLooping && membership.inEtcd === 'no')) return [];
    // its name is taken: duplicate_hostnames says what comes first
    const same = sameNameAsThis(evidence, facts);
    if (same !== undefined && (same.live.length > 0 || same.member !== undefined)) return [];
    if (membership.inEtcd === 'yes') return [];
    return [removed(evidence, facts, { line, membership, isNameUnique: same === undefined })];
  },
};

type Seen = { readonly line: string | undefined; readonly membership: Membership; readonly isNameUnique: boolean };

function removed(evidence: Evidence, facts: Facts, seen: Seen): Finding {
  const { line, membership } = seen;
  const node = quote(facts.inventory?.name ?? evidence.node);
  const voices = etcdVoices(evidence, facts).filter(({ isSelf }) => !isSelf);
  const rest = quorumOfRest(voices);
  const confidence = confidenceOf(evidence, seen);
  const loop = loopOf(evidence);
  const often = loop === undefined || loop.count === 0 ? '' : `; it has ended ${loop.text}`;
  const who = membership.askedEtcd.length === 0 ? 'the others' : few(membership.askedEtcd);
  return {
    code: 'etcd_member_removed',
    severity: 'critical',
    confidence,
    explains: true,
    summary: `etcd on ${node} cannot run, because ${who} ${confidence === 'certain' ? 'have' : 'seem to have'} removed its member while its old data stayed on the disk${often}.`,
    evidence: present([
      line === undefined ? undefined : cite('logs', line),
      membership.inEtcd === 'no'
        ? cite('peers', `No etcd member any more, says ${list(membership.askedEtcd)}.`)
        : undefined,
      loop === undefined || loop.count === 0
        ? undefined
        : cite('services', `etcd has ended and was started again ${loop.text}.`),
      rest && cite('peers', rest.text),
    ]),
    suggests: confidence === 'certain' && rest?.isSafe === true && seen.isNameUnique ? ['reset_ephemeral'] : [],
    // a member that is removed already cannot leave, and a graceful reset that cannot leave erases nothing
    parameters: { reset_ephemeral: { graceful: 'no' } },
    rulesOut: present([
      membership.inEtcd === 'no' && seen.isNameUnique
        ? { code: 'duplicate_hostnames', because: 'No other etcd member and no other node goes by its name.' }
        : undefined,
      rest?.isSafe === true ? { code: 'etcd_quorum_lost', because: rest.text } : undefined,
    ]),
    advice: adviceFor(evidence, node, rest),
  };
}

/** `certain`: etcd says it, the others say it too, and the service was seen not to serve. */
function confidenceOf(evidence: Evidence, { line, membership }: Seen): Confidence {
  const service = etcdService(evidence);
  const isDown = service !== undefined && !isEtcdServing(service);
  if (line !== undefined && membership.inEtcd === 'no' && isDown) return 'certain';
  return isDown ? 'likely' : 'possible';
}

function loopOf(evidence: Evidence) {
  const service = etcdService(evidence);
  return service === undefined || isEtcdServing(service) ? undefined : restartsOf(service);
}

type Rest = { readonly text: string; readonly isSafe: boolean };

/** Whether the others serve without this node, and no learner waits already: etcd takes one at a time. */
function quorumOfRest(voices: readonly EtcdVoice[]): Rest | undefined {
  const members = listedMembers(voices);
  if (members === undefined) return undefined;
  const voters = members.filter(({ isLearner }) => !isLearner);
  const learners = members.length - voters.length;
  // a reader gets no status up to Talos 1.8; only a voter with a quorum gives a list
  const well = voices.filter(({ status, members: given }) =>
    status === undefined ? given !== undefined : status.leader !== '0' && status.errors.length === 0,
  );
  const serving = Math.min(voters.length, well.filter(({ status }) => status?.isLearner !== true).length);
  const needed = quorumOf(voters.length);
  const waits =
    learners === 0 ? '' : `; ${learners} learner${learners === 1 ? ' waits' : 's wait'} to be promoted first`;
  return {
    text: `${serving} of the ${voters.length} voters that are left serve, ${needed} are needed${waits}.`,
    isSafe: serving >= needed && learners === 0,
  };
}

function adviceFor({ address }: Evidence, node: string, rest: Rest | undefined): string {
  const wipe = `talosctl reset -n ${quote(address)} --system-labels-to-wipe EPHEMERAL --reboot --graceful=false`;
  const first =
    rest?.isSafe === true
      ? 'Take an etcd snapshot, then'
      : 'First see that the others have a quorum and no learner waits (talosctl etcd members, etcd status) and take an etcd snapshot; then';
  return `${first} wipe EPHEMERAL of ${node} alone, so that it joins as a new member: ${wipe}. That deletes its /var (local volumes, images); STATE stays. A reboot does not help, because the old data stays.`;
}
