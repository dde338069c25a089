import { actionJudges } from '../actions/registry.ts';
import { medic } from '../incidents/actor.ts';
import type { Check, NewEvent } from '../incidents/event.ts';
import { incidentKind } from '../incidents/stream.ts';
import { lookAgainAfter } from './acting.ts';
import type { Deps } from './deps.ts';
import { type Looking, lookAt } from './gather.ts';
import { readPlan } from './read-plan.ts';

export type Verifying = Deps & Looking & { readonly lookAgainMs: readonly number[] };

/** One look at the node after an action: verified when every check holds, unverified when the deadline has passed. */
export async function verify(deps: Verifying, stream: string, planId: string): Promise<void> {
  const state = await deps.ledger.read(incidentKind, stream);
  const current = state?.plans[planId];
  if (state === undefined || current?.status !== 'verifying' || current.verification === undefined) return;
  if (deps.now().toISOString() < current.verification.nextLookAt) return;
  const frozen = await readPlan(deps, state, current);
  const look = await lookAt(deps, state.cluster, state.node).catch((error: unknown) => {
    deps.log('verification_look_broke_off', { cluster: state.cluster, node: state.node, because: String(error) });
    return undefined; // the deadline counts all the same, so that there is a verdict
  });
  const checks =
    frozen && look
      ? actionJudges[current.action].verify(frozen.plan, look)
      : [{ name: 'Plan', answer: 'no' as const, says: 'the plan or the node cannot be read' }];
  await deps.ledger.change(incidentKind, stream, (now, at) => {
    const plan = now?.plans[planId];
    if (now === undefined || plan?.status !== 'verifying' || plan.verification === undefined) {
      return { events: [], result: undefined };
    }
    const base = { actor: medic, cluster: now.cluster, node: now.node, planHash: plan.hash };
    const open = checks.filter(({ answer }) => answer !== 'yes');
    const isVerified = open.length === 0;
    if (!isVerified && at < plan.verification.deadlineAt) {
      const nextLookAt = new Date(
        Date.parse(at) + lookAgainAfter(deps.lookAgainMs, plan.verification.looks + 1),
      ).toISOString();
      const data = { planId, checks: [...checks], nextLookAt };
      return { events: [{ ...base, type: 'verification_looked', data } satisfies NewEvent], result: undefined };
    }
    const verdict = isVerified ? ('verified' as const) : ('unverified' as const);
    const data = { planId, verdict, because: isVerified ? proven(checks) : notProven(open), checks: [...checks] };
    return { events: [{ ...base, type: 'verdict_reached', data } satisfies NewEvent], result: undefined };
  });
}

const proven = (checks: readonly Check[]) =>
  `${checks.length} of ${checks.length} checks hold: ${checks.map(({ name }) => name).join(', ')}.`;
const notProven = (open: readonly Check[]) =>
  `Not proven in time: ${open.map(({ name, says }) => `${name} (${says})`).join('; ')}. Look at the node's console next.`;
