import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, few, list, present, quote } from './cite.ts';
import { hostname } from './config-patch.ts';
import { etcdService, isEtcdServing, restartsOf } from './etcd-service.ts';
import type { Citation, Confidence, Facts, Finding, Playbook } from './finding.ts';
import { removedLine } from './removed-member.ts';
import { isControlPlane } from './role.ts';
import { type SameName, sameNameAmongPeers, sameNameAsThis } from './same-name.ts';

const CODE = 'duplicate_hostnames';

/**
 * Two machines under one hostname. A control plane that joins removes the etcd member of its own name first, so two of
 * one name throw each other out. Source: siderolabs/talos, internal/pkg/etcd.
 */
export const duplicateHostnames: Playbook = {
  name: 'duplicate-hostnames',
  diagnose(evidence, facts) {
    const same = sameNameAsThis(evidence, facts);
    if (same !== undefined) return [ofThis(evidence, facts, same)];
    const others = sameNameAmongPeers(evidence);
    return others === undefined ? [] : [ofOthers(others)];
  },
};

function ofThis(evidence: Evidence, facts: Facts, same: SameName): Finding {
  const node = quote(facts.inventory?.name ?? evidence.node);
  const confidence = confidenceOf(evidence, same);
  const isOut = isThrownOut(evidence, facts);
  const { name, live } = same;
  const who = live.length > 0 ? few([node, ...live]) : `${node} and another machine`;
  const verb = confidence === 'certain' ? 'have' : 'seem to have';
  const finding: Finding = {
    code: CODE,
    severity: severityOf(isOut, confidence),
    confidence,
    summary: `${who} ${verb} the same hostname ${quote(name)}${outText(evidence, node, isOut)}.`,
    evidence: citations(evidence, same),
    suggests: [],
    rulesOut: [
      {
        code: 'etcd_member_removed',
        because:
          'A removed member alone is wiped and joins again; under a name that is taken it would throw out the other one.',
      },
      { code: 'fqdn_or_short_name', because: `${quote(name)} is the whole name of both, on two machines.` },
    ],
    patch: hostname('NAME', readValue(evidence.readings.version)?.tag ?? facts.inventory?.version),
    advice: `${renameText(facts, same, node)}${isOut ? `; only then wipe EPHEMERAL of ${node}, so that it joins again` : ''}. Reboots and resets before that make them throw each other out in turn.`,
  };
  return isOut ? { ...finding, explains: true } : finding;
}

/** Two ways to see it, one of them that the other answers now. What discovery remembers may be this node before a wipe. */
function confidenceOf(evidence: Evidence, { live, member, announced }: SameName): Confidence {
  const isLive = live.length > 0;
  const isElsewhere = member !== undefined || announced.length > 1;
  if (isLive && isElsewhere) return 'certain';
  if (isLive || (member !== undefined && (announced.length > 1 || removedLine(evidence) !== undefined)))
    return 'likely';
  return 'possible';
}

function isThrownOut(evidence: Evidence, facts: Facts): boolean {
  const service = etcdService(evidence);
  return isControlPlane(evidence, facts) && service !== undefined && !isEtcdServing(service);
}

function severityOf(isOut: boolean, confidence: Confidence): Finding['severity'] {
  if (isOut) return 'critical';
  return confidence === 'possible' ? 'info' : 'warning';
}

function outText(evidence: Evidence, node: string, isOut: boolean): string {
  const service = etcdService(evidence);
  if (!isOut || service === undefined) return '; whichever joins etcd removes the member of the other';
  const { count, text } = restartsOf(service);
  const restarts = count < 2 ? ' does not run' : ` has ended ${text}`;
  return `: when the other one joined etcd it removed the member of ${node}, whose etcd${restarts}`;
}

function citations(evidence: Evidence, { name, live, member, announced }: SameName): readonly Citation[] {
  const removed = removedLine(evidence);
  const places = announced.map(({ addresses }) => addresses[0] ?? 'no address');
  return present([
    live.length > 0
      ? cite(
          'peers',
          `${list(live)} ${live.length === 1 ? 'answers and calls itself' : 'answer and call themselves'} ${name}.`,
        )
      : undefined,
    removed === undefined ? undefined : cite('logs', removed),
    member && cite('peers', `etcd lists ${member.hostname} at ${list(member.peerUrls)}, which is not this node.`),
    announced.length > 1
      ? cite('affiliates', `${announced.length} nodes announce ${name}: ${list(places)}.`)
      : undefined,
    live.length === 0 && member === undefined
      ? cite('affiliates', 'Entries outlive their node by 30 min, so the other one may be this node before a wipe.')
      : undefined,
  ]);
}

/** The one whose name is not the one that the inventory knows is the one to rename. */
function renameText({ inventory }: Facts, { name, live }: SameName, node: string): string {
  const other = live.length > 0 ? few(live) : 'the other machine';
  if (inventory === undefined) return `Give ${node} or ${other} a hostname of its own`;
  const isOwn = inventory.hostname.toLowerCase() === name.toLowerCase();
  return `Give ${isOwn ? other : node} its own hostname again`;
}

/** Seen from a node that it does no harm to. */
const ofOthers = (same: SameName): Finding => ({
  code: CODE,
  severity: 'warning',
  confidence: 'likely',
  summary: `${few(same.live)} have the same hostname ${quote(same.name)}; whichever joins etcd removes the member of the other.`,
  evidence: [
    cite('peers', `${list(same.live)} answer and call themselves ${same.name}.`),
    cite('affiliates', `${same.announced.length} nodes announce ${same.name}.`),
  ],
  suggests: [],
  rulesOut: [],
  advice: 'Look at those two: one of them needs a hostname of its own before anybody reboots or resets either.',
});
