import type * as z from 'zod';
import { err, ok, type Result } from '../result.ts';
import { explain } from './explain-issues.ts';
import { atMost, type Kind, type ProblemAt, readYamlFile } from './yaml-file.ts';

export type Checked<T> = { readonly value: T; readonly problemAt: ProblemAt };

/** What a file says, by its schema; or what is wrong with it, each with file, line, column and path. */
export function readChecked<T>(file: string, kind: Kind, schema: z.ZodType<T>): Result<Checked<T>, readonly string[]> {
  const read = readYamlFile(file, kind);
  if (!read.ok) return read;
  const { value, problemAt } = read.value;
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok({ value: parsed.data, problemAt });
  const wrong = atMost(explain(parsed.error.issues, value));
  return err(wrong.map(({ path, key, says }) => problemAt(path, key, says)));
}
