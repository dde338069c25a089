import type { Evidence } from '../evidence/evidence.ts';
import { cite, few, list, present, quote } from './cite.ts';
import { type EtcdLearner, etcdLearner } from './etcd-learner.ts';
import { etcdService } from './etcd-service.ts';
import type { Citation, Confidence, Facts, Finding, Playbook } from './finding.ts';

/** A member joins as a learner and is promoted by itself within this time. Source: siderolabs/talos, system/services/etcd.go. */
const PROMOTED_WITHIN_MIN = 10;

/** A learner does not vote, and while there is one nobody else can join. As in siderolabs/talos#5350 and #7903. */
export const etcdLearnerNotPromoted: Playbook = {
  name: 'etcd-learner-not-promoted',
  diagnose(evidence, facts) {
    const found = etcdLearner(evidence, facts);
    if (found === undefined) return [];
    if (found.whose === 'other') return [ofOther(found)];
    const confidence = confidenceOf(evidence, found);
    return [
      {
        code: 'etcd_learner_not_promoted',
        // the control plane does not serve meanwhile; before its time is over nothing is wrong yet
        severity: confidence === 'possible' ? 'warning' : 'critical',
        confidence,
        explains: true,
        summary: summaryOf(evidence, facts, found),
        evidence: citations(evidence, found),
        suggests: [],
        rulesOut: ruledOut(found),
        advice: adviceFor(evidence, facts, found),
      },
    ];
  },
};

/**
 * Within the time that a join takes nothing is wrong yet. Another node is blocked for as long as it waits itself. Who has
 * no voters that gave a list may wait because those are gone.
 */
function confidenceOf(evidence: Evidence, { isTyped, minutes, line, whose, voters }: EtcdLearner): Confidence {
  const isLate = minutes !== undefined && minutes >= PROMOTED_WITHIN_MIN;
  const isKnown = isTyped && voters.length > 0 && (whose === 'own' || line !== undefined);
  if (isKnown && isLate && etcdService(evidence) !== undefined) return 'certain';
  if (isTyped && (isLate || (whose === 'blocks' && line !== undefined))) return 'likely';
  return 'possible';
}

const nodeOf = (evidence: Evidence, { inventory }: Facts): string => quote(inventory?.name ?? evidence.node);
const forText = ({ minutes }: EtcdLearner): string => (minutes === undefined ? '' : ` for ${minutes} min`);

function summaryOf(evidence: Evidence, facts: Facts, found: EtcdLearner): string {
  const node = nodeOf(evidence, facts);
  if (found.whose === 'blocks') {
    const who = found.learner === '' ? 'another one' : quote(found.learner);
    return `etcd on ${node} has waited${forText(found)} to join, because ${who} is still a learner and etcd takes only one at a time.`;
  }
  const normal = found.minutes !== undefined && found.minutes < PROMOTED_WITHIN_MIN;
  const hears = found.seesLeader === false ? '; it sees no leader, so its peers most likely do not reach it' : '';
  const late = normal ? `; up to ${PROMOTED_WITHIN_MIN} min are normal` : ` and is not promoted to a voter`;
  return `etcd on ${node} has been a learner${forText(found)}${late}${hears}.`;
}

function citations({ address }: Evidence, found: EtcdLearner): readonly Citation[] {
  const { whose, learner, line, seesLeader, behind, voters, isTyped } = found;
  const isOwn = whose === 'own';
  return present([
    isOwn && isTyped
      ? cite(
          seesLeader === undefined ? 'peers' : 'etcdStatus',
          `Learner: yes${seesLeader === false ? '; leader: none seen' : ''}.`,
        )
      : undefined,
    !isOwn && learner !== ''
      ? cite('peers', `${learner} is listed as a learner, this node (${address}) not at all.`)
      : undefined,
    line && cite(line.from, line.text),
    behind === undefined || behind === 0
      ? undefined
      : cite('etcdStatus', `It is ${behind} raft entries behind the leader.`),
    voters.length === 0 ? undefined : cite('peers', `Voters: ${list(voters)}.`),
  ]);
}

const ruledOut = ({ whose, isTyped, voters }: EtcdLearner): Finding['rulesOut'] =>
  present([
    isTyped && whose === 'own'
      ? { code: 'etcd_member_removed', because: 'The member is there, only as a learner; its data is not the problem.' }
      : undefined,
    voters.length > 0
      ? { code: 'etcd_quorum_lost', because: `${few(voters)} vote and gave a list of members.` }
      : undefined,
  ]);

function adviceFor(evidence: Evidence, facts: Facts, found: EtcdLearner): string {
  const voters = found.voters.length === 0 ? 'all other control planes' : few(found.voters);
  if (found.whose === 'blocks') {
    const learner = found.learner === '' ? 'the learner (talosctl etcd members)' : quote(found.learner);
    return `Look at ${learner} first: open 2380/tcp between it and ${voters} in both directions; when it is promoted, ${nodeOf(evidence, facts)} joins by itself. Do not bootstrap, reset or remove anything meanwhile, and join one control plane at a time.`;
  }
  const node = nodeOf(evidence, facts);
  const time =
    found.seesLeader === false ? '' : ' While its RAFT INDEX grows (talosctl etcd status) it only needs time.';
  return `Open 2380/tcp between ${node} (${quote(evidence.address)}) and ${voters} in both directions; Talos then promotes it by itself.${time} A reboot changes nothing; add no other control plane meanwhile.`;
}

/** From a node that it does no harm to: a join may be under way. */
const ofOther = ({ learner, voters }: EtcdLearner): Finding => ({
  code: 'etcd_learner_not_promoted',
  severity: 'info',
  confidence: 'possible',
  summary: `${quote(learner)} is a learner of etcd now; no other control plane can join until it is promoted.`,
  evidence: [cite('etcdMembers', `Learner: ${learner}. Voters: ${list(voters)}.`)],
  suggests: [],
  rulesOut: [],
  advice: `Up to ${PROMOTED_WITHIN_MIN} min are normal. If it stays so, look at ${quote(learner)}: 2380/tcp between all control planes.`,
});
