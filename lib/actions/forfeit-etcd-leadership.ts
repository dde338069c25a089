import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { EtcdMemberReading } from '../evidence/values.ts';
import type { Check } from '../incidents/event.ts';
import { err, ok, type Result } from '../result.ts';
import { etcdView } from '../safety/quorum.ts';
import type { TalosAdmin } from '../talos/orders.ts';
import type { Action, ActionJudge } from './action.ts';
import { notDone } from './sent.ts';
import { keepEvidence } from './steps.ts';
import { actionTraits } from './traits.ts';

/** etcd gives a transfer a few elections' time, which is seconds. */
const CALL_MS = 20_000;
const NO_PARAMETERS = 'Moving the leadership takes no parameters.';

/**
 * Talos RPC `EtcdForfeitLeadership`, role os:admin. Talos hands over to the first other member of the list, whatever that
 * one is, so it is looked at before. Source: siderolabs/talos, internal/pkg/etcd/etcd.go.
 */
export const forfeitEtcdLeadership = (talos: Pick<TalosAdmin, 'etcdForfeitLeadership'>): Action => ({
  traits: actionTraits.forfeit_etcd_leadership,
  async plan({ parameters, evidence, entry }) {
    if (Object.keys(parameters).length > 0) return err({ because: NO_PARAMETERS });
    if (leaderSeen(evidence) !== 'itself') return err({ because: `${entry.name} does not lead etcd any more.` });
    const heir = heirOf(evidence);
    if (!heir.ok) return err({ because: heir.error });
    return ok({
      steps: [
        keepEvidence(),
        {
          n: 1,
          method: 'EtcdForfeitLeadership',
          request: { to: heir.value.id },
          probe: 'Another leader shows that it arrived; asking again harms nobody.',
          deadlineMs: CALL_MS,
        },
      ],
      consequences: [
        `${heir.value.hostname} leads etcd instead of ${entry.name}; ${entry.name} stays a voter.`,
        'Writes wait for a moment while the leader changes. Nothing stops, no data is touched.',
        'The leadership may come back to it at the next election: this buys time and cures nothing.',
      ],
      details: [{ label: 'etcd leader', text: `${entry.name}, afterwards ${heir.value.hostname}` }],
    });
  },
  async execute({ request, deadlineMs }, _plan, target, { evidence }) {
    if (leaderSeen(evidence) === 'another')
      return { outcome: 'done', because: `${target.name} does not lead any more; nothing was sent.` };
    const heir = heirOf(evidence);
    if (!heir.ok) return { outcome: 'refused', because: heir.error };
    if (heir.value.id !== request['to'])
      return { outcome: 'refused', because: `${heir.value.hostname} would lead by now. Plan again.` };
    const reply = await talos.etcdForfeitLeadership(target, { deadlineMs });
    if (!reply.ok) return notDone(reply.error);
    return { outcome: 'done', because: `The leader is ${reply.value.newLeader || 'another one'} now.` };
  },
});

/** By the word of the node's own etcd. */
function leaderSeen({ readings }: Evidence): 'itself' | 'another' | 'unknown' {
  const status = readValue(readings.etcdStatus);
  if (status === undefined || status.leader === '0') return 'unknown';
  return status.leader === status.memberId ? 'itself' : 'another';
}

/** Who leads afterwards, or one sentence why nobody should. */
function heirOf(evidence: Evidence): Result<EtcdMemberReading, string> {
  const own = readValue(evidence.readings.etcdStatus)?.memberId;
  const view = etcdView(evidence);
  const heir = readValue(evidence.readings.etcdMembers)?.find(({ id }) => id !== own);
  if (own === undefined || view === undefined || heir === undefined)
    return err('No other etcd member is known that could lead.');
  if (heir.isLearner) return err(`Talos would hand over to ${heir.hostname}, which is a learner and cannot lead.`);
  return view.voting.has(heir.id)
    ? ok(heir)
    : err(`Talos would hand over to ${heir.hostname}, whose etcd does not say that it is well.`);
}

export const forfeitEtcdLeadershipJudge: ActionJudge = {
  traits: actionTraits.forfeit_etcd_leadership,
  about: (parameters) => (Object.keys(parameters).length === 0 ? ok('') : err(NO_PARAMETERS)),
  probe(_step, _plan, { evidence, deadlinePassed }) {
    const leader = leaderSeen(evidence);
    if (leader === 'another') return { answer: 'arrived', because: 'Another member leads.' };
    if (leader === 'unknown') return { answer: 'unknown', because: 'The etcd of the node does not say who leads.' };
    if (!deadlinePassed) return { answer: 'unknown', because: 'It leads still.' };
    return {
      answer: 'not_arrived',
      because: 'It leads still, or again, and the deadline of the call has passed. Again harms nobody.',
    };
  },
  verify: (_plan, { evidence }) => [movedCheck(evidence), agreedCheck(evidence)],
};

function movedCheck(evidence: Evidence): Check {
  const leader = leaderSeen(evidence);
  const name = 'Leadership moved';
  if (leader === 'unknown') return { name, answer: 'unknown', says: 'its etcd does not say who leads' };
  return { name, answer: leader === 'another' ? 'yes' : 'no', says: `${leader} leads` };
}

/** Every voter says so, and names the same one. */
function agreedCheck(evidence: Evidence): Check {
  const name = 'Leader agreed';
  const view = etcdView(evidence);
  if (view === undefined) return { name, answer: 'unknown', says: 'not readable yet' };
  const voting = view.voters.filter(({ id }) => view.voting.has(id)).length;
  const says = `${voting} of ${view.voters.length} voters follow ${view.agree ? 'one leader' : 'different leaders'}`;
  return { name, answer: view.agree && voting === view.voters.length ? 'yes' : 'no', says };
}
