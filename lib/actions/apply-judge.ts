import { ok } from '../result.ts';
import type { ActionJudge, Probe, ProbeFacts } from './action.ts';
import { applyAbout, parseApply } from './apply-parameters.ts';
import { findingGoneCheck, hostnameCheck, newBootCheck, runningChecks } from './checks.ts';
import { sequenceProbe } from './sequence-probe.ts';
import { actionTraits } from './traits.ts';

export const applyJudge: ActionJudge = {
  traits: actionTraits.apply_config,
  about(parameters) {
    const wanted = parseApply(parameters);
    return wanted.ok ? ok(applyAbout(wanted.value)) : wanted;
  },
  /** Of the apply itself a reader cannot tell, unless the node boots for it: `inspect` does. */
  probe(step, plan, facts) {
    if (step.method === 'wait_until') return isWell(facts);
    const seen = sequenceProbe('reboot', plan, facts);
    if (step.method === 'Reboot' || seen.answer === 'arrived') return seen;
    return { answer: 'unknown', because: 'The config of the node could not be read.' };
  },
  verify(plan, facts) {
    const { evidence, entry } = facts;
    const reboots = plan.steps.some(({ method }) => method === 'Reboot');
    return [
      ...(reboots ? [newBootCheck(plan.boot, evidence)] : []),
      ...runningChecks(evidence, entry),
      hostnameCheck(plan.hostname, evidence, entry),
      ...(isOnlyWritten(plan.steps) ? [] : [findingGoneCheck(plan, facts)]),
    ];
  },
};

const isOnlyWritten = (steps: readonly { readonly request: Readonly<Record<string, string | number>> }[]): boolean =>
  steps.some(({ request }) => request['mode'] === 'STAGED');

function isWell({ evidence, entry }: ProbeFacts): Probe {
  const open = runningChecks(evidence, entry).filter(({ answer }) => answer !== 'yes');
  if (open.length === 0) return { answer: 'arrived', because: 'The node is well with it.' };
  return { answer: 'unknown', because: open.map(({ name, says }) => `${name}: ${says}`).join('; ') };
}
