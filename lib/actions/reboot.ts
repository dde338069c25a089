import * as z from 'zod';
import { bootFacts, bootText } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { err, ok } from '../result.ts';
import { etcdView } from '../safety/quorum.ts';
import type { TalosOperator } from '../talos/orders.ts';
import { isAtLeast } from '../versions/talos-version.ts';
import type { Action, ActionJudge } from './action.ts';
import { etcdNameCheck, findingGoneCheck, hostnameCheck, newBootCheck, runningChecks } from './checks.ts';
import { started } from './sent.ts';
import { sequenceProbe } from './sequence-probe.ts';
import { keepEvidence, rebootStep } from './steps.ts';
import { actionTraits } from './traits.ts';

const How = z.strictObject({ mode: z.enum(['default', 'powercycle', 'force']).default('default') });
type Mode = z.infer<typeof How>['mode'];
const HOW: Readonly<Record<Mode, { readonly text: string; readonly consequences: readonly string[] }>> = {
  default: { text: 'DEFAULT (graceful stop, kexec where possible)', consequences: [] },
  powercycle: { text: 'POWERCYCLE (graceful stop, then through the firmware, no kexec)', consequences: [] },
  force: {
    text: 'FORCE (at once, nothing is stopped or unmounted)',
    consequences: ['Services are not stopped and disks are not unmounted: what was not written yet is lost.'],
  },
};

/**
 * Talos RPC `Reboot`, role os:operator. It neither drains nor leaves etcd. Source: siderolabs/talos,
 * v1alpha1_server.go.
 */
export const reboot = (talos: Pick<TalosOperator, 'reboot'>): Action => ({
  traits: actionTraits.reboot,
  async plan({ parameters, evidence, entry, findings }) {
    const how = How.safeParse(parameters);
    if (!how.success) return err({ because: 'A reboot has mode default, powercycle or force.' });
    const { mode } = how.data;
    if (mode === 'force' && !isAtLeast(readValue(evidence.readings.version)?.tag, '1.12'))
      return err({ because: 'Talos knows the forced reboot from 1.12 on; before, it is an ordinary one.' });
    if (bootText(bootFacts(evidence)) === '')
      return err({ because: 'The node does not say when it booted, so a reboot could not be proven.' });
    const why = findings.some(({ code }) => code === 'etcd_under_temporary_hostname');
    const etcd = entry.role === 'controlplane' ? etcdView(evidence) : undefined;
    return ok({
      steps: [keepEvidence(), { n: 1, ...rebootStep(mode.toUpperCase()) }],
      consequences: [
        `${entry.name} stops its pods and services and boots again; it is away for one boot (minutes).`,
        ...HOW[mode].consequences,
        'Nothing is drained: pods on it restart. Data, config and extensions stay.',
        ...(etcd ? [`etcd runs with ${etcd.voters.length - 1} of ${etcd.voters.length} voters meanwhile.`] : []),
        ...(why
          ? [
              `etcd starts again under the current hostname, ${readValue(evidence.readings.hostname)?.hostname ?? entry.hostname}.`,
            ]
          : []),
      ],
      details: [
        { label: 'Reboot mode', text: HOW[mode].text },
        ...(etcd
          ? [{ label: 'etcd before', text: `${etcd.healthy.size} of ${etcd.voters.length} voters healthy` }]
          : []),
      ],
    });
  },
  async execute({ request, deadlineMs }, _plan, target) {
    const how = How.safeParse({ mode: String(request['mode']).toLowerCase() });
    if (!how.success) return { outcome: 'refused', because: 'The plan names no mode that a reboot has.' };
    const reply = await talos.reboot(target, { ...how.data, deadlineMs });
    return started(reply);
  },
});

export const rebootJudge: ActionJudge = {
  traits: actionTraits.reboot,
  about(parameters) {
    const how = How.safeParse(parameters);
    if (!how.success) return err('A reboot has mode default, powercycle or force.');
    return ok(how.data.mode === 'default' ? '' : `(${how.data.mode})`);
  },
  probe: (_step, plan, facts) => sequenceProbe('reboot', plan, facts),
  verify(plan, facts) {
    const { evidence, entry } = facts;
    const wasForEtcdName = plan.findings.includes('etcd_under_temporary_hostname');
    return [
      newBootCheck(plan.boot, evidence),
      ...runningChecks(evidence, entry),
      hostnameCheck(plan.hostname, evidence, entry),
      ...(wasForEtcdName ? [etcdNameCheck(evidence)] : []),
      findingGoneCheck(plan, facts),
    ];
  },
};
