import * as z from 'zod';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { EtcdMemberReading } from '../evidence/values.ts';
import type { Check } from '../incidents/event.ts';
import { list } from '../playbooks/cite.ts';
import { err, ok } from '../result.ts';
import { deadMember } from '../safety/dead-member.ts';
import { etcdView, quorumOf } from '../safety/quorum.ts';
import type { TalosAdmin } from '../talos/orders.ts';
import type { Action, ActionJudge } from './action.ts';
import { probeSnapshot, type Snapshots, snapshotDetail, snapshotStep, takeSnapshot } from './etcd-snapshot.ts';
import { notDone } from './sent.ts';
import { keepEvidence } from './steps.ts';
import { actionTraits } from './traits.ts';

const CALL_MS = 20_000;

/** A decimal uint64, as readings have it. */
const Which = z.strictObject({ memberId: z.string().regex(/^[1-9]\d{0,19}$/) });
const NO_MEMBER = 'Nobody said which etcd member it is about.';

/** As talosctl shows it. */
const shown = (memberId: string): string => BigInt(memberId).toString(16);

/**
 * Talos RPC `EtcdRemoveMemberByID`, role os:admin, asked of a healthy member: the node of the plan is gone. etcd itself
 * refuses where the quorum would suffer.
 */
export const removeEtcdMember = (talos: Pick<TalosAdmin, 'etcdRemoveMember'>, snapshots: Snapshots): Action => ({
  traits: actionTraits.remove_etcd_member,
  async plan({ parameters, evidence, entry }) {
    const which = Which.safeParse(parameters);
    if (!which.success) return err({ because: NO_MEMBER });
    const dead = deadMember(evidence, entry);
    if (!dead.ok) return err({ because: dead.error });
    const { id, peerUrls, survivor } = dead.value;
    if (id !== which.data.memberId)
      return err({ because: `The etcd member of ${entry.name} is ${shown(id)} by now. Diagnose again.` });
    const snapshot = snapshotStep(evidence, 1);
    if (!snapshot.ok) return err({ because: snapshot.error });
    const voters = etcdView(evidence)?.voters.length ?? 0;
    const after = voters - 1;
    return ok({
      steps: [
        keepEvidence('what the other control planes say of it'),
        snapshot.value,
        {
          n: 2,
          method: 'EtcdRemoveMemberByID',
          node: survivor,
          request: { memberId: id, peerUrls: peerUrls.join(',') },
          probe: 'No control plane that answers lists the member any more; an id is never given again.',
          deadlineMs: CALL_MS,
        },
      ],
      consequences: [
        `etcd forgets ${entry.name}. Nothing is sent to ${entry.name} itself; ${survivor} takes the call.`,
        `${entry.name} cannot come back with the data that it has: once it runs again, its EPHEMERAL must be wiped before it joins as a new member. If it only is switched off, switch it on instead.`,
        `${voters} voters become ${after}: ${quorumOf(after)} are needed then, so etcd survives the loss of ${after - quorumOf(after)} more.`,
      ],
      details: [
        { label: 'Member', text: `${shown(id)} at ${list(peerUrls)}` },
        { label: 'etcd before', text: `${voters} voters, ${quorumOf(voters)} needed` },
        { label: 'etcd afterwards', text: `${after} voters, ${quorumOf(after)} needed` },
        snapshotDetail(snapshot.value, entry.name),
      ],
    });
  },
  async execute(step, plan, target, { evidence }) {
    if (step.method === 'EtcdSnapshot') return takeSnapshot(snapshots, step, plan, target, evidence);
    const { memberId, peerUrls } = step.request;
    const isAsPlanned = listed(evidence, String(memberId)).every((member) => member?.peerUrls.join(',') === peerUrls);
    if (!isAsPlanned) return { outcome: 'refused', because: 'The control planes list the member otherwise by now.' };
    const reply = await talos.etcdRemoveMember(target, { memberId: String(memberId), deadlineMs: step.deadlineMs });
    if (reply.ok) return { outcome: 'done', because: `${target.name} has removed the member.` };
    if (reply.error.code === 'not_found') return { outcome: 'done', because: 'etcd has no such member any more.' };
    return notDone(reply.error);
  },
});

/** The member as each control plane that answers lists it; undefined: not at all. */
const listed = ({ peers }: Evidence, memberId: string): readonly (EtcdMemberReading | undefined)[] =>
  peers.flatMap(({ etcdMembers }) => {
    const members = readValue(etcdMembers);
    return members === undefined ? [] : [members.find(({ id }) => id === memberId)];
  });

export const removeEtcdMemberJudge: ActionJudge = {
  traits: actionTraits.remove_etcd_member,
  about(parameters) {
    const which = Which.safeParse(parameters);
    return which.success ? ok(shown(which.data.memberId)) : err(NO_MEMBER);
  },
  probe(step, _plan, facts) {
    if (step.method === 'EtcdSnapshot') return probeSnapshot(facts);
    const said = listed(facts.evidence, String(step.request['memberId']));
    if (said.length === 0) return { answer: 'unknown', because: 'No control plane says who the etcd members are.' };
    if (said.every((member) => member === undefined))
      return { answer: 'arrived', because: 'No control plane lists the member any more.' };
    if (!facts.deadlinePassed) return { answer: 'unknown', because: 'The member is listed still.' };
    return { answer: 'not_arrived', because: 'The member is listed still, and the deadline of the call has passed.' };
  },
  verify(plan, { evidence }) {
    const memberId = String(plan.steps.at(-1)?.request['memberId']);
    return [goneCheck(evidence, memberId), votersCheck(evidence)];
  },
};

function goneCheck(evidence: Evidence, memberId: string): Check {
  const name = 'Member gone';
  const said = listed(evidence, memberId);
  const stillBy = said.filter((member) => member !== undefined).length;
  if (said.length === 0) return { name, answer: 'unknown', says: 'no control plane says who the members are' };
  const says = `${said.length - stillBy} of ${said.length} control planes do not list it any more`;
  return { name, answer: stillBy === 0 ? 'yes' : 'no', says };
}

/** Those that are left all follow one leader. */
function votersCheck(evidence: Evidence): Check {
  const name = 'etcd voters';
  const view = etcdView(evidence);
  if (view === undefined) return { name, answer: 'unknown', says: 'not readable yet' };
  const healthy = view.voters.filter(({ id }) => view.healthy.has(id)).length;
  const says = `${healthy} of ${view.voters.length} healthy${view.agree ? '' : ', but they do not agree'}`;
  return { name, answer: view.agree && healthy === view.voters.length ? 'yes' : 'no', says };
}
