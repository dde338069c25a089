import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, present, quote } from './cite.ts';
import { type FailedVolume, failedVolumes, formatMismatch } from './failed-volumes.ts';
import type { Facts, Finding, Playbook } from './finding.ts';
import { fieldOf, talosSays } from './log-lines.ts';

const ENCRYPTED = 'luks';

/** Encryption was switched on (or off) for a volume that holds data. Talos formats no volume anew: siderolabs/talos#10653. */
export const encryptionOfExistingVolume: Playbook = {
  name: 'encryption-of-existing-volume',
  diagnose(evidence, facts) {
    return failedVolumes(evidence).flatMap((volume) => {
      const mismatch = formatMismatch(volume.error);
      const isEncryption = mismatch?.found === ENCRYPTED || mismatch?.wanted === ENCRYPTED;
      return mismatch && isEncryption ? [changed(evidence, facts, volume, mismatch)] : [];
    });
  },
};

type Mismatch = NonNullable<ReturnType<typeof formatMismatch>>;

function changed(evidence: Evidence, { inventory }: Facts, volume: FailedVolume, { found, wanted }: Mismatch): Finding {
  const name = quote(inventory?.name ?? evidence.node);
  const id = quote(volume.id);
  const onDisk = readValue(evidence.readings.discoveredVolumes)?.find(
    ({ partitionLabel }) => partitionLabel === volume.id,
  );
  const isOn = wanted === ENCRYPTED;
  // the partition itself is the second witness
  const isSeen = onDisk?.name === found;
  return {
    code: 'encryption_of_existing_volume',
    severity: 'critical',
    confidence: volume.from === 'volumes' && isSeen ? 'certain' : 'likely',
    summary: `The machine config of ${name} asks for ${isOn ? 'encryption' : 'no encryption'} of ${id}, which is there ${isOn ? 'without' : 'with'} it (${quote(found)}), so ${name} does not get past its boot.`,
    evidence: present([
      cite(volume.from, `Volume ${volume.id} failed: ${volume.error}`),
      onDisk && cite('discoveredVolumes', `On ${onDisk.devPath} there is ${onDisk.name || 'no known format'}.`),
      sizeCheckCitation(evidence, volume),
    ]),
    suggests: ['apply_config'],
    explains: true,
    rulesOut: [
      {
        code: 'volume_locked',
        because: `No key was tried: ${quote(found)} was found where ${quote(wanted)} is asked for.`,
      },
    ],
    advice: `Apply the config without the change to machine.systemDiskEncryption (or the VolumeConfig of ${id}), then reboot; a reboot alone meets the same config again, and Talos refuses a reset meanwhile. If the encryption is wanted, ${id} has to be wiped and made anew: drain the node and save what is on it first.`,
  };
}

/** Up to 1.9 the boot shows where it stands: it waits for the volume in the task `diskSizeCheck`. */
function sizeCheckCitation(evidence: Evidence, { id, from }: FailedVolume) {
  const lines = talosSays(evidence);
  const start = lines.find(({ message }) => message.includes('task diskSizeCheck') && message.endsWith('starting'));
  const isDone = lines.some(({ message }) => message.includes('task diskSizeCheck') && message.endsWith('done'));
  if (start !== undefined && !isDone)
    return cite('kernelLog', `Still in task diskSizeCheck, which began at ${start.at}.`);
  const failed = lines.find(({ message }) => message.includes('volume failed') && fieldOf(message, 'volume') === id);
  return failed && from !== 'kernelLog' ? cite('kernelLog', `${failed.at}: ${failed.message}`) : undefined;
}
