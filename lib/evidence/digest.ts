import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { InventoryEntry } from '../inventory/entry.ts';
import { compareIdentity, observedIdentity } from '../inventory/identity.ts';
import type { Finding } from '../playbooks/finding.ts';
import { bootFacts, sameBoot } from './boot.ts';
import type { Evidence } from './evidence.ts';
import { type Reading, readValue } from './reading.ts';
import type { EtcdStatusReading } from './values.ts';

/**
 * The facts that a plan rests on: when one of them changes, the plan is void. Nothing that moves by itself is in it
 * (times, sizes, raft indexes, who leads). Empty text: not known.
 */
export type DecisiveFacts = {
  readonly cluster: string;
  readonly node: string;
  /** `known:<uuid>` while the inventory's machine is proven, else what is seen. */
  readonly identity: string;
  readonly boot: string;
  readonly reach: string;
  readonly stage: string;
  readonly version: string;
  /** Codes of the findings that are more than information, sorted; of the first one where there is no other. */
  readonly findings: readonly string[];
  /** Ids, sorted. */
  readonly etcdVoters: readonly string[];
  /** `<node>=<healthy|unhealthy|unknown>`, sorted; the node itself and every peer that was asked. */
  readonly etcdHealth: readonly string[];
};

export function decisiveFacts(
  evidence: Evidence,
  findings: readonly Finding[],
  inventory: InventoryEntry | undefined,
): DecisiveFacts {
  const { cluster, node, reach, readings, peers } = evidence;
  return {
    cluster,
    node,
    identity: identityText(evidence, inventory),
    boot: bootText(evidence, inventory),
    reach: reach.mode,
    stage: readValue(readings.machineStatus)?.stage ?? '',
    version: readValue(readings.version)?.tag ?? inventory?.version ?? '',
    findings: topCodes(findings),
    etcdVoters: votersOf(evidence),
    etcdHealth: [
      `${node}=${etcdHealth(readings.etcdStatus)}`,
      ...peers.map((peer) => `${peer.node}=${etcdHealth(peer.etcdStatus)}`),
    ].sort(),
  };
}

/** SHA-256 in hex over RFC 8785 canonical JSON. */
export function evidenceDigest(decisive: DecisiveFacts): string {
  const text = canonicalize(decisive);
  if (text === undefined) throw new TypeError('decisive facts have no JSON form');
  return createHash('sha256').update(text).digest('hex');
}

/** One reading that fails in one sweep must not void a plan as long as the machine is still proven. */
function identityText(evidence: Evidence, inventory: InventoryEntry | undefined): string {
  const observed = observedIdentity(evidence);
  const verdict = inventory && compareIdentity(inventory.identity, observed).verdict;
  if (inventory && verdict === 'same') return `known:${inventory.identity.uuid ?? inventory.name}`;
  const { uuid = '', serialNumber = '', macs, systemDiskWwid = '' } = observed;
  return `${verdict ?? 'unknown'}:${[uuid, serialNumber, macs.join(','), systemDiskWwid].join('|')}`;
}

/**
 * Boot times of one boot differ by seconds, so the one that the inventory knows stands for all that are near it.
 * A minute is the grain of those that it does not know yet.
 */
function bootText(evidence: Evidence, inventory: InventoryEntry | undefined): string {
  const boot = bootFacts(evidence);
  if (boot.spki !== undefined) return `spki:${boot.spki}`;
  if (boot.bootId !== undefined) return `boot:${boot.bootId}`;
  if (boot.bootTimeS === undefined) return '';
  const known = inventory?.boots.findLast(({ bootTimeS }) =>
    sameBoot({ bootId: undefined, spki: undefined, bootTimeS }, { ...boot, bootId: undefined }),
  );
  return `minute:${Math.round((known?.bootTimeS ?? boot.bootTimeS) / 60)}`;
}

function topCodes(findings: readonly Finding[]): readonly string[] {
  const grave = findings.filter(({ severity }) => severity !== 'info');
  return [...new Set((grave.length > 0 ? grave : findings.slice(0, 1)).map(({ code }) => code))].sort();
}

function votersOf({ readings, peers }: Evidence): readonly string[] {
  const lists = [readings.etcdMembers, ...peers.map(({ etcdMembers }) => etcdMembers)].map(
    (reading) => readValue(reading) ?? [],
  );
  const voters = lists.flat().filter(({ isLearner }) => !isLearner);
  return [...new Set(voters.map(({ id }) => id))].sort();
}

function etcdHealth(reading: Reading<EtcdStatusReading> | undefined): 'healthy' | 'unhealthy' | 'unknown' {
  const status = readValue(reading);
  if (status === undefined) return 'unknown';
  return status.leader !== '0' && status.errors.length === 0 ? 'healthy' : 'unhealthy';
}
