import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { isAtLeast } from '../versions/talos-version.ts';
import { cite, few, present, quote } from './cite.ts';
import type { Citation, Confidence, Facts, Playbook } from './finding.ts';
import { fieldOf, type Repeated, repeated, talosSays, timesText } from './log-lines.ts';
import { isMember, whoIs } from './membership.ts';

/** One failure while the network comes up is normal (siderolabs/talos#10222); so many are not. */
const OFTEN = 3;
/** Failures older than this may be over. Our own choice. */
const RECENT_MS = 30 * 60_000;
/** Before it the discovery client did not use a proxy (siderolabs/talos#10136). */
const USES_PROXY = '1.10';

/** The node cannot tell the others about itself, and hears of nobody. What runs goes on running. */
export const discoveryUnreachable: Playbook = {
  name: 'discovery-unreachable',
  diagnose(evidence, facts) {
    const failures = repeated(
      talosSays(evidence),
      (message) =>
        message.includes('hello failed') && fieldOf(message, 'controller') === 'cluster.DiscoveryServiceController',
    );
    if (failures === undefined || failures.times < OFTEN || !isRecent(evidence, failures)) return [];
    const seen = sight(evidence, facts);
    const endpoint = quote(fieldOf(failures.last.message, 'endpoint') ?? 'the discovery service');
    return [
      {
        code: 'discovery_unreachable',
        severity: 'warning',
        confidence: confidenceOf(seen),
        summary: `${quote(facts.inventory?.name ?? evidence.node)} does not reach the discovery service ${endpoint}: ${timesText(failures)}${seen.knows === undefined ? '' : `; it knows ${seen.knows} of the cluster's ${Math.max(seen.others ?? 0, seen.knows)} members`}.`,
        evidence: present([
          cite(
            'kernelLog',
            `${timesText(failures)}: ${fieldOf(failures.last.message, 'error') ?? failures.last.message}`,
          ),
          seen.knows === undefined
            ? undefined
            : cite('members', `It knows ${seen.knows} member${seen.knows === 1 ? '' : 's'}, itself included.`),
          peersCitation(seen),
        ]),
        suggests: [],
        rulesOut: [
          {
            code: 'network_not_up_yet',
            because: `It failed ${failures.times} times, the last time long after the start; once during a boot would be normal.`,
          },
        ],
        advice: `Open the way from the node to ${endpoint} (firewall, proxy, DNS, TLS inspection)${isAtLeast(readValue(evidence.readings.version)?.tag, USES_PROXY) ? '' : '; a proxy is used since Talos 1.9.5'}, or disable the service registry where it is not needed. The cluster runs on without it, so this is no reason to reboot or reset.`,
      },
    ];
  },
};

function isRecent({ collectedAt }: Evidence, { last }: Repeated): boolean {
  const ageMs = Date.parse(collectedAt) - Date.parse(last.at ?? '');
  return Number.isNaN(ageMs) || ageMs <= RECENT_MS;
}

type Sight = {
  /** Members that the node itself lists. */
  readonly knows: number | undefined;
  /** The most that a control plane lists. */
  readonly others: number | undefined;
  /** Control planes that do not list the node. */
  readonly without: readonly string[];
};

function sight(evidence: Evidence, { inventory }: Facts): Sight {
  const who = whoIs(evidence, inventory);
  const lists = evidence.peers.flatMap(({ node, members }) => {
    const value = readValue(members);
    return value === undefined ? [] : [{ node, value }];
  });
  return {
    knows: readValue(evidence.readings.members)?.length,
    others: lists.length === 0 ? undefined : Math.max(...lists.map(({ value }) => value.length)),
    without: lists.filter(({ value }) => !value.some(isMember(who))).map(({ node }) => node),
  };
}

/** What is missing on one side of the service is the second witness. */
function confidenceOf({ knows, others, without }: Sight): Confidence {
  const knowsFewer = knows !== undefined && others !== undefined && knows < others;
  return knowsFewer || without.length > 0 ? 'certain' : 'likely';
}

function peersCitation({ others, without }: Sight): Citation | undefined {
  if (others === undefined) return undefined;
  const missing = without.length === 0 ? '' : `; ${few(without)} ${without.length === 1 ? 'does' : 'do'} not list it`;
  return cite('peers', `Control planes list up to ${others} members${missing}.`);
}
