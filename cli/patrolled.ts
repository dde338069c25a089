import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { readValue } from '../lib/evidence/reading.ts';
import type { MemberReading } from '../lib/evidence/values.ts';
import type { HowToFind } from '../lib/flow/find.ts';
import { type ClusterLook, lookOver, type PatrolNode } from '../lib/flow/look-over.ts';
import { patrolNodesOf } from '../lib/flow/patrol-nodes.ts';
import { ownPlaybooks } from '../lib/own-playbooks/own-playbooks.ts';
import { ownCertificates } from '../lib/talos/own-certificates.ts';
import { createReader } from '../lib/talos/reader.ts';
import type { ClusterAccess, NodeTarget } from '../lib/talos/talos.ts';
import { worldFolder } from '../local/settings.ts';
import { accessOf } from '../local/simulated-access.ts';
import { World } from '../simulator/world.ts';
import { configuredTeam } from './configured-team.ts';
import { dataFolder, withStore } from './local-store.ts';
import { knowledge, withScenario } from './scenario-look.ts';
import { onlyTo, readTalosconfig } from './talos-access.ts';
import { UsageError } from './usage.ts';

const patrol = (
  access: ClusterAccess,
  nodes: readonly PatrolNode[],
  how: HowToFind = knowledge(access.cluster, 'unknown'),
): Promise<ClusterLook> => {
  const deps = { ...how, talos: createReader(access), now: () => new Date() };
  return lookOver(deps, access.cluster, nodes, ownCertificates(access));
};

/** The cluster of a running `npm start`, by its inventory. Nothing of what is seen is kept. */
export async function patrolKnown(cluster: string): Promise<ClusterLook> {
  const folder = worldFolder(dataFolder());
  const nodes = await withStore((store) => patrolNodesOf({ items: store }, cluster));
  if (nodes.length === 0) {
    throw new Error(
      `Nothing is known of a cluster "${cluster}" in ${dataFolder()}. Say where Medic keeps it with MEDIC_DATA.`,
    );
  }
  const file = join(folder, 'world.json');
  if (!existsSync(file)) throw new Error(`${file} is not there: start it with npm start.`);
  const world = World.parse(JSON.parse(await readFile(file, 'utf8')));
  const { config, own } = await configuredTeam();
  return patrol(await accessOf(folder, world), nodes, { config, ownPlaybooks: ownPlaybooks(own.playbooks) });
}

export const patrolScenario = (scenario: string): Promise<ClusterLook> =>
  withScenario(scenario, ({ access, targets, entries }) =>
    patrol(
      access,
      targets.map((target) => {
        const entry = entries.find(({ name }) => name === target.name);
        const lastKnownVersion = entry?.version;
        // whatever the scenario did to it may be looked at
        return { target: { ...target, lastKnownVersion }, entry, hasIncident: false, mayEnterMaintenance: true };
      }),
    ),
  );

/** A real cluster: the nodes and endpoints that the talosconfig names, and the members that they discovered. */
export async function patrolTalosconfig(file: string, context: string | undefined): Promise<ClusterLook> {
  const { name: cluster, caPem, identity, endpoints, nodes } = await readTalosconfig(file, context);
  const named = [...new Set([...endpoints, ...nodes])].filter((host) => isIP(host) !== 0);
  if (named.length === 0) {
    throw new UsageError(
      `${file}: context "${cluster}" names no IP address as endpoint or node. Names are not looked up.`,
    );
  }
  const accessTo = (addresses: readonly string[]): ClusterAccess => {
    return { cluster, caPem, reader: identity, ...onlyTo(addresses) };
  };
  const targets = await discovered(accessTo(named), named);
  return patrol(
    accessTo(targets.map(({ address }) => address)),
    targets.map((target) => ({ target, entry: undefined, hasIncident: false, mayEnterMaintenance: false })),
  );
}

/** Asked one after the other until one knows the members of the cluster. */
async function discovered(access: ClusterAccess, named: readonly string[]): Promise<readonly NodeTarget[]> {
  const { cluster } = access;
  const asControlPlane = (address: string): NodeTarget => {
    return { cluster, name: address, role: 'controlplane', address, lastKnownVersion: undefined };
  };
  const talos = createReader(access);
  for (const address of named) {
    const seen = await talos.collect(asControlPlane(address), { peers: [], mayEnterMaintenance: false });
    const members = readValue(seen.readings.members) ?? [];
    if (members.length > 0) return members.flatMap((member) => targetOf(cluster, member, named));
  }
  return named.map(asControlPlane);
}

/** By the address that the talosconfig knows, else by its first one. */
function targetOf(cluster: string, member: MemberReading, named: readonly string[]): readonly NodeTarget[] {
  const address = member.addresses.find((one) => named.includes(one)) ?? member.addresses[0];
  if (address === undefined) return [];
  const role = member.machineType === 'worker' ? 'worker' : 'controlplane';
  return [{ cluster, name: member.hostname || address, role, address, lastKnownVersion: undefined }];
}
