import type { Plan, Step } from '../approvals/plan.ts';
import { bootFacts, parseBoot, sameBoot } from '../evidence/boot.ts';
import { overall, runGates } from '../safety/gates.ts';
import type { Acting } from './acting.ts';
import { digestOf } from './diagnose.ts';
import { gateFacts, type Look, readLease, STEP_FRESH_MS } from './gather.ts';

/** Why the approved plan does not fit the world any more; undefined: it does. */
export async function whyNot(
  deps: Acting,
  look: Look,
  plan: Plan,
  boot: Step['boot'] = 'planned',
): Promise<string | undefined> {
  if (boot === 'later') return refusalOf(deps, look, plan);
  const isSame = sameBoot(parseBoot(plan.boot), bootFacts(look.evidence));
  if (isSame === undefined)
    return `the node cannot be proven: ${look.evidence.reach.error?.message ?? `reach is ${look.evidence.reach.mode}`}`;
  if (!isSame) return 'the node has booted since it was made (another key or boot time answers).';
  const refusal = await refusalOf(deps, look, plan);
  if (refusal !== undefined) return refusal;
  if (digestOf(look) !== plan.digest) return 'what it rests on has changed since it was made.';
  return undefined;
}

async function refusalOf(deps: Acting, look: Look, plan: Plan): Promise<string | undefined> {
  const lease = await readLease(deps, plan.cluster, plan.id);
  const answers = runGates(gateFacts(deps, look, plan.action, lease, STEP_FRESH_MS));
  return overall(answers) === 'allowed' ? undefined : answers.find(({ answer }) => answer !== 'allowed')?.because;
}
