import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, few, present, quote } from './cite.ts';
import { diskTrouble } from './disk-trouble.ts';
import type { Confidence, Facts, Playbook } from './finding.ts';
import { minutes } from './node-time.ts';
import { serviceOf, waitOf } from './service-wait.ts';
import { restartsOf } from './services.ts';

/** Seen in siderolabs/talos#9496 after an unclean end; the cause is containerd/containerd#10848. */
const NO_METADATA =
  /failed to recover state: .{0,80}?failed to get metadata for stored sandbox \\*"?([0-9a-f]{12,64})?/;
/** As many ends are a loop. */
const LOOP_RESTARTS = 3;
/** However many wait for it. */
const MAX_CITED = 4;

/** containerd does not start, because it finds its own records on EPHEMERAL inconsistent. Kubelet waits for it. */
export const containerRuntimeStateCorrupt: Playbook = {
  name: 'container-runtime-state-corrupt',
  diagnose(evidence, facts) {
    const { readings } = evidence;
    const services = readValue(readings.services);
    const cri = services?.find(({ id }) => id === 'cri');
    // a runtime that runs again has left these lines behind
    if (cri?.state === 'Running' && cri.health === 'healthy') return [];
    const lines = (readValue(readings.logs?.['cri']) ?? []).filter((line) => NO_METADATA.test(line));
    const last = lines.at(-1);
    if (last === undefined) return [];
    const restarts = cri === undefined ? [] : restartsOf(cri);
    const isLoop = restarts.length >= LOOP_RESTARTS;
    const spanMs = Date.parse(restarts.at(-1)?.at ?? '') - Date.parse(restarts[0]?.at ?? '');
    const isDiskIll = diskTrouble(evidence) !== undefined;
    const sandbox = NO_METADATA.exec(last)?.[1]?.slice(0, 12);
    const waiting = (services ?? []).filter((one) => waitOf(one)?.conditions.some((text) => serviceOf(text) === 'cri'));
    return [
      {
        code: 'container_runtime_state_corrupt',
        severity: 'critical',
        confidence: confidenceOf(isLoop, isDiskIll),
        summary: `The container runtime of ${quote(facts.inventory?.name ?? evidence.node)} does not start${isLoop ? ` (${restarts.length} times within ${minutes(spanMs)})` : ''}, because its records on EPHEMERAL are inconsistent${sandbox === undefined ? '' : `: sandbox ${sandbox} has none`}${waiting.length === 0 ? '' : `; ${few(waiting.map(({ id }) => id))} ${waiting.length === 1 ? 'waits' : 'wait'} for it`}.`,
        evidence: present([
          cite('logs', `cri: ${last} (${lines.length} times)`),
          restarts.at(-1) && cite('services', `cri: ${restarts.at(-1)?.message ?? ''}`),
          ...waiting
            .slice(0, MAX_CITED)
            .map(({ id, events }) => cite('services', `${id} (Waiting): ${events.at(-1)?.message ?? ''}`)),
        ]),
        suggests: isDiskIll ? [] : ['reset_ephemeral'],
        explains: true,
        rulesOut: present([
          {
            code: 'container_runtime_down',
            because: 'It ends with this one error each time, so it is neither its config nor a lack of memory.',
          },
          readings.kernelLog?.ok && !isDiskIll
            ? { code: 'system_disk_failed', because: 'The kernel reports no failed read or write of the disk.' }
            : undefined,
        ]),
        advice: adviceFor(evidence, facts),
      },
    ];
  },
};

/** What a disk that fails did not write is missing as well: then the disk is the cause, and a wipe does not mend it. */
function confidenceOf(isLoop: boolean, isDiskIll: boolean): Confidence {
  if (isDiskIll) return 'possible';
  return isLoop ? 'certain' : 'likely';
}

function adviceFor({ readings }: Evidence, { inventory }: Facts): string {
  const isWorker = (inventory?.role ?? readValue(readings.machineType)) === 'worker';
  const etcd = isWorker
    ? ''
    : ' On a control plane this deletes its etcd data too: first take a snapshot of etcd, and see to it that the other members keep the quorum.';
  return `Reset EPHEMERAL alone: talosctl reset --system-labels-to-wipe EPHEMERAL --reboot. It destroys what pods keep on this node (local-path, Longhorn, LINSTOR), so a person decides; STATE stays.${etcd} A restart or a reboot reads the same records again.`;
}
