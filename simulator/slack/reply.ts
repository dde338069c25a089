import { type BlockProblem, describeProblem } from './check-blocks.ts';

/** What a Web API method answers, always with HTTP 200. */
export type Reply = { readonly ok: boolean; readonly [field: string]: unknown };

export const fine = (fields: Record<string, unknown> = {}): Reply => ({ ok: true, ...fields });

export const refuse = (error: string, messages: readonly string[] = []): Reply =>
  messages.length === 0 ? { ok: false, error } : { ok: false, error, response_metadata: { messages } };

/** Slack answers with one error name and lists all reasons. */
export function refuseProblems(problems: readonly BlockProblem[]): Reply | undefined {
  const [first] = problems;
  if (!first) return undefined;
  const messages = problems.map(describeProblem);
  return { ...refuse(first.error, messages), errors: messages };
}
