import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { cite, list, present, quote } from './cite.ts';
import type { Citation, Order, Playbook } from './finding.ts';
import { whoIs } from './membership.ts';
import { orderBefore, orderText } from './orders.ts';
import { describeVote, doesAnswer, isAffiliate, type Vote, votesOf } from './peers-vote.ts';
import { type Silence, silenceOf } from './silence.ts';

/** Nothing answers at the node's address; its neighbours are asked about it. */
export const nodeSilent: Playbook = {
  name: 'node-silent',
  diagnose(evidence, facts) {
    const { reach } = evidence;
    if (reach.mode !== 'silent') return [];
    const answering = evidence.peers.filter(doesAnswer).map(({ node }) => node);
    const isAlone = evidence.peers.length > 0 && answering.length === 0;
    const votes = votesOf(evidence, facts.inventory);
    const name = quote(facts.inventory?.name ?? evidence.node);
    const code = reach.error?.code ?? 'unreachable';
    const order = orderBefore(facts, evidence.node, Date.parse(evidence.collectedAt), COMES_BACK_WITHIN_MS);
    const { looks, advice } = order === undefined ? silenceOf(evidence, votes) : onItsWay(order);
    return [
      {
        code: 'node_silent',
        severity: 'critical',
        confidence: confidenceOf(votes, answering.length),
        summary: `${name} does not answer at ${evidence.address} (${code})${summaryEnd(answering, isAlone)}${looks === '' ? '' : `; most likely ${looks}`}.`,
        evidence: present([
          cite('reach', reach.error?.message ?? 'No answer, and no reason given.'),
          order && cite('inventory', `On record here: ${orderText(order)}.`),
          ...dialCitations(evidence),
          ...votes.map(voteCitation),
          lastSeen(evidence, facts.inventory),
        ]),
        suggests: [],
        rulesOut:
          answering.length > 0 ? [{ code: 'medic_cut_off', because: `${list(answering)} answered from here.` }] : [],
        advice,
      },
    ];
  },
};

/** A reboot takes minutes, an upgrade some more. Our own choice. */
const COMES_BACK_WITHIN_MS = 15 * 60_000;

/** Medic itself took it down, so that it is silent says nothing yet. */
const onItsWay = (order: Order): Silence => ({
  looks: `it is on its way down or up again, as Medic ordered (${orderText(order)})`,
  advice:
    'Wait until a quarter of an hour has passed since. If it is silent then, look at its console: it may hang in its shutdown or in its firmware (kexec); a power cycle gets it out of both.',
});

/** That it is silent for others too needs one that answers; `certain` also needs that their proxies found it silent. */
function confidenceOf(votes: readonly Vote[], answering: number): 'certain' | 'likely' | 'possible' {
  if (answering === 0) return 'possible';
  return votes.some(({ topic, verdict }) => topic === 'reachable' && verdict === 'no') ? 'certain' : 'likely';
}

function summaryEnd(answering: readonly string[], isAlone: boolean): string {
  if (isAlone) return ', nor does any control plane: it may be us';
  return answering.length > 0 ? `, while ${list(answering)} ${answering.length === 1 ? 'does' : 'do'}` : '';
}

/** What the proxies met, said once where they met the same. */
function dialCitations({ peers }: Evidence): readonly Citation[] {
  const byAnswer = new Map<string, string[]>();
  for (const { node, proxyDial } of peers) {
    if (proxyDial === undefined) continue;
    const answer = proxyDial.ok ? '' : proxyDial.error.message;
    byAnswer.set(answer, [...(byAnswer.get(answer) ?? []), node]);
  }
  return [...byAnswer].map(([answer, names]) => {
    const isOne = names.length === 1;
    if (answer === '') return cite('peers', `${list(names)} ${isOne ? 'reaches' : 'reach'} it.`);
    return cite('peers', `${list(names)} ${isOne ? 'does' : 'do'} not reach it either: ${answer}`);
  });
}

/** The dials are quoted above with their errors. */
function voteCitation(vote: Vote): Citation | undefined {
  const text = vote.topic === 'reachable' ? undefined : describeVote(vote);
  return text === undefined ? undefined : cite('peers', text);
}

/** Where its peers saw it last, which may be another address than ours. */
function lastSeen(
  { address, peers, ...evidence }: Evidence,
  inventory: InventoryEntry | undefined,
): Citation | undefined {
  const who = whoIs({ address, peers, ...evidence }, inventory);
  const seen = new Set(
    peers
      .flatMap(({ affiliates }) => readValue(affiliates) ?? [])
      .filter(isAffiliate(who))
      .flatMap(({ addresses }) => addresses),
  );
  if (seen.size === 0 || seen.has(address)) return undefined;
  return cite('peers', `Discovery last saw it at ${list([...seen].slice(0, 4))}, not at ${address}.`);
}
