import type { Evidence } from '../evidence/evidence.ts';
import { cite, present, quote } from './cite.ts';
import {
  BACK_OFF,
  type CrashingContainer,
  crashingContainers,
  isEtcdAway,
  isEtcdSeenWell,
  isUndecryptable,
} from './crashing-pods.ts';
import type { Facts, Finding, Playbook } from './finding.ts';
import { controllerKills, killsForNode } from './oom-log.ts';

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

/** That it crashes is read; why it does is known only to its log, and whether etcd is the reason to etcd. */
function crashes(
  evidence: Evidence,
  facts: Facts,
  { pod, name, restarts, waitingFor, log }: CrashingContainer,
): Finding {
  const last = (log ?? []).filter((line) => line.trim() !== '').slice(-SHOWN_LINES);
  const reason = last.at(-1);
  const node = quote(facts.inventory?.name ?? evidence.node);
  // what somebody kills does not crash by itself
  const isKilled = controllerKills(evidence) !== undefined || killsForNode(evidence) !== undefined;
  const isSure = waitingFor === BACK_OFF && !isKilled && (isEtcdSeenWell(evidence) || !CONTROL_PLANE.test(pod));
  return {
    code: 'static_pod_crashes',
    severity: CONTROL_PLANE.test(pod) ? 'critical' : 'warning',
    confidence: isSure && reason !== undefined ? 'certain' : 'likely',
    explains: true,
    summary: `Static pod ${quote(pod)} on ${node} has crashed ${restarts} times${reason === undefined ? '; its log could not be read' : `; its last words: ${quote(reason)}`}.`,
    evidence: present([
      ...last.toReversed().map((line) => cite('logs', line)),
      cite('staticPods', `${pod}:${name} is not ready: ${waitingFor || 'between two tries'}, ${restarts} restarts.`),
    ]),
    suggests: [],
    rulesOut: isEtcdSeenWell(evidence)
      ? [{ code: 'etcd_down', because: 'etcd of this node runs, so the pod does not end for want of it.' }]
      : [],
    advice: `Read the whole log (talosctl containers -k shows its id, talosctl logs -k reads it): a config change or an upgrade that it does not survive is undone where it was made; a reboot starts it the same way again.`,
  };
}
