import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { ServiceReading } from '../evidence/values.ts';
import { hasFix, nearestFix } from '../versions/fixed-in.ts';
import { cite, present, quote } from './cite.ts';
import type { Confidence, Facts, Finding, Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';
import { isLately, type Repeated, timesText } from './log-lines.ts';
import { memoryNow } from './memory-share.ts';
import { calledFor, killsForNode } from './oom-log.ts';

/** Services that Talos runs in a group of their own, by the names of their programs. Source: siderolabs/talos, pkg/machinery/constants. */
const LIMITED = ['apid', 'trustd', 'udevd', 'kubelet', 'etcd', 'containerd', 'cri'] as const;
/** The exit code of a container that got SIGKILL. */
const KILLED = /exit code 137\b/;
/** Killed by nobody who says so: this often it is no accident. */
const OFTEN = 3;
/** apid had 40 MB before. Source: siderolabs/talos#11046. */
const MORE_FOR_APID = ['v1.10.3'] as const;

/** A service of Talos hits the limit of its own group: the node has memory, the service does not. */
export const systemServiceOutOfMemory: Playbook = {
  name: 'system-service-out-of-memory',
  diagnose(evidence, facts) {
    // when the node has run out, whoever called for the killer is no clue
    if (killsForNode(evidence) !== undefined) return [];
    const services = readValue(evidence.readings.services);
    return LIMITED.flatMap((id) => {
      const service = services?.find((one) => one.id === id);
      // a pod may run a program of that name
      if (services !== undefined && service === undefined) return [];
      const restarts = (service?.events ?? []).filter(({ message }) => KILLED.test(message));
      const called = calledFor(evidence, id);
      if (called === undefined && restarts.length < OFTEN) return [];
      return [starved(evidence, facts, id, called, restarts)];
    });
  },
};

/** The kernel names who was short of memory, the service who was killed; both together leave no doubt. */
function confidenceOf(called: Repeated | undefined, restarts: number): Confidence {
  if (called === undefined) return 'possible';
  return restarts > 0 ? 'certain' : 'likely';
}

function starved(
  evidence: Evidence,
  { inventory }: Facts,
  id: string,
  called: Repeated | undefined,
  restarts: ServiceReading['events'],
): Finding {
  const tag = readValue(evidence.readings.version)?.tag;
  const isOldApid = id === 'apid' && hasFix(tag, MORE_FOR_APID) === false;
  const fixed = isOldApid ? nearestFix(tag, MORE_FOR_APID) : undefined;
  const memory = memoryNow(evidence);
  const isNow = called === undefined || isLately(evidence, called);
  const [first] = restarts;
  const last = restarts.at(-1);
  return {
    code: 'system_service_out_of_memory',
    severity: isHealthy(evidence) || !isNow ? 'warning' : 'critical',
    confidence: confidenceOf(called, restarts.length),
    summary: `The service ${id} of ${quote(inventory?.name ?? evidence.node)} ${called === undefined ? 'was killed' : 'ran out of the memory that Talos gives it'} ${called === undefined ? `${restarts.length} times` : timesText(called)}${memory === undefined ? '' : `, while ${memory.says} on the node`}.`,
    evidence: present([
      called && cite('kernelLog', `${timesText(called)}: ${called.last.message}`),
      last &&
        cite(
          'services',
          `${id} was killed and started again ${restarts.length} times, first at ${first?.at}: ${last.message}`,
        ),
      memory && cite('memory', `${memory.says} now.`),
      isOldApid ? cite('version', `Talos ${tag} gives apid 40 MB; later releases give it more.`) : undefined,
    ]),
    suggests: isOldApid ? ['upgrade'] : [],
    ...(fixed === undefined ? {} : { parameters: { upgrade: { version: fixed } } }),
    ...(isNow && called !== undefined ? { explains: true } : {}),
    rulesOut:
      called === undefined
        ? []
        : [{ code: 'node_out_of_memory', because: 'The kernel killed nothing for the sake of the whole node.' }],
    advice: isOldApid
      ? `Upgrade to ${MORE_FOR_APID[0]} or later; until then ask for less per call (one resource, not all as JSON), also in what polls the API. A reboot changes nothing.`
      : `Find out what makes ${id} grow (large answers, many pods or connections) and look for a later Talos release that gives it more; a reboot only starts it anew.`,
  };
}
