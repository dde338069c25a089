import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { World } from '../world.ts';
import type { ClusterState } from './state.ts';
import { writeAtomically } from './state-file.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const HOUR_MS = 3_600_000;

/** What the cluster leaves in its folder for whoever wants to talk to it; `simulator/world.ts` lists it. */
export function writeClusterFiles(folder: string, state: ClusterState, world: World): void {
  const { ca } = state.own;
  const { valid: own, ...others } = {
    valid: state.own.clients,
    expired: state.expiredClients,
    ending: state.endingClients,
  };
  const clients = (state.talosconfig === 'valid' ? undefined : others[state.talosconfig]) ?? own;
  const endpoints = world.nodes
    .filter(({ role }) => role === 'controlplane')
    .map(({ address, port }) => (port === undefined ? address : `${address}:${port}`));
  for (const role of ['reader', 'operator', 'admin'] as const) {
    const { certPem, keyPem } = clients[role];
    const context = { endpoints, ca: base64(ca.certPem), crt: base64(certPem), key: base64(keyPem) };
    const text = stringify({ context: state.cluster, contexts: { [state.cluster]: context } });
    writeAtomically(join(folder, `talosconfig-${role}`), text);
  }
  const configs = join(folder, 'configs');
  mkdirSync(configs, { recursive: true });
  const known = new Set(world.nodes.flatMap(({ name }) => [`${name}.yaml`, `${name}.json`]));
  for (const file of readdirSync(configs)) if (!known.has(file)) rmSync(join(configs, file));
  for (const { name } of world.nodes) {
    const text = state.configs[name] ?? '';
    writeAtomically(join(configs, `${name}.yaml`), text);
    const info = {
      cluster: state.cluster,
      node: name,
      machineUuid: state.machineUuids[name] ?? '',
      takenAt: new Date(state.createdAt - 26 * HOUR_MS).toISOString(),
      source: 'backup of MachineConfigs v1alpha1',
      sha256: createHash('sha256').update(text).digest('hex'),
    };
    writeAtomically(join(configs, `${name}.json`), `${JSON.stringify(info, null, 2)}\n`);
  }
  writeAtomically(join(folder, 'world.json'), `${JSON.stringify(world, null, 2)}\n`);
}
