import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { InventoryEntry } from '../inventory/entry.ts';
import { hasPeerAddress, isEtcdMember, whoIs } from '../playbooks/membership.ts';
import { err, ok, type Result } from '../result.ts';
import type { GateFacts } from './facts.ts';
import { allowed, deferred, refused, type Said } from './gate.ts';

/** An etcd member whose node is gone, as all who answer know it. `survivor`: inventory name of who can take the call. */
export type DeadMember = { readonly id: string; readonly peerUrls: readonly string[]; readonly survivor: string };

/** A node must have been silent for so long, in two looks at least. */
const SILENT_FOR_MS = 5 * 60_000;

/** The one member that is the node's, or one sentence why it cannot be told. */
export function deadMember(evidence: Evidence, entry: InventoryEntry | undefined): Result<DeadMember, string> {
  if (entry === undefined)
    return err('The node is not in the inventory, so none of the members is known to be its own.');
  const isIts = isEtcdMember(whoIs(evidence, entry));
  const said = evidence.peers.flatMap(({ node, etcdMembers, etcdStatus }) => {
    const members = readValue(etcdMembers);
    return members === undefined ? [] : [{ node, members: members.filter(isIts), status: readValue(etcdStatus) }];
  });
  const [first] = said;
  const [member] = first?.members ?? [];
  if (first === undefined) return err('No control plane says who the etcd members are.');
  if (member === undefined) return err(`${first.node} lists no etcd member of ${entry.name}: there is none to remove.`);
  const known = JSON.stringify(first.members.map(({ id, peerUrls }) => ({ id, peerUrls })));
  const isSame = said.every(
    ({ members }) => JSON.stringify(members.map(({ id, peerUrls }) => ({ id, peerUrls }))) === known,
  );
  if (first.members.length > 1 || !isSame) {
    return err(`The control planes do not agree which etcd member is the one of ${entry.name}.`);
  }
  if (!hasPeerAddress(member, entry.addresses)) {
    return err(`The etcd member ${member.id} has the name of ${entry.name}, but not its address.`);
  }
  const survivor = said.find(
    ({ status }) => status !== undefined && status.leader !== '0' && status.errors.length === 0,
  );
  if (survivor === undefined) return err('No control plane with a healthy etcd is left to take the call.');
  return ok({ id: member.id, peerUrls: member.peerUrls, survivor: survivor.node });
}

/** For actions that others carry out: the member is proven, because its machine cannot be asked any more. */
export function provenMember({ evidence, entry, record }: GateFacts): Said {
  if (entry?.role === 'worker') return refused('A worker is no etcd member.', 'inventory');
  if (evidence.reach.mode !== 'silent')
    return refused('The node still answers; its member is not a dead one.', 'reach');
  const dead = deadMember(evidence, entry);
  if (!dead.ok) return refused(dead.error, 'peers', 'inventory');
  if (record.known === 'no') return deferred('For how long it is silent shows when it is planned.', 'incidents');
  const silentForMs = Date.parse(evidence.collectedAt) - Date.parse(record.silentSince ?? '');
  if (!(silentForMs >= SILENT_FOR_MS)) {
    return refused('It must be found silent twice, five minutes apart; diagnose again later.', 'incidents', 'reach');
  }
  const { id, peerUrls, survivor } = dead.value;
  return allowed(`It is etcd member ${id} (${peerUrls.join(', ')}); ${survivor} can remove it.`, 'peers', 'incidents');
}
