import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { KubespanPeerReading as Peer } from '../evidence/values.ts';
import { cite, few, present, quote } from './cite.ts';
import type { Finding, Playbook } from './finding.ts';
import { minuteOf } from './log-lines.ts';

/** Discovery forgets who has not announced itself for so long, so who is listed has spoken since. Source: siderolabs/talos, discovery_service.go. */
const FORGOTTEN_AFTER_MS = 30 * 60_000;

/** Two nodes have lost each other in KubeSpan while both are there. As in siderolabs/talos#8498 and #9426. */
export const kubespanPeerDown: Playbook = {
  name: 'kubespan-peer-down',
  diagnose(evidence, { inventory }) {
    const peers = readValue(evidence.readings.kubespanPeers) ?? [];
    const down = peers.filter(({ state }) => state === 'down');
    if (down.length === 0) return [];
    const up = peers.filter(({ state }) => state === 'up');
    const alive = down.filter((peer) => isAlive(evidence, peer));
    const node = quote(inventory?.name ?? evidence.node);
    const names = few(down.map(({ label }) => label));
    const isOnePair = up.length > 0 && alive.length > 0;
    return [
      {
        code: 'kubespan_peer_down',
        severity: 'warning',
        confidence: isOnePair ? 'certain' : 'likely',
        summary: `${node} has lost ${names} in KubeSpan${sinceText(down)}, ${up.length === 0 ? 'and with it every peer' : `while ${up.length} other peer${up.length === 1 ? ' is' : 's are'} up`}.`,
        evidence: present([
          ...down
            .slice(0, 4)
            .map(({ label, endpoint, lastHandshakeAt }) =>
              cite(
                'kubespanPeers',
                `${label} is down at ${endpoint}; last handshake ${hadHandshake(lastHandshakeAt) ? lastHandshakeAt : 'never'}.`,
              ),
            ),
          up.length === 0 ? undefined : cite('kubespanPeers', `Up: ${few(up.map(({ label }) => label))}.`),
          alive.length === 0
            ? undefined
            : cite('affiliates', `${few(alive.map(({ label }) => label))} announced itself after that handshake.`),
        ]),
        suggests: isOnePair ? ['reboot'] : [],
        rulesOut: rulesOut(up, alive),
        advice: adviceFor(node, names, isOnePair, up.length),
      },
    ];
  },
};

/** It is still listed, although it would be forgotten by now had it been silent since the handshake. */
function isAlive({ collectedAt, readings }: Evidence, { label, lastHandshakeAt }: Peer): boolean {
  const silentMs = hadHandshake(lastHandshakeAt) ? Date.parse(collectedAt) - Date.parse(lastHandshakeAt) : 0;
  const isListed = (readValue(readings.affiliates) ?? []).some(
    ({ hostname, nodename }) => label !== '' && (hostname === label || nodename === label),
  );
  return isListed && silentMs > FORGOTTEN_AFTER_MS;
}

/** Go writes the year 1 where there was none. */
const hadHandshake = (at: string): boolean => Date.parse(at) > 0;

function sinceText(down: readonly Peer[]): string {
  const handshakes = down.flatMap(({ lastHandshakeAt }) => (hadHandshake(lastHandshakeAt) ? [lastHandshakeAt] : []));
  const oldest = minuteOf(handshakes.toSorted()[0]);
  return oldest === undefined ? '' : ` since ${oldest} UTC`;
}

const rulesOut = (up: readonly Peer[], alive: readonly Peer[]): Finding['rulesOut'] =>
  present([
    up.length > 0
      ? { code: 'kubespan_blocked', because: `Its own way to others is open: ${up.length} of its peers are up.` }
      : undefined,
    alive.length > 0
      ? {
          code: 'node_silent',
          because: `${few(alive.map(({ label }) => label))} still announces itself to the cluster.`,
        }
      : undefined,
  ]);

function adviceFor(node: string, names: string, isOnePair: boolean, up: number): string {
  if (up === 0) {
    return `Look whether UDP port 51820 of ${node} is open in both directions, and at its network; a reboot does not open a firewall.`;
  }
  if (!isOnePair) return `See first whether ${names} runs at all; if so, compare its own KubeSpanPeerStatuses.`;
  return `See that UDP port 51820 is open between ${node} and ${names}; if it is, the link has to be made anew: switch KubeSpan off and on in the config of one of the two, or reboot the one that serves less, one node at a time (all traffic between nodes, etcd's as well, may run through KubeSpan).`;
}
