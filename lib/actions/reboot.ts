import { bootFacts, bootText, parseBoot, sameBoot } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { err, ok } from '../result.ts';
import { etcdView } from '../safety/quorum.ts';
import { describeTalosError } from '../talos/describe-talos-error.ts';
import type { TalosOperator } from '../talos/orders.ts';
import { isOutcomeUnknown } from '../talos/outcome.ts';
import type { Action, ActionJudge } from './action.ts';
import { etcdNameCheck, hostnameCheck, newBootCheck, runningChecks } from './checks.ts';
import { actionTraits } from './traits.ts';

/** The reply to the RPC only says that the sequence was asked for. */
const CALL_MS = 5_000;

/**
 * Talos RPC `Reboot`, role os:operator, mode DEFAULT. It neither drains nor leaves etcd. Source: siderolabs/talos,
 * v1alpha1_server.go.
 */
export const reboot = (talos: Pick<TalosOperator, 'reboot'>): Action => ({
  traits: actionTraits.reboot,
  async plan({ evidence, entry, findings }) {
    if (bootText(bootFacts(evidence)) === '')
      return err({ because: 'The node does not say when it booted, so a reboot could not be proven.' });
    const why = findings.some(({ code }) => code === 'etcd_under_temporary_hostname');
    const etcd = entry.role === 'controlplane' ? etcdView(evidence) : undefined;
    return ok({
      steps: [
        {
          n: 0,
          method: 'collect_evidence',
          request: { what: 'kernel log, services, events' },
          probe: 'Changes nothing.',
          deadlineMs: 30_000,
        },
        {
          n: 1,
          method: 'Reboot',
          request: { mode: 'DEFAULT' },
          probe: 'Another boot, or a reboot sequence in the event log, shows that it arrived.',
          deadlineMs: CALL_MS,
        },
      ],
      consequences: [
        `${entry.name} stops its pods and services and boots again; it is away for one boot (minutes).`,
        'Nothing is drained: pods on it restart. Data, config and extensions stay.',
        ...(etcd ? [`etcd runs with ${etcd.voters.length - 1} of ${etcd.voters.length} voters meanwhile.`] : []),
        ...(why
          ? [
              `etcd starts again under the current hostname, ${readValue(evidence.readings.hostname)?.hostname ?? entry.hostname}.`,
            ]
          : []),
      ],
      details: [
        { label: 'Reboot mode', text: 'DEFAULT (graceful stop, kexec where possible)' },
        ...(etcd
          ? [{ label: 'etcd before', text: `${etcd.healthy.size} of ${etcd.voters.length} voters healthy` }]
          : []),
      ],
    });
  },
  async execute(step, _plan, target) {
    const reply = await talos.reboot(target, { mode: 'default', deadlineMs: step.deadlineMs });
    if (reply.ok) return { outcome: 'done', because: 'Talos took the call.', talosActorId: reply.value.actorId };
    return { outcome: isOutcomeUnknown(reply.error) ? 'unknown' : 'refused', because: describeTalosError(reply.error) };
  },
});

export const rebootJudge: ActionJudge = {
  traits: actionTraits.reboot,
  probe(_step, plan, { evidence, deadlinePassed }) {
    const isSame = sameBoot(parseBoot(plan.boot), bootFacts(evidence));
    const stage = readValue(evidence.readings.machineStatus)?.stage;
    if (isSame === false) return { answer: 'arrived', because: 'The node booted since.' };
    if (stage === 'rebooting' || stage === 'shutting down')
      return { answer: 'arrived', because: `The stage is ${stage}.` };
    const sequences = readValue(evidence.readings.sequences);
    const since = sequences?.filter(({ id }) => id > plan.lastSequenceId);
    if (since?.some(({ sequence, action }) => sequence === 'reboot' && action === 'START')) {
      return { answer: 'arrived', because: 'A reboot sequence has started since.' };
    }
    const isQuiet = isSame === true && stage === 'running' && since?.length === 0;
    if (isQuiet && deadlinePassed) {
      return {
        answer: 'not_arrived',
        because: 'Same boot, stage running, no sequence since, and the deadline of the call has passed.',
      };
    }
    return { answer: 'unknown', because: evidence.reach.error?.message ?? 'The node cannot tell yet.' };
  },
  verify(plan, { evidence, entry, findings }) {
    const wasForEtcdName = plan.findings.includes('etcd_under_temporary_hostname');
    const isCured = !findings.some(
      ({ code, severity }) => severity !== 'info' && code !== 'unknown_cause' && plan.findings.includes(code),
    );
    return [
      newBootCheck(plan.boot, evidence),
      ...runningChecks(evidence, entry),
      hostnameCheck(plan.hostname, evidence, entry),
      ...(wasForEtcdName ? [etcdNameCheck(evidence)] : []),
      {
        name: 'Finding gone',
        answer: isCured ? 'yes' : 'no',
        says: isCured
          ? 'the cause is not found any more'
          : `still found: ${findings.map(({ code }) => code).join(', ')}`,
      },
    ];
  },
};
