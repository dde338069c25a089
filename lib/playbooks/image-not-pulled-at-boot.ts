import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { ServiceReading } from '../evidence/values.ts';
import { cite, few, list, present, quote } from './cite.ts';
import { NAME_SERVERS } from './config-patch.ts';
import type { Citation, Finding, Playbook } from './finding.ts';
import { minuteOf } from './log-lines.ts';

/** As in siderolabs/talos#9431; it is tried once in this stage and never again (#11052). */
const PULL = /^Failed to run pre stage: failed to pull image "([^"]{1,300})":?\s?(.*)$/s;
/** However many a node sends. */
const MAX_CITED = 4;
const LOOKUP = /\blookup \S{1,253}(?: on \S{1,64})?:|no such host|server misbehaving/;
/** An answer of the registry that the next try gets too. */
const FOR_GOOD =
  /: not found\b|manifest unknown|unauthorized|authorization failed|forbidden|access denied|\b40[134]\b|x509:/i;

type Kind = 'names' | 'for good' | 'network';
type Failed = {
  readonly id: string;
  readonly at: string;
  readonly image: string;
  readonly cause: string;
  readonly kind: Kind;
};

/** The registry could not be reached at the one moment of the boot when the image of a service was wanted. */
export const imageNotPulledAtBoot: Playbook = {
  name: 'image-not-pulled-at-boot',
  diagnose(evidence, facts) {
    const failed = (readValue(evidence.readings.services) ?? []).flatMap(failedPull);
    const [first] = failed;
    if (first === undefined) return [];
    const tag = readValue(evidence.readings.timeStatus)?.synced === true;
    return [
      {
        code: 'image_not_pulled_at_boot',
        severity: 'critical',
        confidence: 'certain',
        summary: `${few(failed.map(({ id }) => id))} on ${quote(facts.inventory?.name ?? evidence.node)} ${failed.length === 1 ? 'has' : 'have'} not run since ${sinceText(first)}, because the image ${quote(first.image)} could not be pulled then: ${reasonOf(first)}.`,
        evidence: present([
          ...failed
            .slice(0, MAX_CITED)
            .map(({ id, image, cause }) => cite('services', `${id} (Failed): ${image}: ${cause}`)),
          namesCitation(evidence, first),
          resolversCitation(evidence, first),
        ]),
        suggests: suggestsFor(evidence, failed),
        parameters: { restart_service: { service: 'kubelet' } },
        explains: true,
        rulesOut: present([
          {
            code: 'service_waits_forever',
            because: 'It has failed, so it waits for nothing, and Talos does not try again.',
          },
          tag ? { code: 'time_not_synced', because: 'The clock is in time.' } : undefined,
        ]),
        advice: adviceFor(evidence, failed),
        ...(namesNow(evidence) === 'no' ? { patch: NAME_SERVERS } : {}),
      },
    ];
  },
};

function failedPull({ id, state, events }: ServiceReading): readonly Failed[] {
  const last = events.at(-1);
  const match = state === 'Failed' ? PULL.exec(last?.message ?? '') : null;
  if (match === null || last === undefined) return [];
  const [, image = '', cause = ''] = match;
  return [{ id, at: last.at, image, cause, kind: kindOf(cause) }];
}

function kindOf(cause: string): Kind {
  if (LOOKUP.test(cause)) return 'names';
  return FOR_GOOD.test(cause) ? 'for good' : 'network';
}

function sinceText({ at }: Failed): string {
  const minute = minuteOf(at);
  return minute === undefined ? 'the boot' : `${minute} UTC`;
}

const REASONS: Readonly<Record<Kind, string>> = {
  names: 'the name of the registry could not be resolved',
  'for good': 'the registry refuses it',
  network: 'the registry could not be asked',
};
const reasonOf = ({ kind }: Failed): string => REASONS[kind];

/** Asking a time server by its name shows whether names can be resolved now. */
function namesNow({ readings }: Evidence): 'yes' | 'no' | 'unknown' {
  const { clock } = readings;
  if (clock === undefined) return 'unknown';
  if (!clock.ok) return LOOKUP.test(clock.error.message) ? 'no' : 'unknown';
  return /[a-z]/i.test(clock.value.server) && !clock.value.server.includes(':') ? 'yes' : 'unknown';
}

function namesCitation(evidence: Evidence, { kind }: Failed): Citation | undefined {
  const now = namesNow(evidence);
  if (kind !== 'names' || now === 'unknown') return undefined;
  const server = readValue(evidence.readings.clock)?.server ?? '';
  return now === 'yes'
    ? cite('clock', `Names can be resolved now: the time server ${server} was asked by its name.`)
    : cite('clock', 'Names still cannot be resolved: the time server could not be asked.');
}

function resolversCitation({ readings }: Evidence, { kind }: Failed): Citation | undefined {
  const resolvers = readValue(readings.resolvers);
  if (kind !== 'names' || resolvers === undefined) return undefined;
  return cite('resolvers', `It asks ${resolvers.length === 0 ? 'no name server' : few(resolvers)}.`);
}

const isKubeletOnly = (failed: readonly Failed[]): boolean => failed.every(({ id }) => id === 'kubelet');

/** Only kubelet can be restarted through the API. Source: siderolabs/talos, system/services, APIRestartAllowed. */
function suggestsFor(evidence: Evidence, failed: readonly Failed[]): Finding['suggests'] {
  if (failed.some(({ kind }) => kind === 'for good')) return ['apply_config'];
  if (isKubeletOnly(failed)) return ['restart_service'];
  return namesNow(evidence) === 'no' ? [] : ['reboot'];
}

function adviceFor(evidence: Evidence, failed: readonly Failed[]): string {
  if (failed.some(({ kind }) => kind === 'for good')) {
    return 'Correct the image, the registry mirror or its credentials in the machine config: what the registry refuses it refuses again.';
  }
  const first =
    namesNow(evidence) === 'no'
      ? 'First give it name servers that answer (machine.network.nameservers). '
      : 'Name servers that answer, or a registry mirror, keep it from coming back. ';
  if (isKubeletOnly(failed)) return `${first}Then restart the service: talosctl service kubelet restart.`;
  return `${first}The API does not restart ${quote(list(failed.map(({ id }) => id).filter((id) => id !== 'kubelet')))}: reboot this node once, as soon as names can be resolved and the other members keep the quorum; its data is well.`;
}
