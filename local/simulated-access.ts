import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterAccess, NodeTarget } from '../lib/talos/talos.ts';
import { parseTalosconfig } from '../lib/talos/talosconfig.ts';
import type { World } from '../simulator/world.ts';

/** The three identities, from the talosconfig files that the simulated cluster leaves in its folder. */
export async function accessOf(folder: string, world: World): Promise<Required<ClusterAccess>> {
  const read = async (role: string) => {
    const parsed = parseTalosconfig(await readFile(join(folder, `talosconfig-${role}`), 'utf8'));
    if (!parsed.ok) throw new Error(`talosconfig-${role}: ${parsed.error}`);
    return parsed.value;
  };
  const [reader, operator, admin] = await Promise.all([read('reader'), read('operator'), read('admin')]);
  return {
    cluster: world.cluster,
    caPem: reader.caPem,
    reader: reader.identity,
    operator: operator.identity,
    admin: admin.identity,
    nodeCidrs: [world.nodeCidr],
    isSimulated: true,
    port: world.port,
  };
}

export const targetsOf = (world: World): readonly NodeTarget[] =>
  world.nodes.map(({ name, role, address }) => ({
    cluster: world.cluster,
    name,
    role,
    address,
    lastKnownVersion: undefined,
  }));
