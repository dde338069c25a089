import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { isAtLeast } from '../versions/talos-version.ts';
import { cite, few, present, quote } from './cite.ts';
import { NAME_SERVERS, TIME_SERVERS } from './config-patch.ts';
import type { Citation, Confidence, Facts, Playbook } from './finding.ts';
import { minutes } from './node-time.ts';
import { TIME_CONDITION, waitOf } from './service-wait.ts';

/** A node that reaches its time servers is in time seconds after its network is up. */
const SYNC_TAKES_MS = 5 * 60_000;
const HINT_AFTER_MS = 2 * 60_000;
/** However many wait. */
const MAX_CITED = 4;

/** No time server answers, and what needs the time waits for it (siderolabs/talos#6493, #7317). */
export const timeNotSynced: Playbook = {
  name: 'time-not-synced',
  diagnose(evidence, facts) {
    const { readings } = evidence;
    const status = readValue(readings.machineStatus);
    if (status !== undefined && status.stage !== 'booting' && status.stage !== 'running') return [];
    const time = readValue(readings.timeStatus);
    if (time?.synced === true) return [];
    const waiting = (readValue(readings.services) ?? []).filter((one) =>
      waitOf(one)?.conditions.includes(TIME_CONDITION),
    );
    const unmet = status?.unmetConditions.find(({ name }) => name === 'time');
    const witnesses = [time?.synced === false, waiting.length > 0, unmet !== undefined].filter(Boolean).length;
    const confidence = confidenceOf(witnesses, loggedMs(evidence), isNetworkUp(evidence));
    if (confidence === undefined) return [];
    const names = few(waiting.map(({ id }) => id));
    const servers = readValue(readings.timeServers) ?? [];
    const who =
      servers.length === 0
        ? 'no time server answers'
        : `${few(servers)} ${servers.length === 1 ? 'does' : 'do'} not answer`;
    const lasted = loggedMs(evidence);
    const since = lasted === undefined ? '' : ` (${minutes(lasted)})`;
    return [
      {
        code: 'time_not_synced',
        severity: waiting.length > 0 || status?.ready === false ? 'critical' : 'warning',
        confidence,
        summary: `The clock of ${quote(facts.inventory?.name ?? evidence.node)} has not been set since its boot${since}, because ${who}${names === '' ? '' : `; ${names} ${waiting.length === 1 ? 'waits' : 'wait'} for it`}.`,
        evidence: present([
          time && cite('timeStatus', 'The clock is not in time, and syncing is not switched off.'),
          ...waiting
            .slice(0, MAX_CITED)
            .map(({ id, events }) => cite('services', `${id} (Waiting): ${events.at(-1)?.message ?? ''}`)),
          unmet && cite('machineStatus', `Unmet: ${unmet.name} (${unmet.reason}).`),
          logCitation(evidence),
          readings.clock && !readings.clock.ok ? cite('clock', readings.clock.error.message) : undefined,
          resolversCitation(evidence),
          baselineCitation(facts, servers),
        ]),
        suggests: ['apply_config'],
        ...(confidence === 'possible' ? {} : { explains: true as const }),
        rulesOut: present([
          isNetworkUp(evidence)
            ? { code: 'network_down', because: 'Talos calls the network ready: addresses and a route are there.' }
            : undefined,
          { code: 'service_waits_forever', because: 'What waits has started in this boot and lacks the time alone.' },
        ]),
        advice: adviceFor(evidence, facts),
        patch: linesAbout(evidence, LOOKUP).length > 0 ? NAME_SERVERS : TIME_SERVERS,
      },
    ];
  },
};

/**
 * How long the kernel log goes on: the one measure that no wrong clock spoils, because both of its ends are read from
 * the same one. undefined: no log.
 */
function loggedMs({ readings }: Evidence): number | undefined {
  const lines = readValue(readings.kernelLog) ?? [];
  const first = lines.find(({ at }) => at !== undefined)?.at;
  const last = lines.findLast(({ at }) => at !== undefined)?.at;
  const ms = Date.parse(last ?? '') - Date.parse(first ?? '');
  return ms >= 0 ? ms : undefined;
}

/** A node without a network has no time either, and then that is its fault. undefined: not read. */
function isNetworkUp({ readings }: Evidence): boolean | undefined {
  const network = readValue(readings.networkStatus);
  return network?.addressReady && network.connectivityReady;
}

function confidenceOf(
  witnesses: number,
  lasted: number | undefined,
  isUp: boolean | undefined,
): Confidence | undefined {
  if (witnesses === 0 || (lasted !== undefined && lasted < HINT_AFTER_MS)) return undefined;
  if (isUp === false || (lasted !== undefined && lasted < SYNC_TAKES_MS)) return 'possible';
  if (lasted === undefined) return witnesses > 1 ? 'likely' : 'possible';
  return witnesses > 1 && isUp ? 'certain' : 'likely';
}

const LOOKUP = /failed looking up "([^"]{1,253})"/;
const NTS = /invalid packet format/;

/** Why no server answers, as Talos says it: of the kernel log, which has what controllers say too. */
const linesAbout = ({ readings }: Evidence, what: RegExp) =>
  (readValue(readings.kernelLog) ?? []).filter(({ message }) => what.test(message));

function logCitation(evidence: Evidence): Citation | undefined {
  const nts = linesAbout(evidence, NTS);
  const lines = nts.length > 0 ? nts : linesAbout(evidence, LOOKUP);
  const last = lines.at(-1);
  return last && cite('kernelLog', `${last.message} (${lines.length} times)`);
}

function resolversCitation(evidence: Evidence): Citation | undefined {
  const resolvers = readValue(evidence.readings.resolvers);
  if (resolvers === undefined || linesAbout(evidence, LOOKUP).length === 0) return undefined;
  return cite('resolvers', `It asks ${resolvers.length === 0 ? 'no name server' : few(resolvers)} for names.`);
}

function baselineCitation({ inventory }: Facts, servers: readonly string[]): Citation | undefined {
  const before = inventory?.baseline?.timeServers ?? [];
  const isSame = before.length === servers.length && before.every((server) => servers.includes(server));
  return before.length === 0 || isSame ? undefined : cite('inventory', `While it was well it asked ${few(before)}.`);
}

/** TimeSyncConfig exists from 1.12 on, NTS is the default of 1.14. Source: siderolabs/talos, config types. */
function adviceFor(evidence: Evidence, { inventory }: Facts): string {
  const tag = readValue(evidence.readings.version)?.tag ?? inventory?.version;
  const where = isAtLeast(tag, '1.12')
    ? `TimeSyncConfig (or machine.time.servers)${isAtLeast(tag, '1.14') ? ', with useNTS: false where NTS is intercepted' : ''}`
    : 'machine.time.servers';
  const names =
    linesAbout(evidence, LOOKUP).length > 0
      ? 'The names of its time servers cannot be looked up: give it name servers that answer, or time servers by address'
      : 'Open UDP port 123 to its time servers, or name others that it reaches';
  return `${names}, in ${where}; machine.time.bootTimeout lets a boot go on without the time. Both take effect without a reboot, and what waits starts by itself; a reboot only waits again.`;
}
