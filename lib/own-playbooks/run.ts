import { dirname } from 'node:path';
import * as z from 'zod';
import type { Evidence } from '../evidence/evidence.ts';
import { plainText } from '../evidence/plain-text.ts';
import type { Facts, Finding } from '../playbooks/finding.ts';
import type { OwnPage } from '../playbooks/page-url.ts';
import { err, ok, type Result } from '../result.ts';
import { parseFindings } from './parse-findings.ts';
import { placeIn } from './place.ts';
import { inThread, TIME_LIMIT_MS } from './thread.ts';

/**
 * A playbook as it can be kept in a file: made when Medic starts, or when it is packaged. `script` sets the global `own`;
 * `sourceMap` leads from it to the author's lines.
 */
export type Compiled = {
  readonly name: string;
  readonly file: string;
  readonly script: string;
  readonly sourceMap: string;
  readonly page?: OwnPage;
};
export type Looks = readonly { readonly evidence: Evidence; readonly facts: Facts }[];
export type Answers = readonly Result<readonly Finding[], string>[];

const Failure = z.object({ message: z.string(), stack: z.string() });
/** What the module exports as `playbook`, described. */
const Shape = z.object({
  kind: z.string(),
  name: z.unknown().optional(),
  page: z.unknown().optional(),
  diagnose: z.string(),
});
export type Shape = z.infer<typeof Shape>;
const Said = z.union([
  z.object({ is: Shape, answers: z.array(z.union([z.object({ json: z.string() }), z.object({ error: Failure })])) }),
  z.object({ error: Failure }),
]);

/** Each further look is given this much more time. */
const PER_LOOK_MS = 50;
/** Ten findings, each of them long. */
const MAX_ANSWER = 200_000;

type Asked = { readonly is: Shape; readonly answers: Answers };

/** What it is and what it says about each look; or why it could not be asked, with file and line where they are known. */
export async function askPlaybook(
  playbook: Compiled,
  looks: Looks,
  limitMs = TIME_LIMIT_MS,
): Promise<Result<Asked, string>> {
  const texts = looks.map(({ evidence, facts }) => JSON.stringify([evidence, facts]));
  const said = await inThread(playbook.script, texts, limitMs + PER_LOOK_MS * looks.length);
  if (!said.ok) return err(`${playbook.file}: ${said.error}`);
  const parsed = Said.safeParse(JSON.parse(said.value));
  if (!parsed.success) return err(`${playbook.file}: its thread answered in a shape that is not known`);
  if ('error' in parsed.data) return err(placed(playbook, parsed.data.error));
  const { is, answers } = parsed.data;
  return ok({
    is,
    answers: answers.map((answer) => {
      if ('error' in answer) return err(placed(playbook, answer.error));
      if (answer.json.length > MAX_ANSWER) return err(`${playbook.file}: what it finds is ${answer.json.length} long`);
      const findings = parseFindings(playbook.name, answer.json);
      return findings.ok ? findings : err(`${playbook.file}: ${findings.error}`);
    }),
  });
}

/** What it says in an incident. Its reasons stand on a card, so they name the file without its folder. */
export async function runPlaybook(playbook: Compiled, looks: Looks): Promise<Result<Answers, string>> {
  const asked = await askPlaybook(playbook, looks);
  const short = (because: string) => err(because.replace(`${dirname(playbook.file)}/`, ''));
  return asked.ok
    ? ok(asked.value.answers.map((answer) => (answer.ok ? answer : short(answer.error))))
    : short(asked.error);
}

const placed = ({ file, sourceMap }: Compiled, { message, stack }: z.infer<typeof Failure>): string =>
  `${placeIn(stack, sourceMap, file)}: ${plainText(message, { maxLength: 300 })}`;
