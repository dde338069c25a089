import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { World } from '../world.ts';
import { physicalFor, roleOf } from './physical.ts';
import type { ClusterState } from './state.ts';
import { writeAtomically } from './state-file.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Endpoints are the three control planes; the port is only written where it is not the usual one. */
function talosconfig(state: ClusterState, role: 'reader' | 'operator' | 'admin'): string {
  const { certPem, keyPem } = state.own.clients[role];
  const endpoints = Object.values(state.nodes)
    .filter(({ name }) => roleOf(name) === 'controlplane')
    .map(({ address, port }) => (port === 50_000 ? address : `${address}:${port}`));
  const context = { endpoints, ca: base64(state.own.ca.certPem), crt: base64(certPem), key: base64(keyPem) };
  return stringify({ context: state.cluster, contexts: { [state.cluster]: context } }, { lineWidth: 0 });
}

function worldOf(state: ClusterState, control: string): World {
  const nodes = Object.values(state.nodes);
  return {
    cluster: state.cluster,
    control,
    controlToken: state.controlToken,
    pid: process.pid,
    port: 50_000,
    nodeCidr: state.nodeCidr,
    nodes: nodes.map(({ name, address, port }) => ({
      name,
      role: roleOf(name),
      address,
      ...(port === 50_000 ? {} : { port }),
    })),
  };
}

/** Everything that others read, see simulator/world.ts. */
export function writeWorldFiles(folder: string, state: ClusterState, control: string): World {
  mkdirSync(join(folder, 'configs'), { recursive: true });
  for (const role of ['reader', 'operator', 'admin'] as const) {
    writeAtomically(join(folder, `talosconfig-${role}`), talosconfig(state, role));
  }
  for (const { name } of Object.values(state.nodes)) {
    const config = state.configs[name] ?? '';
    const info = {
      cluster: state.cluster,
      node: name,
      machineUuid: physicalFor(state, name, {}, 'v1.8.4').hardware.uuid,
      takenAt: new Date(state.createdAt).toISOString(),
      source: 'backup of MachineConfigs v1alpha1',
      sha256: createHash('sha256').update(config).digest('hex'),
    };
    writeAtomically(join(folder, 'configs', `${name}.yaml`), config);
    writeAtomically(join(folder, 'configs', `${name}.json`), `${JSON.stringify(info, undefined, 2)}\n`);
  }
  const world = worldOf(state, control);
  writeAtomically(join(folder, 'world.json'), `${JSON.stringify(world, undefined, 2)}\n`);
  return world;
}
