import type { Evidence, PeerEvidence } from '../evidence/evidence.ts';
import { type Reading, readValue } from '../evidence/reading.ts';
import { cite, few, present, quote } from './cite.ts';
import type { Facts, Finding, Playbook } from './finding.ts';
import { doesAnswer } from './peers-vote.ts';

/** So many nodes at once do not fall silent by themselves. Our own choice. */
const MANY = 3;

/** It is the way from Medic to the node, or to the whole cluster. As in siderolabs/talos#10697. */
export const unreachableFromHere: Playbook = {
  name: 'unreachable-from-here',
  diagnose(evidence, facts) {
    if (evidence.reach.mode === 'forwarded') return [onlyFromHere(evidence, facts)];
    return evidence.reach.mode === 'silent' ? present([nobodyFromHere(evidence, facts)]) : [];
  },
};

/** A control plane reaches the node, and everything that is known of it came through there. */
function onlyFromHere(evidence: Evidence, { inventory }: Facts): Finding {
  const { reach, readings, address } = evidence;
  const node = quote(inventory?.name ?? evidence.node);
  const via = quote(reach.via ?? 'a control plane');
  const status = readValue(readings.machineStatus);
  const isWell = status?.stage === 'running' && status.ready;
  const code = reach.error?.code ?? 'unreachable';
  return {
    code: 'unreachable_from_here',
    severity: 'warning',
    confidence: isWell && DROPPED.has(code) ? 'certain' : 'likely',
    summary: `Medic does not reach ${node} at ${quote(address)} (${code}), ${via} does${isWell ? `, and ${node} is running and ready` : ''}: the way from Medic to it is blocked.`,
    evidence: present([
      cite('reach', reach.error?.message ?? 'It did not answer us directly.'),
      cite('peers', `${via} reaches it; everything here was read through it, forwarded.`),
      status && cite('machineStatus', `Stage ${status.stage}, ${status.ready ? 'ready' : 'not ready'}.`),
      isWell ? cite('machineStatus', 'The machine is running and ready.') : undefined,
    ]),
    suggests: [],
    rulesOut: [
      { code: 'node_silent', because: `${via} got an answer from it in the same minute.` },
      { code: 'medic_cut_off', because: `Medic reaches ${via}, so it has a network.` },
    ],
    advice: `Look for a firewall, a security group or a route between Medic and ${quote(address)} port 50000${code === 'handshake_timeout' ? '; connections begin and carry nothing, so look at the MTU and at what inspects TLS too' : ''}. Meanwhile Medic reads through ${via} and changes nothing on ${node}; a reboot of the node does not open the way.`,
  };
}

/** With these, packets got lost on the way; a refusal may come from the node itself in the moment that its API restarts. */
const DROPPED: ReadonlySet<string> = new Set([
  'connection_timeout',
  'handshake_timeout',
  'no_route',
  'unreachable',
  'deadline_exceeded',
]);

/** Neither the node nor any control plane answers, and each of them is silent, not unwilling. */
function nobodyFromHere(evidence: Evidence, { inventory }: Facts): Finding | undefined {
  const { peers, reach } = evidence;
  const silent = peers.filter(isSilent).map(({ node }) => node);
  if (peers.length === 0 || silent.length < peers.length) return undefined;
  const all = [inventory?.name ?? evidence.node, ...silent];
  return {
    code: 'unreachable_from_here',
    severity: 'critical',
    confidence: all.length >= MANY ? 'likely' : 'possible',
    summary: `None of the ${all.length} nodes that Medic asked answers (${few(all)}): the network between Medic and the cluster is down, or the whole site is.`,
    evidence: present([
      cite('reach', reach.error?.message ?? 'No answer, and no reason given.'),
      ...peers.map(({ node, machineStatus }) =>
        machineStatus.ok ? undefined : cite('peers', `${node}: ${machineStatus.error.message}`),
      ),
    ]),
    suggests: [],
    explains: true,
    rulesOut: [
      { code: 'our_certificate_expired', because: 'They do not refuse a certificate; nothing answers at all.' },
    ],
    advice:
      'Look at the network of Medic first (route, VPN, firewall, DNS), then ask from elsewhere whether the cluster is there (talosctl from another place, Kubernetes alerts). Do nothing to single nodes before that.',
  };
}

const isSilent = (peer: PeerEvidence): boolean =>
  !doesAnswer(peer) && isNetworkError(peer.machineStatus) && isNetworkError(peer.members);

const isNetworkError = (reading: Reading<unknown>): boolean =>
  !reading.ok && (DROPPED.has(reading.error.code) || reading.error.code === 'connection_refused');
