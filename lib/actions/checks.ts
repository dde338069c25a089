import type { Plan } from '../approvals/plan.ts';
import { bootFacts, parseBoot, sameBoot } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { Check } from '../incidents/event.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { shortName } from '../inventory/host-name.ts';
import { compareIdentity, observedIdentity } from '../inventory/identity.ts';
import type { VerifyFacts } from './action.ts';

const check = (name: string, holds: boolean | undefined, says: string): Check => {
  if (holds === undefined) return { name, answer: 'unknown', says };
  return { name, answer: holds ? 'yes' : 'no', says };
};

/** The same where an answer that cannot be read says no more than that. */
export const checkRead = (name: string, holds: boolean | undefined, says: string): Check =>
  check(name, holds, holds === undefined ? 'not readable yet' : says);

/** Checks that every node has to pass after an action: it is there, it is the one, it runs, its services run. */
export function runningChecks(evidence: Evidence, entry: InventoryEntry): readonly Check[] {
  const { reach, readings } = evidence;
  const isKnown = reach.mode === 'mtls' || reach.mode === 'forwarded';
  const status = readValue(readings.machineStatus);
  const services = readValue(readings.services);
  const identity = compareIdentity(entry.identity, observedIdentity(evidence));
  const broken = services
    ?.filter(({ id, state, health }) => REQUIRED.has(id) && (state !== 'Running' || health === 'unhealthy'))
    .map(({ id, state }) => `${id} ${state}`);
  const absent = MUST_RUN[entry.role]
    .filter((id) => !services?.some((service) => service.id === id))
    .map((id) => `${id} not listed`);
  return [
    check(
      'Talos API',
      isKnown,
      isKnown ? "answers under the cluster's certificate" : (reach.error?.message ?? `reach: ${reach.mode}`),
    ),
    check('Same machine', identity.verdict === 'unproven' ? undefined : identity.verdict === 'same', identity.because),
    check(
      'Stage',
      status && isKnown ? status.stage === 'running' && status.ready : undefined,
      status
        ? `${status.stage}, ${status.ready ? 'ready' : `not ready: ${status.unmetConditions.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`}`
        : 'not readable yet',
    ),
    check(
      'Services',
      broken && services && services.length > 0 ? broken.length + absent.length === 0 : undefined,
      broken === undefined
        ? 'not readable yet'
        : [...broken, ...absent].join(', ') || `${services?.length ?? 0} listed, the required ones run`,
    ),
    ...nodeReady(evidence),
    ...(entry.role === 'controlplane' ? etcdChecks(evidence) : []),
  ];
}

/** The services that Talos itself counts. Source: siderolabs/talos, controllers/runtime/machine_status.go. */
const REQUIRED: ReadonlySet<string> = new Set(['apid', 'machined', 'kubelet', 'trustd', 'etcd']);

/** A node that does not list these has not come up. */
const MUST_RUN = { worker: ['apid', 'kubelet'], controlplane: ['apid', 'kubelet', 'etcd'] } as const;

/** Kubernetes' word on the node, where the node can read it. */
function nodeReady({ readings }: Evidence): readonly Check[] {
  const node = readValue(readings.nodeStatus);
  if (node === undefined) return [check('Node Ready', undefined, 'Kubernetes status not readable yet')];
  return [
    check(
      'Node Ready',
      node.nodeReady,
      `Kubernetes node ${node.nodename} is ${node.nodeReady ? 'Ready' : 'not Ready'}`,
    ),
  ];
}

function etcdChecks({ readings }: Evidence): readonly Check[] {
  const status = readValue(readings.etcdStatus);
  const members = readValue(readings.etcdMembers);
  const local = readValue(readings.etcdLocalMember);
  const id = status?.memberId ?? local?.memberId;
  const own = members?.find((member) => member.id === id);
  const isVoter =
    own && !own.isLearner && (status === undefined || (status.leader !== '0' && status.errors.length === 0));
  const says = own ? `member ${own.hostname}${own.isLearner ? ' is still a learner' : ' votes'}` : 'no member yet';
  return [check('etcd member', id === undefined || members === undefined ? undefined : isVoter === true, says)];
}

/** etcd runs under the name that the node has now. Source: siderolabs/talos, system/services/etcd.go. */
export function etcdNameCheck({ readings }: Evidence): Check {
  const id = readValue(readings.etcdStatus)?.memberId ?? readValue(readings.etcdLocalMember)?.memberId;
  const own = readValue(readings.etcdMembers)?.find((member) => member.id === id)?.hostname;
  const current = readValue(readings.hostname)?.hostname;
  if (own === undefined || current === undefined) return check('etcd name', undefined, 'not readable yet');
  const isSame = own === current || own.split('.')[0] === current.split('.')[0];
  return check('etcd name', isSame, `etcd member is ${own}, the node is ${current}`);
}

/** The name that was frozen with the plan: what the inventory has learned since does not make a wrong one right. */
export function hostnameCheck(planned: string | undefined, evidence: Evidence, entry: InventoryEntry): Check {
  const expected = planned ?? entry.hostname;
  const hostname = readValue(evidence.readings.hostname)?.hostname;
  if (!hostname) return check('Hostname', undefined, 'not readable yet');
  return check('Hostname', shortName(hostname) === shortName(expected), `${hostname}, expected is ${expected}`);
}

/** Another boot than the plan was made for. `planned` as in Plan.boot. */
export function newBootCheck(planned: string, evidence: Evidence): Check {
  const isSame = sameBoot(parseBoot(planned), bootFacts(evidence));
  if (isSame === undefined) return check('New boot', undefined, 'the node does not say when it booted yet');
  return check('New boot', !isSame, isSame ? 'still the boot of the plan' : 'booted after the plan');
}

/** What the plan was made for is not found any more. */
export function findingGoneCheck(plan: Pick<Plan, 'findings'>, { findings }: Pick<VerifyFacts, 'findings'>): Check {
  const left = findings.filter(
    ({ code, severity }) => severity !== 'info' && code !== 'unknown_cause' && plan.findings.includes(code),
  );
  const says =
    left.length === 0 ? 'the cause is not found any more' : `still found: ${left.map(({ code }) => code).join(', ')}`;
  return check('Finding gone', left.length === 0, says);
}
