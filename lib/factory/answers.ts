import * as z from 'zod';
import { plainText } from '../evidence/plain-text.ts';
import { err, ok, type Result } from '../result.ts';
import type { OfficialExtension } from './image-factory.ts';
import { isSchematicId } from './installer-image.ts';
import { parseSchematic, type Schematic } from './schematic.ts';

/** What the factory answers, parsed. Errors are short texts. Source: siderolabs/image-factory, pkg/client. */
export type Parse<T> = (text: string) => Result<T, string>;

const VERSION = /^v\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[0-9a-z]{1,16}\.\d{1,3})?$/;
export const isTalosTag = (text: string): boolean => VERSION.test(text);
const DIGEST = /^sha256:[0-9a-f]{64}$/;
export const isDigest = (text: string): boolean => DIGEST.test(text);

const Words = z
  .string()
  .max(10_000)
  .nullish()
  .transform((text) => plainText(text ?? '', { maxLength: 300 }));
const Extension = z
  .object({
    name: z.string().regex(/^[a-z0-9][a-z0-9._/-]{0,199}$/),
    ref: z.string().regex(/^[a-z0-9][\w.:/-]{0,300}:[\w.-]{1,128}$/),
    digest: z.string().regex(DIGEST),
    author: Words,
    description: Words,
  })
  .transform((one): OfficialExtension => ({ ...one, version: one.ref.slice(one.ref.lastIndexOf(':') + 1) }));

const fromJson =
  <T>(schema: z.ZodType<T>): Parse<T> =>
  (text) => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return err('not JSON');
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return ok(parsed.data);
    const [first] = parsed.error.issues;
    return err(`${first?.path.join('.') || 'the answer'}: ${first?.message}`);
  };

export const parseVersions: Parse<readonly string[]> = fromJson(z.array(z.string().regex(VERSION)).max(5_000));
export const parseExtensions: Parse<readonly OfficialExtension[]> = fromJson(z.array(Extension).max(2_000));

const Created = z.object({
  id: z.string().refine(isSchematicId, 'not the id of a schematic'),
  schematic: z.string().nullish(),
});

/** Factories before v1.3 answer without the schematic. */
export const parseCreated: Parse<{ readonly id: string; readonly schematic: Schematic | undefined }> = (text) => {
  const created = fromJson(Created)(text);
  if (!created.ok) return created;
  const { id, schematic } = created.value;
  if (!schematic) return ok({ id, schematic: undefined });
  const parsed = parseSchematic(schematic);
  return parsed.ok ? ok({ id, schematic: parsed.value }) : parsed;
};
