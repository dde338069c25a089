import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, present, quote } from './cite.ts';
import { diskTrouble } from './disk-trouble.ts';
import type { Confidence, Facts, Playbook } from './finding.ts';
import { kernelSays, minuteOf, type Repeated, repeated, talosSays, timesText } from './log-lines.ts';

/** Printed forms: `XFS (sda6): log mount failed`, `XFS (sda6): Corruption warning: Metadata has LSN … ahead of current LSN …`. */
const XFS = /^XFS \(([\w-]{1,32})\): (.*)$/;
const CORRUPT =
  /Corruption (?:warning|detected|of in-memory data)|Metadata (?:corruption|CRC error)|log mount|[Uu]nmount and run xfs_repair|failed to read root inode|SB validate failed/;
/** The file system was mounted, and the kernel stopped it. */
const SHUT_DOWN = /Shutting down filesystem|has been shut down/;

/** The file system of /var does not mount. Talos repairs it at every boot, which may be in vain (siderolabs/talos#9353). */
export const ephemeralCorrupt: Playbook = {
  name: 'ephemeral-corrupt',
  diagnose(evidence, facts) {
    const found = corruption(evidence);
    if (found === undefined) return [];
    const { lines, device } = found;
    const repair = repairOf(evidence);
    const name = quote(facts.inventory?.name ?? evidence.node);
    return [
      {
        code: 'ephemeral_corrupt',
        severity: 'critical',
        confidence: confidenceOf(evidence, found),
        summary: `The file system of /var (EPHEMERAL on ${quote(device)}) of ${name} is damaged${found.isShutDown ? ', and the kernel shut it down' : ' and does not mount'}${repair === undefined ? '' : `; ${repair.says}`}.`,
        evidence: present([
          cite('kernelLog', `${timesText(lines)}: ${lines.first.message}`),
          lines.times > 1 ? cite('kernelLog', lines.last.message) : undefined,
          repair && cite(repair.reading, repair.cited),
          mountCitation(evidence),
        ]),
        suggests: ['reset_ephemeral'],
        explains: true,
        rulesOut: rulesOut(evidence),
        advice: adviceFor(facts, repair !== undefined),
      },
    ];
  },
};

type Corruption = {
  readonly device: string;
  readonly isKnown: boolean;
  readonly lines: Repeated;
  readonly isShutDown: boolean;
};

function corruption(evidence: Evidence): Corruption | undefined {
  const devices = ephemeralDevices(evidence);
  const says = kernelSays(evidence);
  const damaged = says
    .map(({ message }) => XFS.exec(message))
    .flatMap((match) => (match?.[1] !== undefined && CORRUPT.test(match[2] ?? '') ? [match[1]] : []));
  const isMapped = isEncrypted(evidence);
  const device =
    damaged.find((one) => devices?.has(one) ?? true) ?? damaged.find((one) => isMapped && MAPPED.test(one));
  if (device === undefined) return undefined;
  const isOf = (message: string, pattern: RegExp) => {
    const [, one, text = ''] = XFS.exec(message) ?? [];
    return one === device && pattern.test(text);
  };
  const lines = repeated(says, (message) => isOf(message, CORRUPT));
  const isShutDown = says.some(({ message }) => isOf(message, SHUT_DOWN));
  // what was repaired at boot and is mounted now is well
  if (lines === undefined || (isVarMounted(evidence) === true && !isShutDown)) return undefined;
  return { device, isKnown: devices?.has(device) === true, lines, isShutDown };
}

export const isEphemeralDamaged = (evidence: Evidence): boolean => corruption(evidence) !== undefined;

/** An encrypted EPHEMERAL is mounted through a device that no reading names. */
const MAPPED = /^dm-\d{1,3}$/;
const isEncrypted = ({ readings }: Evidence): boolean =>
  (readValue(readings.discoveredVolumes) ?? []).some(
    ({ partitionLabel, name }) => partitionLabel === 'EPHEMERAL' && name === 'luks',
  );

/** Kernel names under which EPHEMERAL is known; undefined: nothing says which. */
function ephemeralDevices({ readings }: Evidence): ReadonlySet<string> | undefined {
  const names = [
    ...(readValue(readings.volumes) ?? []).filter(({ id }) => id === 'EPHEMERAL').map(({ location }) => location),
    ...(readValue(readings.discoveredVolumes) ?? [])
      .filter(({ partitionLabel }) => partitionLabel === 'EPHEMERAL')
      .map(({ devPath }) => devPath),
  ].filter((path) => path.startsWith('/dev/'));
  return names.length === 0 ? undefined : new Set(names.map((path) => path.slice('/dev/'.length)));
}

const isVarMounted = ({ readings }: Evidence): boolean | undefined =>
  readValue(readings.mounts)?.some(({ mountedOn }) => mountedOn === '/var');

/** With errors of the disk the damage may be no more than their trace. */
function confidenceOf(evidence: Evidence, { isKnown, isShutDown }: Corruption): Confidence {
  if (diskTrouble(evidence) !== undefined) return 'possible';
  return isKnown && (isShutDown || isVarMounted(evidence) === false) ? 'certain' : 'likely';
}

function rulesOut(evidence: Evidence) {
  if (diskTrouble(evidence) !== undefined || kernelSays(evidence).length === 0) return [];
  return [{ code: 'system_disk_failed', because: 'The kernel reports no failed read or write of the disk.' }];
}

function mountCitation(evidence: Evidence) {
  const isMounted = isVarMounted(evidence);
  return isMounted === undefined ? undefined : cite('mounts', `/var is ${isMounted ? '' : 'not '}mounted.`);
}

type Repair = { readonly reading: 'processes' | 'kernelLog'; readonly says: string; readonly cited: string };

/** A repair that runs: its process, or (up to 1.9) the task that mounts and repairs and has not ended. */
function repairOf(evidence: Evidence): Repair | undefined {
  const process = readValue(evidence.readings.processes)?.find(({ command }) => command.includes('xfs_repair'));
  const task = repeated(talosSays(evidence), (message) => message.includes('task mountEphemeralPartition'));
  const isUnderWay = task?.last.message.endsWith('starting') === true;
  const since = isUnderWay ? minuteOf(task.last.at) : undefined;
  if (process === undefined && !isUnderWay) return undefined;
  return {
    reading: process === undefined ? 'kernelLog' : 'processes',
    says: `Talos has been repairing it${since === undefined ? '' : ` since ${since} UTC`}`,
    cited:
      process === undefined ? `${task?.last.at}: ${task?.last.message}` : `xfs_repair runs (process ${process.pid}).`,
  };
}

function adviceFor({ inventory }: Facts, isRepairing: boolean): string {
  const lost =
    inventory?.role === 'worker' ? 'all local data of its pods' : 'etcd on this node and all local data of its pods';
  const wait = isRepairing
    ? 'Do not power cycle or reboot it while the repair runs, which can take a quarter of an hour and more: it would begin anew'
    : 'Let Talos try the repair once, without a power cycle meanwhile';
  return `${wait}. If /var does not mount after it either, check the health of the disk, then wipe EPHEMERAL (talosctl reset --system-labels-to-wipe EPHEMERAL --reboot), which loses ${lost}; a person decides that.`;
}
