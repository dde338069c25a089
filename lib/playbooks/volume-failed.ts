import type { Evidence } from '../evidence/evidence.ts';
import { cite, present, quote } from './cite.ts';
import { diskTrouble } from './disk-trouble.ts';
import { isEphemeralDamaged } from './ephemeral-corrupt.ts';
import { type FailedVolume, failedVolumes, formatMismatch } from './failed-volumes.ts';
import type { Facts, Finding, Playbook } from './finding.ts';
import { isLocked } from './volume-locked.ts';

/** Words of errors about encryption that nobody has seen yet: nothing is claimed of those. */
const MAY_BE_A_KEY = /\bkeys?\b|encrypt|luks/i;

/** A volume that Talos gave up on for a reason of its own: neither its key nor its format, nor damage that the kernel names. */
export const volumeFailed: Playbook = {
  name: 'volume-failed',
  diagnose(evidence, facts) {
    return failedVolumes(evidence)
      .filter(({ error }) => !isLocked(error) && !MAY_BE_A_KEY.test(error) && formatMismatch(error) === undefined)
      .filter(({ id }) => id !== 'EPHEMERAL' || !isEphemeralDamaged(evidence))
      .map((volume) => failed(evidence, facts, volume));
  },
};

function failed(evidence: Evidence, { inventory }: Facts, { id, error, from, since }: FailedVolume): Finding {
  const isDiskIll = diskTrouble(evidence) !== undefined;
  const node = quote(inventory?.name ?? evidence.node);
  const name = quote(id);
  return {
    code: 'volume_failed',
    severity: id === 'STATE' || id === 'EPHEMERAL' ? 'critical' : 'warning',
    confidence: confidenceOf(from, isDiskIll),
    summary: `The volume ${name} of ${node} cannot be used${since === undefined ? '' : ` since ${since} UTC`}: ${quote(error) || 'Talos gives no reason'}.`,
    evidence: present([
      cite(from, `Volume ${id} failed: ${error}`),
      evidence.reach.mode === 'maintenance' ? cite('reach', 'It is in maintenance mode.') : undefined,
    ]),
    suggests: [],
    explains: true,
    rulesOut: [
      { code: 'volume_locked', because: 'Its error speaks of no key.' },
      { code: 'encryption_of_existing_volume', because: 'Its error speaks of no other format.' },
    ],
    advice: adviceFor(id, isDiskIll),
  };
}

function confidenceOf(from: FailedVolume['from'], isDiskIll: boolean): Finding['confidence'] {
  if (isDiskIll) return 'possible';
  return from === 'volumes' ? 'certain' : 'likely';
}

function adviceFor(id: string, isDiskIll: boolean): string {
  if (isDiskIll) return 'Look at the disk first: its reads or writes fail, and what is on it follows from that.';
  if (id === 'STATE') {
    return 'Look at the health of the disk, then reboot once. If STATE stays unreadable, a person wipes STATE alone and applies the saved config of exactly this machine; EPHEMERAL and what is on it stay.';
  }
  return `Compare the config of this volume (size, disk selector, format) with the disks that are there (talosctl get disks, discoveredvolumes). A wipe loses what is on it, so it is the last resort and a person's decision.`;
}
