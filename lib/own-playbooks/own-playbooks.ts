import type { Evidence } from '../evidence/evidence.ts';
import type { Facts, Finding, Playbook } from '../playbooks/finding.ts';
import type { Result } from '../result.ts';
import { type Answers, type Compiled, type Looks, runPlaybook } from './run.ts';

/** The playbooks of a team's own folder. */
export interface OwnPlaybooks {
  readonly names: readonly string[];
  /**
   * Lets each of them look at the evidence, under its time limit. Those that come back have spoken: their `diagnose`
   * repeats what was said, or throws what went wrong.
   */
  speak(evidence: Evidence, facts: Facts): Promise<readonly Playbook[]>;
}

export const noOwnPlaybooks: OwnPlaybooks = { names: [], speak: async () => [] };

export function ownPlaybooks(compiled: readonly Compiled[]): OwnPlaybooks {
  return {
    names: compiled.map(({ name }) => name),
    async speak(evidence, facts) {
      const said = await Promise.all(compiled.map((one) => runPlaybook(one, [{ evidence, facts }])));
      return compiled.map(({ name }, n) => ({ name, diagnose: () => firstOf(said[n]) }));
    },
  };
}

/** One that has spoken on many looks at once, so that an evaluation needs not start a thread for each. */
export async function spokenOn(compiled: readonly Compiled[], looks: Looks): Promise<readonly (readonly Playbook[])[]> {
  const said = await Promise.all(compiled.map((one) => runPlaybook(one, looks)));
  return looks.map((_, look) => compiled.map(({ name }, n) => ({ name, diagnose: () => answerOf(said[n], look) })));
}

type Said = Result<Answers, string> | undefined;
const firstOf = (said: Said): readonly Finding[] => answerOf(said, 0);

function answerOf(said: Said, look: number): readonly Finding[] {
  if (said === undefined || !said.ok) throw new Error(said?.error ?? 'it said nothing');
  const answer = said.value[look];
  if (answer === undefined || !answer.ok) throw new Error(answer?.error ?? 'it said nothing');
  return answer.value;
}
