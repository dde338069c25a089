import { bootFacts } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { isOlder } from '../versions/talos-version.ts';
import { timedOutBootsMs } from './boot-times.ts';
import { cite, present, quote } from './cite.ts';
import type { Facts, Finding, Order, Playbook } from './finding.ts';
import { minuteOf } from './log-lines.ts';
import { orderBefore, orderText } from './orders.ts';

/** Its controller fails as long as the machine is on: the config has keys or documents that this version does not know. */
const UNREADABLE_CONFIG =
  /config\.AcquireController.{0,200}?failed to load .{0,40}? from STATE: (?:unknown keys|.{0,200}?: not registered)/s;

/**
 * An older Talos runs than the one that ran before: the boot loader fell back, an upgrade did not make its entry the
 * default (siderolabs/talos#9088), or somebody rolled back. Where that version cannot read the config nobody listens at
 * the port, and the node is silent: what is found here is what can still be asked.
 */
export const previousVersionBooted: Playbook = {
  name: 'previous-version-booted',
  diagnose(evidence, facts) {
    const { inventory } = facts;
    const { readings, reach } = evidence;
    const now = readValue(readings.version)?.tag;
    const before = inventory?.version;
    if (inventory === undefined || before === undefined || now === undefined || !isOlder(now, before)) return [];
    const unreadable = readValue(readings.kernelLog)?.findLast(({ message }) => UNREADABLE_CONFIG.test(message));
    const isTimeout = timedOutBootsMs(evidence, inventory).length > 0;
    const wanted = wantedBack(evidence, facts);
    const how = wanted === undefined ? fellBackText(isTimeout) : `as Medic had ordered (${orderText(wanted)})`;
    return [
      {
        code: 'previous_version_booted',
        severity: severityOf(unreadable !== undefined, wanted !== undefined),
        confidence: unreadable === undefined ? 'likely' : 'certain',
        summary: `${quote(inventory.name)} runs Talos ${quote(now)}, older than the ${quote(before)} that ran until ${minuteOf(inventory.seenAt) ?? ''} UTC: ${unreadable === undefined ? how : 'it cannot read the config that the newer one stored'}.`,
        evidence: present([
          cite('version', `Talos ${now} runs.`),
          cite('inventory', `Talos ${before}, last seen ${inventory.seenAt}.`),
          unreadable && cite('kernelLog', unreadable.message),
          wanted && cite('inventory', `On record here: ${orderText(wanted)}.`),
          isTimeout
            ? cite('inventory', 'Its last boots are 70 to 90 min apart, which is what a failed one takes.')
            : undefined,
          reach.mode === 'maintenance' ? cite('reach', 'It is in maintenance mode.') : undefined,
        ]),
        suggests: wanted !== undefined && unreadable === undefined ? [] : ['upgrade'],
        parameters: { upgrade: { version: before } },
        ...(unreadable === undefined ? {} : { explains: true as const }),
        rulesOut: [],
        advice:
          wanted === undefined || unreadable !== undefined
            ? `If nobody wanted that: choose the newer entry in the boot menu, then upgrade to ${quote(before)} again, so that it becomes the default. Do not apply an older config: the stored one is right for ${quote(before)}.`
            : 'Nothing has to be done; the next upgrade brings the newer version back.',
      },
    ];
  },
};

/** A rollback that Medic itself made, with this boot as its outcome. */
function wantedBack(evidence: Evidence, facts: Facts): Order | undefined {
  const { bootTimeS } = bootFacts(evidence);
  const order = bootTimeS === undefined ? undefined : orderBefore(facts, evidence.node, bootTimeS * 1000);
  return order?.action === 'rollback' ? order : undefined;
}

const fellBackText = (isTimeout: boolean): string =>
  isTimeout
    ? 'its boot timed out and fell back'
    : 'the boot loader took the older entry, a failed boot fell back, or somebody rolled back';

function severityOf(isUnreadable: boolean, isWanted: boolean): Finding['severity'] {
  if (isUnreadable) return 'critical';
  return isWanted ? 'info' : 'warning';
}
