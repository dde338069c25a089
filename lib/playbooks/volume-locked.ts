import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { hasFix } from '../versions/fixed-in.ts';
import { cite, present, quote } from './cite.ts';
import { type FailedVolume, failedVolumes, formatMismatch } from './failed-volumes.ts';
import type { Facts, Finding, Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';

/** Texts of Talos where a key does not open a volume. Source: siderolabs/talos, internal/pkg/encryption. */
const LOCKED = /encrypted volume|key for slot|key ?slot|unseal|\btpm2?\b|\bPCR\b|passphrase|failed to unlock/i;
export const isLocked = (error: string): boolean => LOCKED.test(error);
/** The key service was asked and did not answer, so that asking again may help. */
const NOT_REACHED =
  /deadline exceeded|timed? ?out|connection refused|no such host|no route to host|unreachable|unavailable|server misbehaving|lookup /i;
const TPM = /\btpm2?\b|\bPCR\b|unseal/i;
/** A slow TPM is waited for since these releases. Source: siderolabs/talos#13056. */
const WAITS_FOR_TPM = ['v1.12.7', 'v1.13.0'] as const;

/** An encrypted volume that no key opens: TPM, key service or static key. Talos does not try again by itself (siderolabs/talos#13383). */
export const volumeLocked: Playbook = {
  name: 'volume-locked',
  diagnose(evidence, facts) {
    return failedVolumes(evidence)
      .filter(({ error }) => isLocked(error) && formatMismatch(error) === undefined)
      .map((volume) => locked(evidence, facts, volume));
  },
};

function locked(evidence: Evidence, { inventory }: Facts, volume: FailedVolume): Finding {
  const mayOpenNow = NOT_REACHED.test(volume.error);
  const since = volume.since === undefined ? '' : ` since ${volume.since} UTC`;
  return {
    code: 'volume_locked',
    severity: isHealthy(evidence) ? 'warning' : 'critical',
    confidence: volume.from === 'volumes' ? 'certain' : 'likely',
    summary: `The encrypted volume ${quote(volume.id)} of ${quote(inventory?.name ?? evidence.node)} is locked${since}: ${quote(volume.error)}.`,
    evidence: present([
      cite(volume.from, `Volume ${volume.id} failed: ${volume.error}`),
      stageCitation(evidence),
      partitionCitation(evidence, volume),
    ]),
    suggests: mayOpenNow ? ['reboot'] : [],
    explains: true,
    rulesOut: present([
      {
        code: 'encryption_of_existing_volume',
        because: 'The volume is encrypted and its key fails; that is no mismatch of formats.',
      },
      isPartitionThere(evidence, volume)
        ? { code: 'system_disk_missing', because: `The partition of ${quote(volume.id)} is there.` }
        : undefined,
    ]),
    advice: `${adviceFor(evidence, volume.error, mayOpenNow)} Do not wipe the volume: without its key slots everything on it is lost for good.`,
  };
}

function adviceFor({ readings }: Evidence, error: string, mayOpenNow: boolean): string {
  if (TPM.test(error)) {
    const isSlow = hasFix(readValue(readings.version)?.tag, WAITS_FOR_TPM) === false;
    const upgrade = isSlow ? ` A slow TPM is waited for since ${WAITS_FOR_TPM.join(' and ')}.` : '';
    return `Look what changed for the TPM (firmware, Secure Boot keys, a new image): boot the entry that was there before, or enrol the keys again.${upgrade}`;
  }
  if (mayOpenNow) {
    return 'Make sure that the key service answers and its name resolves from the node, then reboot once: Talos does not ask again by itself.';
  }
  return 'Compare the keys under machine.systemDiskEncryption (or the VolumeConfig) with those that the volume was made with; a reboot alone does not change the answer.';
}

function stageCitation({ readings }: Evidence) {
  const status = readValue(readings.machineStatus);
  return status && cite('machineStatus', `Stage ${status.stage}, ${status.ready ? 'ready' : 'not ready'}.`);
}

const partitionOf = ({ readings }: Evidence, { id }: FailedVolume) =>
  readValue(readings.discoveredVolumes)?.find(({ partitionLabel }) => partitionLabel === id);
const isPartitionThere = (evidence: Evidence, volume: FailedVolume): boolean =>
  partitionOf(evidence, volume) !== undefined;

function partitionCitation(evidence: Evidence, volume: FailedVolume) {
  const partition = partitionOf(evidence, volume);
  return (
    partition &&
    cite('discoveredVolumes', `Its partition ${partition.devPath} is there, format ${partition.name || 'not known'}.`)
  );
}
