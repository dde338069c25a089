import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, list, present, quote } from './cite.ts';
import type { Citation, Playbook } from './finding.ts';
import { membershipOf } from './membership.ts';

/** Nothing answers at the node's address; its neighbours are asked about it. Design section 7. */
export const nodeSilent: Playbook = {
  name: 'node-silent',
  diagnose(evidence, facts) {
    const { reach } = evidence;
    if (reach.mode !== 'silent') return [];
    const answering = evidence.peers.filter(doesAnswer).map(({ node }) => node);
    const isAlone = evidence.peers.length > 0 && answering.length === 0;
    const name = quote(facts.inventory?.name ?? evidence.node);
    const code = reach.error?.code ?? 'unreachable';
    return [
      {
        code: 'node_silent',
        severity: 'critical',
        confidence: confidenceOf(evidence, answering.length),
        summary: `${name} does not answer at ${evidence.address} (${code})${summaryEnd(answering, isAlone)}.`,
        evidence: present([
          cite('reach', reach.error?.message ?? 'No answer, and no reason given.'),
          ...dialCitations(evidence),
          membershipText(evidence, facts.inventory),
          etcdText(evidence),
        ]),
        suggests: [],
        rulesOut:
          answering.length > 0 ? [{ code: 'medic_cut_off', because: `${list(answering)} answered from here.` }] : [],
        advice: isAlone
          ? 'No control plane answers from here either: check the network of Medic before the node.'
          : adviceFor(code),
      },
    ];
  },
};

const doesAnswer = ({ machineStatus, members, etcdMembers }: Evidence['peers'][number]): boolean =>
  machineStatus.ok || members.ok || etcdMembers.ok;

/** That it is silent for others too needs one that answers; `certain` also needs that its proxy found it silent. */
function confidenceOf({ peers }: Evidence, answering: number): 'certain' | 'likely' | 'possible' {
  if (answering === 0) return 'possible';
  return peers.some(({ proxyDial }) => proxyDial?.ok === false) ? 'certain' : 'likely';
}

function summaryEnd(answering: readonly string[], isAlone: boolean): string {
  if (isAlone) return ', nor does any control plane: it may be us';
  return answering.length > 0 ? `, while ${list(answering)} ${answering.length === 1 ? 'does' : 'do'}` : '';
}

const dialCitations = ({ peers }: Evidence): readonly Citation[] =>
  peers.flatMap(({ node, proxyDial }) => {
    if (proxyDial === undefined) return [];
    return [
      cite(
        'peers',
        proxyDial.ok ? `${node} reaches it.` : `${node} does not reach it either: ${proxyDial.error.message}`,
      ),
    ];
  });

function membershipText(evidence: Evidence, inventory: Parameters<typeof membershipOf>[1]): Citation | undefined {
  const { inEtcd, inDiscovery, askedEtcd, askedDiscovery } = membershipOf(evidence, inventory);
  const said = present([
    inDiscovery === 'unknown'
      ? undefined
      : `${inDiscovery === 'yes' ? 'listed' : 'not listed'} by discovery (${list(askedDiscovery)})`,
    inEtcd === 'unknown' ? undefined : `${inEtcd === 'yes' ? 'an' : 'no'} etcd member (${list(askedEtcd)})`,
  ]);
  return said.length === 0 ? undefined : cite('peers', `For its peers it is ${said.join(' and ')}.`);
}

function etcdText({ peers }: Evidence): Citation | undefined {
  const statuses = peers.flatMap(({ node, etcdStatus }) => {
    const value = readValue(etcdStatus);
    return value === undefined ? [] : [{ node, isFine: value.leader !== '0' && value.errors.length === 0 }];
  });
  if (statuses.length === 0) return undefined;
  const fine = statuses.filter(({ isFine }) => isFine).map(({ node }) => node);
  return cite(
    'peers',
    `etcd has a leader and no errors on ${fine.length} of ${statuses.length} asked${fine.length > 0 ? ` (${list(fine)})` : ''}.`,
  );
}

function adviceFor(code: string): string {
  if (code === 'connection_refused') {
    return 'The host is up but its API is not: look at the console, it may be booting, shutting down or stuck.';
  }
  if (code === 'handshake_timeout' || code === 'deadline_exceeded') {
    return 'The host accepts connections but does not talk: look at the console for memory or disk trouble before you switch it off.';
  }
  return 'Look at power and console of the machine, then at the network between here and it; Talos cannot switch it on.';
}
