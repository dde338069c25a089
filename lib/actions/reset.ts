import type { ActionName } from '../approvals/action-name.ts';
import type { Vault } from '../blobs/vault.ts';
import { bootFacts, bootText } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { err, ok } from '../result.ts';
import type { DataKeys } from '../sealing/data-keys.ts';
import type { TalosAdmin, TalosOperator } from '../talos/orders.ts';
import type { Action } from './action.ts';
import { snapshotStep, takeSnapshot } from './etcd-snapshot.ts';
import { parseReset, resetDraft } from './reset-plan.ts';
import { notDone, started } from './sent.ts';
import type { StoredConfigs } from './stored-config.ts';
import { readStoredConfig } from './stored-text.ts';
import { actionTraits } from './traits.ts';

type ResetPorts = {
  readonly admin: Pick<TalosAdmin, 'reset' | 'applyInMaintenance'>;
  readonly operator: Pick<TalosOperator, 'etcdSnapshot'>;
  readonly keys: DataKeys;
  readonly vault: Vault;
  readonly configs: StoredConfigs;
  readonly clusterCaPem: (cluster: string) => string;
};
export type ResetName = Extract<ActionName, 'reset_ephemeral' | 'reset_state_and_ephemeral'>;

/**
 * Talos RPC `Reset`, role os:admin, of named partitions alone, with a reboot. A worker that loses STATE gets its stored
 * config when it comes back in maintenance mode; for a control plane that is a plan of its own, because the boot's key
 * has to be read from its console first.
 */
export const reset = (name: ResetName, ports: ResetPorts): Action => ({
  traits: actionTraits[name],
  async plan(context) {
    const { parameters, evidence, entry, storedConfig } = context;
    const wanted = parseReset(parameters);
    if (!wanted.ok) return err({ because: wanted.error });
    if (bootText(bootFacts(evidence)) === '')
      return err({ because: 'The node does not say when it booted, so the boot after the reset could not be proven.' });
    if (readValue(evidence.readings.discoveredVolumes) === undefined)
      return err({ because: 'The node did not say which partitions it has, so a wipe could not be proven.' });
    const isControlPlane = entry.role === 'controlplane';
    const snapshot = isControlPlane ? snapshotStep(evidence, 1) : undefined;
    if (snapshot?.ok === false) return err({ because: snapshot.error });
    if (name === 'reset_ephemeral') return ok(resetDraft(context, name, wanted.value, snapshot?.value, undefined));
    const stored = await readStoredConfig(ports.configs, storedConfig, entry, ports.clusterCaPem(entry.cluster));
    if (!stored.ok) return err({ because: stored.error });
    return ok(resetDraft(context, name, wanted.value, snapshot?.value, storedConfig));
  },
  async execute(step, plan, target, { evidence, results }) {
    const { method, request, deadlineMs } = step;
    if (method === 'EtcdSnapshot')
      return takeSnapshot({ ...ports, talos: ports.operator }, step, plan, target, evidence);
    if (method === 'Reset') {
      const wipe = name === 'reset_ephemeral' ? 'ephemeral' : 'state_and_ephemeral';
      const reply = await ports.admin.reset(target, { wipe, graceful: request['graceful'] === 'yes', deadlineMs });
      return started(reply);
    }
    const spki = results[Number(request['bootOfStep'])];
    if (spki === undefined) return { outcome: 'refused', because: 'Not sent: no boot in maintenance mode was seen.' };
    const version = { id: String(request['configVersion']), sha256: String(request['configSha256']) };
    const config = await ports.configs.read(version);
    if (!config.ok) return { outcome: 'refused', because: `Not sent: ${config.error}` };
    const order = { config: config.value, spki, dryRun: false, deadlineMs };
    const reply = await ports.admin.applyInMaintenance(target, order);
    if (!reply.ok) return notDone(reply.error);
    return { outcome: 'done', because: reply.value.modeDetails || `applied, mode ${reply.value.mode}` };
  },
});
