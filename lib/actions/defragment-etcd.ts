import type { Plan, Step } from '../approvals/plan.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { Check } from '../incidents/event.ts';
import { shortName } from '../inventory/host-name.ts';
import { list } from '../playbooks/cite.ts';
import { gib, type MemberSize } from '../playbooks/etcd-space.ts';
import { etcdVoices, listedMembers } from '../playbooks/etcd-voices.ts';
import { hasPeerAddress } from '../playbooks/membership.ts';
import { err, ok } from '../result.ts';
import { etcdView } from '../safety/quorum.ts';
import type { TalosOperator } from '../talos/orders.ts';
import type { NodeTarget } from '../talos/talos.ts';
import type { Action, ActionJudge, Draft } from './action.ts';
import { runningChecks } from './checks.ts';
import { alarmCheck, disarm, disarmStep, probeDisarm } from './etcd-alarm.ts';
import { type EtcdFiles, etcdFiles, fileText, isWorthIt, otherAlarms, whyNoPause } from './etcd-files.ts';
import { notDone } from './sent.ts';
import { keepEvidence } from './steps.ts';
import { actionTraits } from './traits.ts';

/** etcd reads and writes all of the file: half a minute per GiB is far more than disks that etcd can live on need. Our own choice. */
const CALL_MS = 60_000;
const CALL_MS_PER_GIB = 30_000;

/**
 * Talos RPC `EtcdDefragment`, role os:operator: the member of the contacted node writes its file anew, without holes,
 * and serves nobody meanwhile. One member after the other, each by a step of its own.
 */
export const defragmentEtcd = (talos: Pick<TalosOperator, 'etcdDefragment' | 'etcdDisarmAlarms'>): Action => ({
  traits: actionTraits.defragment_etcd,
  async plan({ parameters, evidence, entry, target, peers }) {
    if (Object.keys(parameters).length > 0) return err({ because: NO_PARAMETERS });
    const seen = etcdFiles(evidence);
    const because = blocker(evidence, seen) ?? whyAnother(evidence, seen, [target, ...peers]);
    return because === undefined ? ok(draft(evidence, seen, entry.name)) : err({ because });
  },
  async execute(step, plan, target, { evidence }) {
    if (step.method === 'EtcdAlarmDisarm') return disarm(talos, step, target, evidence);
    const node = step.node ?? plan.node;
    const { files, unread } = etcdFiles(evidence);
    const file = files.find((one) => one.node === node);
    // also the one whose turn it was: two at once may be one too many
    if (file === undefined || unread.length > 0)
      return { outcome: 'refused', because: `The etcd of ${list(unread)} does not answer.` };
    if (file.id !== step.request['memberId'])
      return {
        outcome: 'refused',
        because: `At the address of ${node} another etcd member answers than the plan names.`,
      };
    if (isSmaller(file, step)) return { outcome: 'done', because: `${node} was defragmented since; nothing was sent.` };
    const isEarly = file.isLeader && plan.steps.some(({ n, method }) => n > step.n && method === 'EtcdDefragment');
    if (isEarly)
      return { outcome: 'refused', because: `${node} leads etcd now, and the leader comes last. Plan again.` };
    const noPause = whyNoPause(evidence);
    if (noPause !== undefined) return { outcome: 'refused', because: noPause };
    const reply = await talos.etcdDefragment(target, { deadlineMs: step.deadlineMs });
    return reply.ok ? { outcome: 'done', because: `etcd on ${node} has written its file anew.` } : notDone(reply.error);
  },
});

const NO_PARAMETERS = 'A defragmentation takes no parameters.';
const isSmaller = ({ dbBytes }: MemberSize, { request }: Step): boolean => dbBytes < Number(request['bytesBefore']);

function blocker(evidence: Evidence, { files, unread, alarm }: EtcdFiles): string | undefined {
  const others = otherAlarms(evidence);
  if (others.length > 0) return `etcd has alarm ${list(others)}, which no defragmentation cures. A person has to look.`;
  if (unread.length > 0)
    return `${list(unread)} did not say how large the etcd file is, so its turn cannot be planned.`;
  if (alarm?.kind === 'full') return 'Nearly all of the quota is really in use; defragmenting gains nothing.';
  if (!files.some(isWorthIt)) return 'No etcd file has holes that are worth it: less than 10 % of each.';
  const own = files.find(({ node }) => node === evidence.node);
  const free = readValue(evidence.readings.mounts)?.find(({ mountedOn }) => mountedOn === '/var')?.availableBytes;
  if (own !== undefined && free !== undefined && free < own.inUseBytes) {
    return `/var of ${own.node} has ${gib(free)} free; the new file needs ${gib(own.inUseBytes)} beside the old one.`;
  }
  return whyNoPause(evidence);
}

/** The other members are no target that a gate proves, so each has to be known by the name or the address that it votes under. */
function whyAnother(evidence: Evidence, { files }: EtcdFiles, targets: readonly NodeTarget[]): string | undefined {
  const members = listedMembers(etcdVoices(evidence, { inventory: undefined, ordered: [] })) ?? [];
  for (const { node, id } of files) {
    const member = members.find((one) => one.id === id);
    const addresses = targets.flatMap(({ name, address }) => (name === node ? [address] : []));
    const isIts = member && (shortName(member.hostname) === shortName(node) || hasPeerAddress(member, addresses));
    if (isIts !== true)
      return `At the address of ${node} etcd member ${member?.hostname ?? id} answers: another machine may have it by now.`;
  }
  return undefined;
}

function draft(evidence: Evidence, { files, alarm }: EtcdFiles, node: string): Draft {
  const chosen = files.filter(isWorthIt);
  const left = files.filter((file) => !isWorthIt(file));
  const steps = chosen.map((file, at): Step => {
    const step: Step = {
      n: at + 1,
      method: 'EtcdDefragment',
      request: { memberId: file.id, bytesBefore: file.dbBytes },
      probe: `A smaller file on ${file.node} than before shows that it arrived; doing it again harms nobody.`,
      deadlineMs: CALL_MS + Math.ceil(file.dbBytes / 1024 ** 3) * CALL_MS_PER_GIB,
    };
    return file.node === node ? step : { ...step, node: file.node };
  });
  const voters = etcdView(evidence)?.voters.length ?? 0;
  const order = chosen.map((file) => `${file.node}${file.isLeader && files.length > 1 ? ' (the leader)' : ''}`);
  const isSoonFull = alarm?.kind === 'filling';
  return {
    steps: [keepEvidence(), ...steps, ...(alarm === undefined ? [] : [disarmStep(steps.length + 1)])],
    consequences: [
      `etcd writes its file anew, without holes: ${order.join(', then ')}${order.length > 1 ? ', one at a time' : ''}.`,
      voters === 1
        ? 'It is the only member: the Kubernetes API stands still meanwhile (seconds per GiB). What runs keeps running.'
        : `The member whose turn it is serves nobody (seconds per GiB); ${voters - 1} of ${voters} voters keep etcd going. A leader may change.`,
      ...(alarm === undefined ? [] : ['Then alarm NOSPACE is disarmed, and etcd takes writes again.']),
      ...(isSoonFull ? ['It will be full again soon: also raise the quota or delete objects.'] : []),
      'No data is lost, and nothing reboots.',
    ],
    details: [
      ...chosen.map((file) => ({
        label: `File of ${file.node}`,
        text: `${fileText(file)}; about ${gib(file.inUseBytes)} afterwards`,
      })),
      ...left.map((file) => ({ label: `Left alone: ${file.node}`, text: `${fileText(file)}: too few holes` })),
      ...(alarm === undefined
        ? []
        : [
            { label: 'Alarm NOSPACE', text: list(alarm.alarmed) || 'told by a log' },
            { label: 'Quota', text: `${gib(alarm.quotaBytes)}${alarm.isQuotaRead ? '' : " (etcd's default)"}` },
          ]),
    ],
  };
}

export const defragmentEtcdJudge: ActionJudge = {
  traits: actionTraits.defragment_etcd,
  about: (parameters) => (Object.keys(parameters).length === 0 ? ok('') : err(NO_PARAMETERS)),
  probe(step, plan, facts) {
    if (step.method === 'EtcdAlarmDisarm') return probeDisarm(facts);
    const node = step.node ?? plan.node;
    const file = etcdFiles(facts.evidence).files.find((one) => one.node === node);
    // a member that writes its file answers nobody
    if (file === undefined) return { answer: 'unknown', because: `The etcd of ${node} does not answer yet.` };
    if (isSmaller(file, step))
      return { answer: 'arrived', because: `The file on ${node} has ${gib(file.dbBytes)} now.` };
    if (!facts.deadlinePassed)
      return { answer: 'unknown', because: `The file on ${node} still has ${gib(file.dbBytes)}.` };
    return {
      answer: 'not_arrived',
      because: `${node} answers, its file still has ${gib(file.dbBytes)} and the deadline of the call has passed: it did not arrive, or it gained nothing. Again harms nobody.`,
    };
  },
  verify(plan, { evidence, entry }) {
    const isDisarmed = plan.steps.some(({ method }) => method === 'EtcdAlarmDisarm');
    return [
      ...plan.steps.filter(({ method }) => method === 'EtcdDefragment').map((step) => fileCheck(plan, step, evidence)),
      ...(isDisarmed ? [alarmCheck(evidence)] : []),
      leaderCheck(evidence),
      ...runningChecks(evidence, entry),
    ];
  },
};

function fileCheck(plan: Plan, step: Step, evidence: Evidence): Check {
  const node = step.node ?? plan.node;
  const name = `etcd file of ${node}`;
  const file = etcdFiles(evidence).files.find((one) => one.node === node);
  if (file === undefined) return { name, answer: 'unknown', says: 'not readable yet' };
  const says = `${gib(Number(step.request['bytesBefore']))} before, ${gib(file.dbBytes)} now`;
  return { name, answer: isSmaller(file, step) ? 'yes' : 'no', says };
}

/** Every member follows the same leader. */
function leaderCheck(evidence: Evidence): Check {
  const view = etcdView(evidence);
  const name = 'etcd leader';
  const { unread } = etcdFiles(evidence);
  if (view === undefined || unread.length > 0)
    return { name, answer: 'unknown', says: `the etcd of ${list(unread)} did not answer` };
  const following = view.voters.filter(({ id }) => view.voting.has(id)).length;
  const says = `${following} of ${view.voters.length} voters follow ${view.agree ? 'one' : 'different ones'}`;
  return { name, answer: view.agree && following === view.voters.length ? 'yes' : 'no', says };
}
