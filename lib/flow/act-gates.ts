import type { Plan, Step } from '../approvals/plan.ts';
import { bootFacts, parseBoot, sameBoot } from '../evidence/boot.ts';
import { overall, runGates } from '../safety/gates.ts';
import type { Acting } from './acting.ts';
import { digestOf } from './diagnose.ts';
import { gateFacts, type Look, readLease, STEP_FRESH_MS } from './gather.ts';

/** The step that would be taken, and whether a step before it has changed something already: then facts have moved. */
type Next = { readonly step?: Step; readonly hasBegun?: boolean };

/** Why the approved plan, or its next step, does not fit the world any more; undefined: it does. */
export async function whyNot(
  deps: Acting,
  look: Look,
  plan: Plan,
  { step, hasBegun = false }: Next = {},
): Promise<string | undefined> {
  const isSame = sameBoot(parseBoot(plan.boot), bootFacts(look.evidence));
  if (step?.boot !== 'later' && isSame !== true) {
    if (isSame === false) return 'the node has booted since it was made (another key or boot time answers).';
    return `the node cannot be proven: ${look.evidence.reach.error?.message ?? `reach is ${look.evidence.reach.mode}`}`;
  }
  const lease = await readLease(deps, plan.cluster, plan.id);
  const answers = runGates(gateFacts(deps, look, plan, lease, STEP_FRESH_MS, step?.gatesOf));
  if (overall(answers) !== 'allowed') return answers.find(({ answer }) => answer !== 'allowed')?.because;
  if (!hasBegun && digestOf(look) !== plan.digest) return 'what it rests on has changed since it was made.';
  return undefined;
}
