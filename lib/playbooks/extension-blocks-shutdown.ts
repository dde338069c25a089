import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { MachineStage, ServiceReading } from '../evidence/values.ts';
import { isAtLeast } from '../versions/talos-version.ts';
import { cite, list, present, quote } from './cite.ts';
import { extensionOf } from './extension-layers.ts';
import type { Citation, Playbook } from './finding.ts';
import { lastedMs, minutes, nodeNow } from './node-time.ts';
import { isExtension } from './services.ts';

/** Stopping a service takes seconds, and half a minute more where it has to be killed. */
const STOP_TAKES_MS = 5 * 60_000;
/** As many are named, however many a node sends. */
const MAX_SERVICES = 3;
const GOES_DOWN: ReadonlySet<MachineStage> = new Set(['rebooting', 'shutting down', 'upgrading', 'resetting']);

/**
 * The node is on its way down and waits for the service of an extension that cannot be killed: zfs, which exports its
 * pools (siderolabs/extensions#1085, #1193).
 */
export const extensionBlocksShutdown: Playbook = {
  name: 'extension-blocks-shutdown',
  diagnose(evidence, { inventory }) {
    const { readings } = evidence;
    const stage = readValue(readings.machineStatus)?.stage;
    if (stage !== undefined && !GOES_DOWN.has(stage)) return [];
    const stuck = (readValue(readings.services) ?? [])
      .filter(isExtension)
      .map((service) => ({ service, lasted: stoppingMs(evidence, service) }))
      .filter(({ lasted }) => lasted !== undefined && lasted >= STOP_TAKES_MS)
      .slice(0, MAX_SERVICES);
    const longest = Math.max(...stuck.map(({ lasted }) => lasted ?? 0));
    if (stuck.length === 0) return [];
    const isKilled = stuck.every(({ service }) => killOf(service) !== undefined);
    const isSure = stage !== undefined && isKilled && nodeNow(evidence).isProven;
    const names = list(stuck.map(({ service }) => nameOf(evidence, service)));
    const isOne = stuck.length === 1;
    return [
      {
        code: 'extension_blocks_shutdown',
        severity: 'critical',
        confidence: isSure ? 'certain' : 'likely',
        summary: `${quote(inventory?.name ?? evidence.node)} has been ${stage ?? 'going down'} for ${minutes(longest)}, because ${names} ${isOne ? 'does' : 'do'} not stop${isKilled ? `: SIGKILL did not end ${isOne ? 'it' : 'them'}` : ''}.`,
        evidence: present([
          ...stuck.map(({ service }) => stopCitation(service)),
          sequenceCitation(evidence),
          ...stuck.map(({ service }) => layerCitation(evidence, service)),
        ]),
        suggests: [],
        explains: true,
        rulesOut: [
          {
            code: 'node_silent',
            because: 'Its API answers and its services are listed: the machine has not hung, it waits.',
          },
        ],
        advice: `${forceText(evidence)} Replicas of its data elsewhere must be healthy first: its pools are not exported. Then upgrade to an image whose extension stops in bounded time. Another graceful reboot waits for the same service.`,
      },
    ];
  },
};

const firstStop = ({ state, events }: ServiceReading) =>
  state === 'Stopping' ? events[events.findLastIndex((event) => event.state !== 'Stopping') + 1] : undefined;
const stoppingMs = (evidence: Evidence, service: ServiceReading): number | undefined => {
  const first = firstStop(service);
  return first === undefined ? undefined : lastedMs(evidence, first.at);
};
const killOf = ({ events }: ServiceReading) =>
  events.findLast(({ state, message }) => state === 'Stopping' && message.includes('SIGKILL'));

function nameOf(evidence: Evidence, service: ServiceReading): string {
  const extension = extensionOf(evidence, service.id);
  return `${quote(service.id)}${extension === undefined ? '' : ` (${quote(`${extension.name} ${extension.version}`)})`}`;
}

function stopCitation(service: ServiceReading): Citation {
  const event = killOf(service) ?? firstStop(service);
  return cite('services', `${service.id} (Stopping): ${event?.message ?? ''}${event?.at ? ` at ${event.at}` : ''}`);
}

function sequenceCitation({ readings }: Evidence): Citation | undefined {
  const last = readValue(readings.sequences)?.at(-1);
  if (last === undefined || last.action !== 'START') return undefined;
  const actor = last.actorId === '' ? '' : ` It was ordered through the API (actor ${last.actorId}).`;
  return cite('sequences', `The sequence ${last.sequence} has begun and not ended.${actor}`);
}

function layerCitation(evidence: Evidence, { id }: ServiceReading): Citation | undefined {
  const extension = extensionOf(evidence, id);
  return extension && cite('extensions', `Extension ${extension.name} ${extension.version}.`);
}

/** Mode FORCE skips stopping and unmounting from 1.12 on. Source: siderolabs/talos, v1alpha1_server.go. */
const forceText = ({ readings }: Evidence): string =>
  isAtLeast(readValue(readings.version)?.tag, '1.12')
    ? 'Power-cycle it, or try talosctl reboot --mode force, which skips the stop.'
    : 'Power-cycle it.';
