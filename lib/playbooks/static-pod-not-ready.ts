import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { StaticPodReading } from '../evidence/values.ts';
import { cite, present, quote } from './cite.ts';
import { crashingContainers, isEtcdAway, isKilledForMemory, isUndecryptable } from './crashing-pods.ts';
import type { Facts, Finding, Playbook } from './finding.ts';
import { podReporting } from './pod-reporting.ts';
import { inStateSince, minutesUntilNow } from './service-since.ts';
import { brokenStaticPods } from './static-pods.ts';

/** Why the kubelet does not start a container, in its own words: none of them ends by waiting. */
const DOES_NOT_START: Readonly<Record<string, string>> = {
  ImagePullBackOff: 'its image cannot be pulled',
  ErrImagePull: 'its image cannot be pulled',
  InvalidImageName: 'the name of its image is none',
  CreateContainerConfigError: 'its settings do not fit',
  CreateContainerError: 'the container cannot be made',
  RunContainerError: 'the container cannot be started',
};
/** A control plane that starts anew is ready after less. Our own choice. */
const READY_WITHIN_MIN = 10;
const CONTROL_PLANE = /^kube-system\/kube-/;
/** However many a node sends. */
const MAX_PODS = 4;

/** A static pod that does not end and is not ready either: it cannot be started, or its own check fails. */
export const staticPodNotReady: Playbook = {
  name: 'static-pod-not-ready',
  diagnose(evidence, facts) {
    // the kubelet is not heard, so what is known of its pods is old
    if (podReporting(evidence).isBroken) return [];
    const crashing = new Set(crashingContainers(evidence).map(({ pod }) => pod));
    const isStarved = isEtcdAway(evidence);
    return brokenStaticPods(readValue(evidence.readings.staticPods) ?? [])
      .filter(({ id }) => !crashing.has(id) && !(isStarved && CONTROL_PLANE.test(id)))
      .slice(0, MAX_PODS)
      .flatMap((pod) => notReady(evidence, facts, pod));
  },
};

function notReady(evidence: Evidence, facts: Facts, pod: StaticPodReading): readonly Finding[] {
  const container = pod.containers.find(({ ready }) => !ready);
  const waitingFor = container?.waitingFor ?? '';
  const why = DOES_NOT_START[waitingFor];
  const kubelet = readValue(evidence.readings.services)?.find(({ id }) => id === 'kubelet');
  const minutes = minutesUntilNow(evidence, kubelet && inStateSince(kubelet));
  const log = container && readValue(evidence.readings.logs?.[`${pod.id}:${container.name}`]);
  // on its way up
  if (why === undefined && (minutes === undefined || minutes < READY_WITHIN_MIN)) return [];
  // those have findings of their own
  if (container !== undefined && isKilledForMemory(evidence, { ...container, pod: pod.id, log })) return [];
  if (log?.some(isUndecryptable)) return [];
  const node = quote(facts.inventory?.name ?? evidence.node);
  const last = log?.findLast((line) => line.trim() !== '');
  return [
    {
      code: 'static_pod_not_ready',
      severity: CONTROL_PLANE.test(pod.id) ? 'critical' : 'warning',
      confidence: why === undefined ? 'likely' : 'certain',
      summary: `Static pod ${quote(pod.id)} on ${node} ${why === undefined ? `runs and is not ready, ${minutes} min after the kubelet started` : `does not start: ${why} (${waitingFor})`}.`,
      evidence: present([
        cite(
          'staticPods',
          `${pod.id} (${pod.phase || 'no phase'}) is not ready: ${waitingFor || 'it runs, and its own check fails'}.`,
        ),
        last === undefined ? undefined : cite('logs', last),
      ]),
      suggests: [],
      ...(why === undefined ? {} : { explains: true as const }),
      rulesOut: [
        {
          code: 'static_pod_crashes',
          because: why === undefined ? 'It does not end again and again.' : 'It never started, so it did not crash.',
        },
      ],
      advice:
        why === undefined
          ? 'Read its log (talosctl containers -k shows its id, talosctl logs -k reads it): it says what its own check waits for. A reboot starts it the same way again.'
          : `Mend what the kubelet names: the image and the way to its registry, or what was changed last in the config of this pod (cluster.*, machine.pods). A reboot meets the same.`,
    },
  ];
}
