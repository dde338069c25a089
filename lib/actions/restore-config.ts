import { readValue } from '../evidence/reading.ts';
import { err, ok } from '../result.ts';
import { describeTalosError } from '../talos/describe-talos-error.ts';
import type { TalosAdmin } from '../talos/orders.ts';
import type { Action, ActionJudge } from './action.ts';
import { hostnameCheck, runningChecks } from './checks.ts';
import { restoredProbe } from './restored-probe.ts';
import { notDone } from './sent.ts';
import { keepEvidence } from './steps.ts';
import type { StoredConfigs } from './stored-config.ts';
import { readStoredConfig } from './stored-text.ts';
import { actionTraits } from './traits.ts';

const CALL_MS = 10_000;

/**
 * Talos RPC `ApplyConfiguration` in maintenance mode, mode AUTO, pinned to the key of the boot. Source:
 * siderolabs/talos, internal/app/maintenance/server.go (<= 1.12), internal/app/apid/service.go (>= 1.13).
 */
export const restoreConfig = (
  talos: Pick<TalosAdmin, 'applyInMaintenance'>,
  configs: StoredConfigs,
  clusterCaPem: (cluster: string) => string,
): Action => ({
  traits: actionTraits.restore_config,
  async plan({ target, evidence, entry, storedConfig, now }) {
    const spki = evidence.reach.certificate?.spki;
    if (spki === undefined)
      return err({ because: 'The node shows no maintenance certificate, so its boot cannot be frozen.' });
    const stored = await readStoredConfig(configs, storedConfig, entry, clusterCaPem(entry.cluster));
    if (!stored.ok || storedConfig === undefined)
      return err({ because: stored.ok ? 'No stored config of this node is known.' : stored.error });
    const { text, facts } = stored.value;
    const dryRun = await talos.applyInMaintenance(target, {
      config: text,
      spki,
      dryRun: true,
      deadlineMs: CALL_MS,
    });
    if (!dryRun.ok) return err({ because: `Talos refused the dry run: ${describeTalosError(dryRun.error)}` });
    const installed = readValue(evidence.readings.discoveredVolumes)?.some(
      ({ partitionLabel }) => partitionLabel === 'STATE',
    );
    return ok({
      steps: [
        keepEvidence('everything that maintenance mode shows'),
        {
          n: 1,
          method: 'ApplyConfiguration',
          request: { mode: 'AUTO', configVersion: storedConfig.id, configSha256: storedConfig.sha256, spki },
          probe: "The node leaves maintenance mode, or answers under the cluster's certificate.",
          deadlineMs: CALL_MS,
        },
      ],
      consequences: [
        `${entry.name} takes its stored config and continues the boot that is waiting in maintenance mode.`,
        installed
          ? 'Its STATE and EPHEMERAL partitions are there and stay; nothing is wiped.'
          : 'No STATE partition was seen: Talos may install anew on the disk that the config names.',
        'The config holds the secrets of the cluster; it is sent only to the machine proven below.',
      ],
      details: [
        { label: 'Stored config', text: `${storedConfig.source} (${storedConfig.id})` },
        { label: 'Taken', text: `${storedConfig.takenAt} (${age(storedConfig.takenAt, now)} ago)` },
        { label: 'SHA-256', text: storedConfig.sha256 },
        { label: 'Endpoint in it', text: facts.endpoint },
        { label: 'Taken from', text: `machine ${storedConfig.machineUuid}` },
        { label: "Talos' dry run", text: dryRun.value.modeDetails || dryRun.value.mode },
        ...dryRun.value.warnings.map((text) => ({ label: 'Talos warns', text })),
        // an approver of a control plane types it from the node's console, so the form must not show it
        ...(entry.role === 'worker' ? [{ label: 'Boot (SPKI)', text: spki }] : []),
      ],
    });
  },
  async execute(step, _plan, target) {
    const { configVersion, configSha256, spki } = step.request;
    if (typeof configVersion !== 'string' || typeof configSha256 !== 'string' || typeof spki !== 'string') {
      return { outcome: 'refused', because: 'The plan names no stored config, or no boot.' };
    }
    const config = await configs.read({ id: configVersion, sha256: configSha256 });
    if (!config.ok) return { outcome: 'refused', because: config.error };
    const reply = await talos.applyInMaintenance(target, {
      config: config.value,
      spki,
      dryRun: false,
      deadlineMs: step.deadlineMs,
    });
    if (!reply.ok) return notDone(reply.error);
    return { outcome: 'done', because: reply.value.modeDetails || `applied, mode ${reply.value.mode}` };
  },
});

function age(takenAt: string, now: string): string {
  const hours = Math.floor((Date.parse(now) - Date.parse(takenAt)) / 3_600_000);
  if (hours < 1) return 'less than an hour';
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

export const restoreConfigJudge: ActionJudge = {
  traits: actionTraits.restore_config,
  about: () => ok(''),
  probe: (step, _plan, facts) => restoredProbe(String(step.request['spki']), facts),
  verify(plan, { evidence, entry }) {
    const volumes = readValue(evidence.readings.volumes);
    const state = volumes?.find(({ id }) => id === 'STATE')?.phase;
    const isState = state === undefined ? 'unknown' : yesNo(state === 'ready');
    return [
      ...runningChecks(evidence, entry),
      hostnameCheck(plan.hostname, evidence, entry),
      { name: 'STATE', answer: isState, says: state === undefined ? 'not readable yet' : `volume STATE is ${state}` },
    ];
  },
};
const yesNo = (holds: boolean) => (holds ? ('yes' as const) : ('no' as const));
