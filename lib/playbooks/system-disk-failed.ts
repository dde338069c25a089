import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, few, present, quote } from './cite.ts';
import { type DiskTrouble, diskTrouble } from './disk-trouble.ts';
import { leadsEtcd } from './etcd-leader.ts';
import type { Confidence, Facts, Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';
import { minuteOf, type Repeated, timesText } from './log-lines.ts';
import { brokenServices } from './services.ts';

/** Failed reads or writes that are no single bad sector any more. Our own choice. */
const MANY_IO_ERRORS = 3;

/** The system disk fell off its bus while the node runs. As in tyriis/home-ops#7339: what runs from memory goes on. */
export const systemDiskFailed: Playbook = {
  name: 'system-disk-failed',
  diagnose(evidence, facts) {
    // in maintenance mode nothing was mounted, and a missing disk is another story
    if (evidence.reach.mode === 'maintenance') return [];
    const trouble = diskTrouble(evidence);
    if (trouble === undefined) return [];
    const confidence = confidenceOf(trouble);
    return [
      {
        code: 'system_disk_failed',
        severity: isHealthy(evidence) ? 'warning' : 'critical',
        confidence,
        summary: summaryOf(evidence, facts, trouble),
        evidence: present([
          lineCitation(trouble.gaveUp),
          trouble.isGone
            ? cite('disks', `${trouble.device} is not among the disks, although volumes of Talos are on it.`)
            : undefined,
          lineCitation(trouble.ioErrors),
          lineCitation(trouble.talosErrors),
          ...brokenServices(readValue(evidence.readings.services) ?? []).map(({ id, state, events, lastMessage }) =>
            cite('services', `${id} is ${state}: ${events.at(-1)?.message || lastMessage}`),
          ),
        ]),
        // every write of the cluster waits for the disk of the leader
        suggests: confidence !== 'possible' && leadsEtcd(evidence, facts) ? ['forfeit_etcd_leadership'] : [],
        ...(confidence === 'possible' ? {} : { explains: true }),
        rulesOut: trouble.gaveUp
          ? [
              {
                code: 'ephemeral_corrupt',
                because: 'The kernel gave up the disk itself; errors of the file systems on it follow from that.',
              },
            ]
          : [],
        advice: adviceFor(facts, trouble),
      },
    ];
  },
};

function confidenceOf({ gaveUp, ioErrors, isGone }: DiskTrouble): Confidence {
  const signs = [gaveUp !== undefined, ioErrors !== undefined, isGone].filter((sign) => sign).length;
  if (signs >= 2) return 'certain';
  return gaveUp || isGone || (ioErrors?.times ?? 0) >= MANY_IO_ERRORS ? 'likely' : 'possible';
}

function summaryOf(
  evidence: Evidence,
  { inventory }: Facts,
  { device, gaveUp, ioErrors, isGone }: DiskTrouble,
): string {
  const first = gaveUp?.first ?? ioErrors?.first;
  const since = minuteOf(first?.at);
  const broken = brokenServices(readValue(evidence.readings.services) ?? []).map(({ id }) => id);
  const signs = present([
    gaveUp && 'the kernel gave it up',
    isGone ? 'it is no longer among the disks' : undefined,
    ioErrors && `${ioErrors.times} read${ioErrors.times === 1 ? ' or write' : 's or writes'} failed`,
  ]);
  return `The system disk ${quote(device)} of ${quote(inventory?.name ?? evidence.node)} ${since === undefined ? 'fails' : `has been failing since ${since} UTC`}: ${signs.join(', ')}${broken.length > 0 ? `; not up: ${few(broken)}` : ''}.`;
}

const lineCitation = (lines: Repeated | undefined) =>
  lines && cite('kernelLog', `${timesText(lines)}: ${lines.first.message}`);

function adviceFor({ inventory }: Facts, { gaveUp, isGone }: DiskTrouble): string {
  const replace =
    inventory?.role === 'worker'
      ? 'replace the disk and take the node in anew'
      : 'replace the disk and take the node in anew, after its etcd member was removed while the others have their quorum';
  if (!gaveUp && !isGone) {
    return `Look at the health of the disk (SMART, cable, controller) before it goes away for good; when it does, ${replace}.`;
  }
  return `Drain what can be drained and power cycle the machine once, off and on (talosctl reboot --mode powercycle, or out of band): a graceful reboot hangs, because /var answers with errors. If the disk stays away or goes again, ${replace}.`;
}
