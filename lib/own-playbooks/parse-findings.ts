import * as z from 'zod';
import { ActionName, Parameters } from '../approvals/action-name.ts';
import { plainText } from '../evidence/plain-text.ts';
import { BUILT_IN_CODES } from '../playbooks/built-in.ts';
import type { Citation, Finding } from '../playbooks/finding.ts';
import { err, ok, type Result } from '../result.ts';
import { explain } from '../yaml/explain-issues.ts';

/** As much as a card, its window and the record have room for. */
const MAX_FINDINGS = 10;
const MAX_CITATIONS = 10;
const SUMMARY_MAX = 300;
const SENTENCE_MAX = 500;

const isText = (value: unknown): value is string => typeof value === 'string';

const text = (maxLength: number) =>
  z
    .string()
    .transform((given) => plainText(given, { maxLength }))
    .pipe(z.string().min(1, 'expected text that says something'));
const few = <T extends z.ZodType>(item: T) => z.array(item).transform((all) => all.slice(0, MAX_CITATIONS));
const ReadingName = z.custom<Citation['reading']>(
  (value) => isText(value) && /^[a-zA-Z]{1,40}$/.test(value),
  'expected the name of a reading',
);
const Code = z.string().regex(/^[a-z][a-z0-9_]{2,63}$/, 'expected a code in snake_case');

const OwnFindings = z
  .array(
    z.object({
      code: Code,
      severity: z.enum(['critical', 'warning', 'info']),
      confidence: z.enum(['certain', 'likely', 'possible']),
      summary: text(SUMMARY_MAX),
      evidence: few(z.object({ reading: ReadingName, says: text(SUMMARY_MAX) })),
      suggests: few(ActionName),
      parameters: z.partialRecord(ActionName, Parameters).optional(),
      patch: text(SENTENCE_MAX).optional(),
      explains: z.literal(true).optional(),
      rulesOut: few(z.object({ code: Code, because: text(SENTENCE_MAX) })),
      advice: text(SENTENCE_MAX).optional(),
    }),
  )
  .max(MAX_FINDINGS, `expected ${MAX_FINDINGS} findings at most`);

/** What a playbook of the team's own found: shapes proven, texts plain and short, codes that are its own. */
export function parseFindings(playbook: string, json: string): Result<readonly Finding[], string> {
  const value = parsedJson(json);
  const parsed = OwnFindings.safeParse(value);
  if (!parsed.success) {
    const [first] = explain(parsed.error.issues, value);
    return err(`${['its findings', ...(first?.path ?? [])].join('.')}: ${first?.says ?? ''}`);
  }
  const own = codeOf(playbook);
  const foreign = parsed.data.find(({ code }) => !isOwn(own, code) || BUILT_IN_CODES.includes(code));
  if (foreign !== undefined) {
    return err(
      `it finds "${foreign.code}"; its codes are ${own} and what begins with ${own}_, and none of Medic's own`,
    );
  }
  return ok(
    parsed.data.map(({ explains, advice, parameters, patch, ...finding }) => ({
      ...finding,
      ...(explains && { explains }),
      ...(advice && { advice }),
      ...(parameters && { parameters }),
      ...(patch && { patch }),
    })),
  );
}

/** It comes out of the playbook's own context, where JSON may have become anything. */
function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const isOwn = (own: string, code: string): boolean => code === own || code.startsWith(`${own}_`);
export const codeOf = (playbook: string): string => playbook.replaceAll('-', '_');
