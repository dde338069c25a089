import { readValue } from '../evidence/reading.ts';
import { foreignConfig, readConfigFacts } from '../machine-config/config-facts.ts';
import { describeConfigProblem } from '../machine-config/config-problem.ts';
import { parseMachineConfig } from '../machine-config/parse-config.ts';
import { err, ok } from '../result.ts';
import { describeTalosError } from '../talos/describe-talos-error.ts';
import type { TalosAdmin } from '../talos/orders.ts';
import type { Action, ActionJudge } from './action.ts';
import { hostnameCheck, runningChecks } from './checks.ts';
import { notDone } from './sent.ts';
import { keepEvidence } from './steps.ts';
import type { StoredConfigs } from './stored-config.ts';
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
    if (storedConfig === undefined) return err({ because: 'No stored config of this node is known.' });
    const config = await configs.read(storedConfig);
    if (!config.ok) return err({ because: config.error });
    const parsed = parseMachineConfig(config.value);
    const facts = parsed.ok ? readConfigFacts(parsed.value) : parsed;
    if (!facts.ok) return err({ because: `The stored config: ${describeConfigProblem(facts.error)}.` });
    const foreign = foreignConfig(facts.value, entry.role, clusterCaPem(entry.cluster));
    if (foreign !== undefined) return err({ because: foreign });
    const dryRun = await talos.applyInMaintenance(target, {
      config: config.value,
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
          request: { mode: 'AUTO', configSha256: storedConfig.sha256, spki },
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
        { label: 'Stored config', text: storedConfig.source },
        { label: 'Taken', text: `${storedConfig.takenAt} (${age(storedConfig.takenAt, now)} ago)` },
        { label: 'SHA-256', text: storedConfig.sha256 },
        { label: 'Endpoint in it', text: facts.value.endpoint },
        { label: 'Taken from', text: `machine ${storedConfig.machineUuid}` },
        { label: "Talos' dry run", text: dryRun.value.modeDetails || dryRun.value.mode },
        ...dryRun.value.warnings.map((text) => ({ label: 'Talos warns', text })),
        // an approver of a control plane types it from the node's console, so the form must not show it
        ...(entry.role === 'worker' ? [{ label: 'Boot (SPKI)', text: spki }] : []),
      ],
    });
  },
  async execute(step, plan, target) {
    const { configSha256, spki } = step.request;
    const stored = await configs.find(plan.cluster, plan.node);
    if (stored === undefined || stored.sha256 !== configSha256 || typeof spki !== 'string') {
      return { outcome: 'refused', because: 'The stored config is not the one that was approved.' };
    }
    const config = await configs.read(stored);
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
  probe(step, _plan, { evidence, deadlinePassed }) {
    const { mode, certificate } = evidence.reach;
    const stage = readValue(evidence.readings.machineStatus)?.stage;
    if (mode === 'mtls' || mode === 'forwarded') {
      return { answer: 'arrived', because: "The node answers under the cluster's certificate." };
    }
    if (mode !== 'maintenance' || certificate === undefined || stage === undefined) {
      return { answer: 'unknown', because: evidence.reach.error?.message ?? 'The node cannot tell yet.' };
    }
    if (certificate.spki !== step.request['spki']) {
      return { answer: 'unknown', because: 'The node booted again into maintenance mode.' };
    }
    if (stage !== 'maintenance') return { answer: 'arrived', because: `The stage is ${stage}.` };
    if (!deadlinePassed) return { answer: 'unknown', because: 'The deadline of the call has not passed yet.' };
    return {
      answer: 'not_arrived',
      because: 'Still in maintenance mode in the same boot, and the deadline of the call has passed.',
    };
  },
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
