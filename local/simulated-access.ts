import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoredConfigInfo, type StoredConfigs } from '../lib/actions/stored-config.ts';
import { err, ok } from '../lib/result.ts';
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

/** Stored configs in a folder: `<node>.yaml`, and beside it `<node>.json` with what is known of it. */
export function folderConfigs(folder: string): StoredConfigs {
  const fileOf = (node: string, kind: 'yaml' | 'json') => join(folder, `${node}.${kind}`);
  return {
    async find(cluster, node) {
      if (!/^[a-z0-9][a-z0-9.-]{0,62}$/.test(node) || !existsSync(fileOf(node, 'json'))) return undefined;
      const info = StoredConfigInfo.safeParse(JSON.parse(await readFile(fileOf(node, 'json'), 'utf8')));
      return info.success && info.data.cluster === cluster ? info.data : undefined;
    },
    async read(info) {
      if (!existsSync(fileOf(info.node, 'yaml'))) return err('The stored config is not there any more.');
      const text = await readFile(fileOf(info.node, 'yaml'), 'utf8');
      const hash = createHash('sha256').update(text).digest('hex');
      return hash === info.sha256 ? ok(text) : err('The stored config is not what its index says (another SHA-256).');
    },
  };
}
