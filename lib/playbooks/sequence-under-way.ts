import { bootFacts } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { MachineStage } from '../evidence/values.ts';
import { cite, present, quote } from './cite.ts';
import type { Citation, Facts, Finding, Playbook } from './finding.ts';
import { minutes, nodeNow } from './node-time.ts';
import { orderBefore, orderText } from './orders.ts';

/** Boots take less, and so do stops; what takes longer has a cause that is still to be found. */
const TAKES_UP_TO_MS = 10 * 60_000;
/** Stages in which a node is busy with what was ordered, as a person says them. */
const UNDER_WAY: Readonly<Partial<Record<MachineStage, string>>> = {
  rebooting: 'is rebooting',
  'shutting down': 'is shutting down',
  resetting: 'is being reset',
  upgrading: 'is being upgraded',
  installing: 'is installing Talos',
};

/** The node is on its way down or up at this moment: who ordered it can be seen now, and not afterwards. */
export const sequenceUnderWay: Playbook = {
  name: 'sequence-under-way',
  diagnose(evidence, facts) {
    const { mode } = evidence.reach;
    const status = readValue(evidence.readings.machineStatus);
    if ((mode !== 'mtls' && mode !== 'forwarded') || status === undefined) return [];
    const says = UNDER_WAY[status.stage];
    if (says !== undefined) return [onItsWay(evidence, facts, says)];
    return status.stage === 'booting' ? present([comingUp(evidence, facts)]) : [];
  },
};

function onItsWay(evidence: Evidence, facts: Facts, says: string): Finding {
  const lasted = stoppingForMs(evidence);
  const isLong = lasted !== undefined && lasted > TAKES_UP_TO_MS;
  const last = readValue(evidence.readings.sequences)?.findLast(({ action }) => action === 'START');
  const order = orderBefore(facts, evidence.node, Date.parse(evidence.collectedAt));
  const by = order === undefined ? orderedText(last?.actorId) : `, as Medic ordered (${orderText(order)})`;
  return {
    code: 'sequence_under_way',
    severity: 'warning',
    confidence: isLong ? 'possible' : 'likely',
    summary: `${nameOf(evidence, facts)} ${says} right now${lasted === undefined ? '' : `, for ${minutes(lasted)}`}${by}.`,
    evidence: present([
      stageCitation(evidence),
      last &&
        cite(
          'sequences',
          `The sequence ${last.sequence} has begun${last.actorId === '' ? '' : ` (actor ${last.actorId})`}.`,
        ),
      order && cite('inventory', `On record here: ${orderText(order)}.`),
    ]),
    suggests: [],
    ...(isLong ? {} : { explains: true as const }),
    rulesOut: [{ code: 'node_silent', because: 'Its API answers.' }],
    advice: isLong
      ? 'That is longer than it takes: look at its services for one that does not stop, and at its console for an unmount that is tried again and again.'
      : 'Ask whoever ordered it, and look again in ten minutes. Order nothing else meanwhile: Talos refuses it or takes it over.',
  };
}

const orderedText = (actorId: string | undefined): string =>
  actorId === undefined || actorId === '' ? '' : ', as somebody ordered through the API';

/** Since its first service that has not come up again began to stop. */
function stoppingForMs(evidence: Evidence): number | undefined {
  const began = (readValue(evidence.readings.services) ?? [])
    .filter(({ state }) => state === 'Stopping' || state === 'Finished')
    .flatMap(({ events }) => events.filter(({ state }) => state === 'Stopping').map(({ at }) => Date.parse(at)))
    .filter((ms) => ms >= (bootFacts(evidence).bootTimeS ?? 0) * 1000);
  const lasted = nodeNow(evidence).atMs - Math.min(...began);
  return began.length > 0 && lasted >= 0 ? lasted : undefined;
}

function comingUp(evidence: Evidence, facts: Facts): Finding | undefined {
  const { bootTimeS } = bootFacts(evidence);
  const lasted = bootTimeS === undefined ? undefined : nodeNow(evidence).atMs - bootTimeS * 1000;
  if (lasted === undefined || lasted < 0 || lasted >= TAKES_UP_TO_MS) return undefined;
  return {
    code: 'sequence_under_way',
    severity: 'warning',
    confidence: 'likely',
    summary: `${nameOf(evidence, facts)} has been booting for ${minutes(lasted)}; up to ${minutes(TAKES_UP_TO_MS)} are normal.`,
    evidence: present([stageCitation(evidence)]),
    suggests: [],
    explains: true,
    rulesOut: [{ code: 'node_silent', because: 'Its API answers.' }],
    advice: 'Look again in some minutes, before anything is done to it.',
  };
}

const nameOf = (evidence: Evidence, { inventory }: Facts): string => quote(inventory?.name ?? evidence.node);

function stageCitation({ readings }: Evidence): Citation | undefined {
  const status = readValue(readings.machineStatus);
  const unmet = (status?.unmetConditions ?? []).map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  return status && cite('machineStatus', `Stage ${status.stage}${unmet === '' ? '' : `; ${unmet}`}.`);
}
