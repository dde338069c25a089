import { bootFacts } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { BOOT_TIMEOUT_MS } from './boot-times.ts';
import { cite, few, list, present, quote } from './cite.ts';
import type { Playbook } from './finding.ts';
import { isoTime } from './node-time.ts';
import { brokenServices } from './services.ts';

/** META key with the boot entry to fall back to, there until the node is running and ready once after an upgrade. */
const UPGRADE_KEY = '0x06';
/** A node that comes up well after an upgrade has dropped the key long before. Our own choice. */
const TIME_TO_COME_UP_MS = 10 * 60_000;

/**
 * An upgrade that the node has not made its own: it came up in the new version and never became ready, so a boot that
 * fails takes it back to the old one. Source: siderolabs/talos, pkg/machinery/meta/constants.go.
 */
export const upgradeNotConfirmed: Playbook = {
  name: 'upgrade-not-confirmed',
  diagnose(evidence, { inventory }) {
    const { readings, collectedAt } = evidence;
    const { bootTimeS } = bootFacts(evidence);
    const status = readValue(readings.machineStatus);
    const isSet = readValue(readings.metaKeys)?.includes(UPGRADE_KEY) === true;
    if (!isSet || status === undefined || (status.stage !== 'running' && status.stage !== 'booting')) return [];
    if (bootTimeS === undefined || Date.parse(collectedAt) - bootTimeS * 1000 < TIME_TO_COME_UP_MS) return [];
    const isReady = status.stage === 'running' && status.ready;
    const name = quote(inventory?.name ?? evidence.node);
    const tag = readValue(readings.version)?.tag;
    const waits = status.unmetConditions.map(({ name: condition, reason }) => `${condition}: ${reason}`);
    const broken = brokenServices(readValue(readings.services) ?? []).map(({ id }) => id);
    const reasons = present([
      broken.length > 0 ? `${few(broken)} ${broken.length === 1 ? 'is' : 'are'} not up` : undefined,
      waits.length > 0 ? `Talos waits for ${few(waits)}` : undefined,
    ]);
    const why = reasons.length === 0 ? '' : `: ${list(reasons)}`;
    const fallsBackAt = isoTime(bootTimeS * 1000 + BOOT_TIMEOUT_MS);
    const isInTime = status.stage === 'booting' && Date.parse(collectedAt) < bootTimeS * 1000 + BOOT_TIMEOUT_MS;
    const next = isInTime
      ? `it falls back to the old version at about ${fallsBackAt}`
      : 'a boot that fails takes it back to the old version';
    return [
      {
        code: 'upgrade_not_confirmed',
        severity: isReady ? 'info' : 'warning',
        confidence: 'certain',
        summary: `The upgrade of ${name}${tag === undefined ? '' : ` to ${quote(tag)}`} is not confirmed${isReady ? ', although it is running and ready' : `, because it has not been ready since its boot${why}`}; ${next}.`,
        evidence: present([
          cite('metaKeys', `META key ${UPGRADE_KEY} is set: Talos drops it when the node is running and ready.`),
          cite('machineStatus', `Stage ${status.stage}, ${status.ready ? 'ready' : 'not ready'}.`),
          cite('systemStat', `Booted at ${isoTime(bootTimeS * 1000)}.`),
          waits.length > 0 ? cite('machineStatus', `Unmet: ${few(waits)}.`) : undefined,
        ]),
        suggests: [],
        rulesOut: [{ code: 'upgrade_under_way', because: 'It booted more than ten minutes ago.' }],
        advice: isReady
          ? 'Do not reboot it without need: read its META keys again in a few minutes, and look at its kernel log for why the key was not dropped.'
          : 'Find out what keeps it from being ready before you reboot it: a reboot may bring the old version back. If the old one is wanted, roll back on purpose; go on with no other node until this one is ready.',
      },
    ];
  },
};
