import * as z from 'zod';
import type { Parameters } from '../approvals/action-name.ts';
import type { SchematicChange } from '../factory/change-schematic.ts';
import { err, ok, type Result } from '../result.ts';

const Names = z
  .string()
  .regex(/^[\w./@:-]+(?:,[\w./@:-]+)*$/)
  .transform((text) => text.split(','));
const Args = z
  .string()
  .regex(/^\S+(?: \S+)*$/)
  .transform((text) => text.split(' '));

/**
 * `version`: the one to install, else the one that runs. Lists of extensions with commas, of kernel arguments with blanks.
 * `image`: `clean` for what runs already, made anew with each extension once. With nothing at all it would cure nothing.
 */
const UpgradeParameters = z.strictObject({
  version: z
    .string()
    .regex(/^v\d{1,3}\.\d{1,3}\.\d{1,3}$/)
    .optional(),
  addExtensions: Names.optional(),
  removeExtensions: Names.optional(),
  addKernelArgs: Args.optional(),
  removeKernelArgs: Args.optional(),
  image: z.literal('clean').optional(),
});

export type UpgradeWanted = { readonly version: string | undefined; readonly change: SchematicChange };

export function parseUpgrade(parameters: Parameters): Result<UpgradeWanted, string> {
  const parsed = UpgradeParameters.safeParse(parameters);
  if (!parsed.success) return err(`An upgrade cannot be told ${parsed.error.issues[0]?.path.join('.') || 'this'}.`);
  if (Object.values(parsed.data).every((value) => value === undefined))
    return err('An upgrade needs a version, extensions or kernel arguments to change, or image: clean.');
  const { version, addExtensions = [], removeExtensions = [], addKernelArgs = [], removeKernelArgs = [] } = parsed.data;
  return ok({ version, change: { addExtensions, removeExtensions, addKernelArgs, removeKernelArgs } });
}

/** `to v1.13.4 without drbd`, `(clean image)`. */
export function upgradeAbout({ version, change }: UpgradeWanted): string {
  const { addExtensions = [], removeExtensions = [], addKernelArgs = [], removeKernelArgs = [] } = change;
  const words = [
    ...(version === undefined ? [] : [`to ${version}`]),
    ...listed('with', [...addExtensions, ...addKernelArgs]),
    ...listed('without', [...removeExtensions, ...removeKernelArgs]),
  ];
  return words.length === 0 ? '(clean image)' : words.join(' ');
}
const listed = (word: string, names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`${word} ${names.join(', ')}`];
