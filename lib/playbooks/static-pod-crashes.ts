import type { Evidence } from '../evidence/evidence.ts';
import { cite, present, quote } from './cite.ts';
import {
  BACK_OFF,
  type CrashingContainer,
  crashingContainers,
  isEtcdAway,
  isEtcdSeenWell,
  isKilledForMemory,
  isUndecryptable,
} from './crashing-pods.ts';
import type { Confidence, Facts, Finding, Playbook } from './finding.ts';

/** Lines of the last try that are shown: the reason stands at its end. */
const SHOWN_LINES = 3;
const CONTROL_PLANE = /^kube-system\/kube-/;

/** A static pod that ends again and again, whatever the reason; its log says why, to a person. */
export const staticPodCrashes: Playbook = {
  name: 'static-pod-crashes',
  diagnose(evidence, facts) {
    const isStarved = isEtcdAway(evidence);
    return crashingContainers(evidence)
      .filter(({ pod }) => !(isStarved && CONTROL_PLANE.test(pod)))
      .filter(({ log }) => !log?.some(isUndecryptable))
      .map((container) => crashes(evidence, facts, container));
  },
};

/** The kubelet writes `2026-03-01T11:50:00Z stderr F ` in front of what the container wrote. */
const PREFIX = /^\S{1,40} (stdout|stderr) [FP] /;

/** That it crashes is read; that nobody else ends it (no etcd, no memory) has to be read as well. */
function crashes(evidence: Evidence, facts: Facts, container: CrashingContainer): Finding {
  const { pod, name, restarts, waitingFor, log } = container;
  const last = (log ?? []).filter((line) => line.trim() !== '').slice(-SHOWN_LINES);
  const reason = last.at(-1)?.replace(PREFIX, '');
  const node = quote(facts.inventory?.name ?? evidence.node);
  const isKilled = isKilledForMemory(evidence, container);
  const finding: Finding = {
    code: 'static_pod_crashes',
    severity: CONTROL_PLANE.test(pod) && isKilled !== true ? 'critical' : 'warning',
    confidence: confidenceOf(evidence, container, isKilled),
    summary: `Static pod ${quote(pod)} on ${node} has crashed ${restarts} times${isKilled ? ', while something is killed for want of memory' : ''}${reason === undefined ? '; its log could not be read' : `; its last words: ${quote(reason)}`}.`,
    evidence: present([
      ...last.toReversed().map((line) => cite('logs', line)),
      cite('staticPods', `${pod}:${name} is not ready: ${waitingFor || 'between two tries'}, ${restarts} restarts.`),
    ]),
    suggests: [],
    rulesOut: present([
      isEtcdSeenWell(evidence)
        ? { code: 'etcd_down', because: 'etcd of this node runs, so the pod does not end for want of it.' }
        : undefined,
      isKilled === false
        ? { code: 'out_of_memory', because: 'The kernel log has nothing that was killed for want of memory.' }
        : undefined,
    ]),
    advice: `Read the whole log (talosctl containers -k shows its id, talosctl logs -k reads it): a config change or an upgrade that it does not survive is undone where it was made; a reboot starts it the same way again.`,
  };
  return isKilled ? finding : { ...finding, explains: true };
}

function confidenceOf(
  evidence: Evidence,
  { pod, waitingFor, log }: CrashingContainer,
  isKilled: boolean | undefined,
): Confidence {
  if (isKilled) return 'possible';
  const isEtcdRuledOut = isEtcdSeenWell(evidence) || !CONTROL_PLANE.test(pod);
  const isSure = waitingFor === BACK_OFF && isEtcdRuledOut && isKilled === false;
  return isSure && log !== undefined && log.length > 0 ? 'certain' : 'likely';
}
