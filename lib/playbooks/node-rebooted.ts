import { bootFacts, sameBoot } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, few, present, quote } from './cite.ts';
import type { Playbook } from './finding.ts';
import { minuteOf } from './log-lines.ts';
import { isoTime } from './node-time.ts';
import { rebootCause } from './reboot-cause.ts';
import { brokenServices } from './services.ts';

/** The node booted since the inventory last saw it, and what is left that says why. */
export const nodeRebooted: Playbook = {
  name: 'node-rebooted',
  diagnose(evidence, facts) {
    const { inventory } = facts;
    const { bootTimeS } = bootFacts(evidence);
    const last = inventory?.boots.at(-1);
    if (inventory === undefined || last === undefined || bootTimeS === undefined) return [];
    const known = { bootId: undefined, spki: undefined, bootTimeS: last.bootTimeS };
    const isSame = sameBoot(known, { ...known, bootTimeS }) === true;
    if (isSame || bootTimeS < last.bootTimeS) return [];
    const cause = rebootCause(evidence, facts);
    return [
      {
        code: 'node_rebooted',
        severity: 'info',
        confidence: 'certain',
        summary: `${quote(inventory.name)} rebooted at ${timeText(bootTimeS)}${cause.text}${servicesText(evidence)}.`,
        evidence: present([
          cite('systemStat', `Boot time ${timeText(bootTimeS)}.`),
          cite(
            'inventory',
            `The boot known before began at ${timeText(last.bootTimeS)}; last seen ${minuteOf(inventory.seenAt) ?? inventory.seenAt} UTC.`,
          ),
          ...cause.citations,
          sequenceText(evidence),
        ]),
        suggests: [],
        rulesOut: cause.rulesOut,
        ...(cause.text === '' ? { advice: NOT_TOLD } : {}),
      },
    ];
  },
};

const NOT_TOLD =
  'The node does not say why: kernel log and events of the boot before were in its memory. Its console, a receiver of its kernel log (KmsgLogConfig) or its platform may.';

/** To the minute; whatever a node calls its boot time. */
function timeText(epochS: number): string {
  const text = isoTime(epochS * 1000);
  const minute = minuteOf(text);
  return minute === undefined ? text : `${minute} UTC`;
}

function servicesText({ readings, reach }: Evidence): string {
  if (reach.mode === 'maintenance') return ' into maintenance mode';
  const services = readValue(readings.services);
  if (services === undefined) return '; its services could not be read';
  const broken = brokenServices(services);
  return broken.length === 0 ? '; its services are up' : `; not up: ${few(broken.map(({ id }) => id))}`;
}

/** Of this boot: who ordered the next one is seen only while it begins. */
function sequenceText({ readings }: Evidence) {
  const sequences = readValue(readings.sequences);
  if (sequences === undefined || sequences.length === 0) return undefined;
  const names = [...new Set(sequences.map(({ sequence }) => quote(sequence)))];
  const ordered = sequences.findLast(({ actorId, action }) => actorId !== '' && action === 'START');
  const failed = sequences.findLast(({ error }) => error?.code === 'FATAL');
  const by =
    ordered === undefined
      ? ''
      : ` ${quote(ordered.sequence)} was ordered through the API (actor ${quote(ordered.actorId)}).`;
  const why = failed === undefined ? '' : ` ${quote(failed.sequence)} failed: ${failed.error?.message ?? ''}`;
  return cite('sequences', `Sequences of this boot: ${names.slice(0, 6).join(', ')}.${by}${why}`);
}
