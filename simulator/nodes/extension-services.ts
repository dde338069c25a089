import { activeConfigOf } from './active-config.ts';
import { loadedModules } from './kernel-modules.ts';
import type { ExtensionLayer, NodeState } from './state.ts';
import { isBefore, minorOf } from './version.ts';

/** Services that extensions bring along, and what each needs before it starts. Source: siderolabs/extensions. */

type Need = { readonly path: string; readonly module: string } | { readonly configuration: true };
type Known = { readonly id: string; readonly needs?: Need };

const DEV_ZFS = { path: '/dev/zfs', module: 'zfs' } as const;
const KNOWN: Readonly<Record<string, Known>> = {
  'iscsi-tools': { id: 'ext-iscsid' },
  lldpd: { id: 'ext-lldpd', needs: { configuration: true } },
  'nut-client': { id: 'ext-nut-client', needs: { configuration: true } },
  tailscale: { id: 'ext-tailscale', needs: { configuration: true } },
  zfs: { id: 'ext-zfs-service', needs: DEV_ZFS },
};
/** Until 1.8 it had another name. */
const ZFS_BEFORE_1_9: Known = { id: 'ext-zpool-importer', needs: DEV_ZFS };

export type ExtensionService = {
  readonly id: string;
  readonly needs: Need | undefined;
  readonly crashes: ExtensionLayer['crashes'];
  readonly cannotStop: boolean;
};

/** One per name, however many layers bring it: the last one is on top. */
export function extensionServices(node: NodeState): readonly ExtensionService[] {
  const { extensions, version } = node.physical;
  const found = new Map<string, ExtensionService>();
  for (const layer of extensions) {
    const isMended = layer.until !== undefined && !isBefore(version, layer.until);
    const known = layer.name === 'zfs' && minorOf(version) <= 8 ? ZFS_BEFORE_1_9 : KNOWN[layer.name];
    if (known === undefined) continue;
    const { crashes, cannotStop = false } = isMended ? {} : layer;
    found.set(known.id, { id: known.id, needs: known.needs, crashes, cannotStop });
  }
  return [...found.values()];
}

export type Condition = { readonly text: string; readonly isMet: boolean };

export function extensionConditions(node: NodeState, { id, needs }: ExtensionService): readonly Condition[] {
  if (needs === undefined) return [];
  if ('configuration' in needs) {
    const isMet = activeConfigOf(node)?.extensionServices.includes(id.replace(/^ext-/, '')) ?? false;
    return [{ text: 'extension service config', isMet }];
  }
  const isMet = loadedModules(node).some(({ name }) => name === needs.module);
  return [{ text: `file "${needs.path}" to exist`, isMet }];
}
