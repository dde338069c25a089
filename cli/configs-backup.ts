import { userInfo } from 'node:os';
import { plainText } from '../lib/evidence/plain-text.ts';
import { type BackingUp, backupConfig } from '../lib/flow/backup-config.ts';
import { readInventory } from '../lib/flow/inventory.ts';
import { medic } from '../lib/incidents/actor.ts';
import { silentLog } from '../lib/log.ts';
import type { Store } from '../lib/store/dynamo-store.ts';
import { createAdmin } from '../lib/talos/admin.ts';
import { localBackups } from '../local/config-folders.ts';
import { dataFolder, withStore } from './local-store.ts';
import { onlyTo, readTalosconfig } from './talos-access.ts';
import { UsageError } from './usage.ts';

type Asked = { readonly talosconfig: string; readonly cluster: string | undefined; readonly node: string | undefined };

/** Reads and keeps the configs of the nodes that the inventory knows, one after another. 1 when one was not kept. */
export async function backupNodes({ talosconfig, cluster: named, node }: Asked): Promise<number> {
  const context = await readTalosconfig(talosconfig, named);
  const cluster = context.name;
  return withStore(async (store) => {
    const known = await readInventory({ items: store }, cluster);
    const entries = known.filter(({ name }) => name === (node ?? name));
    if (entries.length === 0) {
      const names = known.map(({ name }) => name).join(', ') || 'none';
      throw new UsageError(
        `Medic knows no ${node ?? 'node'} of cluster ${cluster} in ${dataFolder()}; it knows: ${names}.`,
      );
    }
    const admin = createAdmin({
      ...onlyTo(entries.map(({ addresses }) => addresses[0] ?? '')),
      cluster,
      caPem: context.caPem,
      reader: context.identity,
      admin: context.identity,
    });
    const deps = backingUp(store, admin, context.caPem);
    const actor = { ...medic, name: `medic configs backup (${plainText(userInfo().username, { maxLength: 60 })})` };
    let failed = 0;
    for (const entry of entries) {
      const kept = await backupConfig(deps, entry, 'asked for at a terminal', actor);
      if (!kept.ok) failed += 1;
      console.log(`${entry.name}: ${kept.ok ? said(kept.value) : plainText(kept.error)}`);
    }
    return failed === 0 ? 0 : 1;
  });
}

const said = ({ kept, version }: { readonly kept: 'new' | 'unchanged'; readonly version: string }): string =>
  kept === 'new' ? `kept as ${version}` : `unchanged since ${version}`;

const backingUp = (store: Store, admin: BackingUp['admin'], caPem: string): BackingUp => ({
  ledger: store,
  items: store,
  now: () => new Date(),
  log: silentLog,
  admin,
  backups: localBackups(dataFolder()),
  clusterCaPem: () => caPem,
});
