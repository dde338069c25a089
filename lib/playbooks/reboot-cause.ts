import { bootFacts } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { KernelLine } from '../evidence/values.ts';
import { isOlder } from '../versions/talos-version.ts';
import { timedOutBootsMs } from './boot-times.ts';
import { cite, present, quote } from './cite.ts';
import type { Citation, Facts } from './finding.ts';
import { minutes } from './node-time.ts';
import { orderBefore, orderText } from './orders.ts';

/**
 * What the evidence after a reboot still says about the one before. The kernel log and the events of the boot before
 * were in memory: an order of somebody else, a panic and a watchdog leave nothing that a node could be asked for. What
 * Medic ordered itself is on its own record.
 */
export type RebootCause = {
  /** What follows "rebooted at …"; empty: nothing says why. */
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly rulesOut: readonly { readonly code: string; readonly because: string }[];
};

export function rebootCause(evidence: Evidence, facts: Facts): RebootCause {
  const { inventory } = facts;
  const { bootTimeS } = bootFacts(evidence);
  const order = bootTimeS === undefined ? undefined : orderBefore(facts, evidence.node, bootTimeS * 1000);
  const image = imageChange(evidence, facts);
  const intervals = timedOutBootsMs(evidence, inventory);
  const end = endOfLastBoot(evidence);
  const firmware = firmwareLine(evidence);
  // one such interval alone may be chance, and what ended this boot is known where somebody ordered it
  const isTimeout = intervals.length > 1 && order === undefined && image?.isUpgrade !== true;
  const texts = present([
    image?.text,
    order && `, as Medic had ordered (${orderText(order)})`,
    isTimeout ? `, as after each of its last ${intervals.length} boots, which ended by the boot timeout` : undefined,
    firmware === undefined ? undefined : ', after the firmware had recorded an error',
    end?.isClean === false ? ', and the boot before ended without a clean unmount' : undefined,
  ]);
  return {
    text: texts.join(''),
    citations: present([
      order && cite('inventory', `On record here: ${orderText(order)}.`),
      image && cite('version', image.says),
      intervals.length > 0
        ? cite(
            'inventory',
            `Last boots ${intervals.slice(-6).map(minutes).join(', ')} apart: 70 to 90 min is what a boot takes that times out.`,
          )
        : undefined,
      firmware && cite('kernelLog', firmware.message),
      end && cite('kernelLog', end.line.message),
      readValue(evidence.readings.metaKeys)?.includes(UPGRADE_KEY)
        ? cite('metaKeys', 'META key 0x06 is set: an upgrade is not confirmed, so a boot that fails falls back.')
        : undefined,
    ]),
    rulesOut:
      end?.isClean === true
        ? [
            {
              code: 'power_or_kernel',
              because: 'The disk was unmounted cleanly, so it was no power loss, panic or hang.',
            },
          ]
        : [],
  };
}

/** Set from an upgrade until the first good boot. Source: siderolabs/talos, meta/constants.go. */
const UPGRADE_KEY = '0x06';

type ImageChange = { readonly text: string; readonly says: string; readonly isUpgrade: boolean };

function imageChange({ readings }: Evidence, { inventory }: Facts): ImageChange | undefined {
  const now = readValue(readings.version)?.tag;
  const before = inventory?.version;
  if (now === undefined || before === undefined) return undefined;
  const says = `Talos ${now} runs, ${before} ran before.`;
  if (isOlder(before, now))
    return { text: ` into ${quote(now)}, an upgrade from ${quote(before)}`, says, isUpgrade: true };
  if (isOlder(now, before))
    return { text: ` into the older ${quote(now)}; ${quote(before)} ran before`, says, isUpgrade: false };
  const schematic = readValue(readings.extensions)?.find(({ name }) => name === 'schematic')?.version;
  const isSame = schematic === undefined || inventory?.schematic === undefined || schematic === inventory.schematic;
  if (isSame) return undefined;
  return {
    text: ` into another image of ${quote(now)}, as its schematic changed`,
    says: `Schematic ${schematic.slice(0, 12)}, before ${inventory.schematic?.slice(0, 12)}.`,
    isUpgrade: true,
  };
}

const BEGINS_RECOVERY = 'Starting recovery (logdev';
const CLEAN_MOUNT = 'Ending clean mount';

/**
 * XFS replays its log where it was not unmounted, and says which it was. Only what Talos itself mounts counts: volumes
 * of pods are mounted later, and may come from elsewhere. Source: Linux, fs/xfs/xfs_log_recover.c and xfs_log.c.
 */
function endOfLastBoot({ readings }: Evidence): { isClean: boolean; line: KernelLine } | undefined {
  const own = (readValue(readings.volumes) ?? [])
    .filter(({ id, location }) => (id === 'STATE' || id === 'EPHEMERAL') && location !== '')
    .map(({ location }) => `XFS (${location.replace(/^\/dev\//, '')}): `);
  const lines = (readValue(readings.kernelLog) ?? []).filter(({ message }) =>
    own.some((device) => message.startsWith(device)),
  );
  const replayed = lines.find(({ message }) => message.includes(BEGINS_RECOVERY));
  const clean = lines.find(({ message }) => message.includes(CLEAN_MOUNT));
  if (replayed !== undefined) return { isClean: false, line: replayed };
  return clean && { isClean: true, line: clean };
}

/** Source: Linux, drivers/acpi/apei/bert.c and arch/x86/kernel/cpu/amd.c (the latter names every reason, also good ones). */
const BERT = 'BERT: Error records from previous boot';
const AMD_ERROR =
  /^x86\/amd: Previous system reset reason \[0x[0-9a-f]{8}\]: .*(?:error|watchdog|thermal|shutdown event)/i;
const firmwareLine = ({ readings }: Evidence): KernelLine | undefined =>
  readValue(readings.kernelLog)?.find(({ message }) => message.startsWith(BERT) || AMD_ERROR.test(message));
