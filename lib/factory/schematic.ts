import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import * as z from 'zod';
import { err, ok, type Result } from '../result.ts';
import { parseSafeYaml } from '../talos/safe-yaml.ts';

/**
 * What makes an image of Talos special: system extensions, kernel arguments and more. Keys that are not named here are
 * kept as they came, so that a change of one thing drops no other. `embeddedMachineConfiguration` and `meta` may hold
 * secrets: a schematic is not for logs or cards as a whole.
 * Source: siderolabs/image-factory, pkg/schematic/schematic.go and docs/api.md.
 */
const Customization = z.looseObject({
  embeddedMachineConfiguration: z.string().nullish(),
  extraKernelArgs: z.array(z.string().max(4096)).max(256).nullish(),
  meta: z.array(z.looseObject({ key: z.int().min(0).max(255), value: z.string() })).nullish(),
  systemExtensions: z
    .looseObject({ officialExtensions: z.array(z.string().min(1).max(255)).max(256).nullish() })
    .nullish(),
  bootloader: z.string().nullish(),
  secureboot: z.looseObject({}).nullish(),
  diskImage: z.looseObject({}).nullish(),
});
const SchematicDocument = z.looseObject({
  owner: z.string().nullish(),
  overlay: z.looseObject({}).nullish(),
  customization: Customization.nullish(),
});
export type Schematic = z.infer<typeof SchematicDocument>;

/** The error is a short text. */
export function parseSchematic(text: string): Result<Schematic, string> {
  const yaml = parseSafeYaml(text);
  if (!yaml.ok) return yaml;
  const parsed = SchematicDocument.safeParse(yaml.value);
  if (parsed.success) return ok(parsed.data);
  const [first] = parsed.error.issues;
  return err(`${first?.path.join('.') || 'the schematic'}: ${first?.message ?? 'not a schematic'}`);
}

/** In the order in which the factory writes them. Others come after. */
const ORDER = ['owner', 'overlay', 'customization'];
const ORDER_IN_CUSTOMIZATION = [
  'embeddedMachineConfiguration',
  'extraKernelArgs',
  'meta',
  'systemExtensions',
  'bootloader',
  'secureboot',
  'diskImage',
];
const ORDER_INSIDE: Readonly<Record<string, readonly string[]>> = {
  overlay: ['image', 'name', 'options'],
  secureboot: ['enrollKeys', 'includeWellKnownCertificates'],
};

/** What says nothing is not written. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.values(value).every(isNothing));
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function ordered(value: Readonly<Record<string, unknown>>, order: readonly string[]): Record<string, unknown> {
  const others = Object.keys(value).filter((key) => !order.includes(key));
  const said = [...order.filter((key) => !isNothing(value[key])), ...others].map((key) => {
    const inside = value[key];
    return [key, isRecord(inside) ? ordered(inside, ORDER_INSIDE[key] ?? []) : inside];
  });
  return Object.fromEntries(said);
}

/** One form for each meaning: known keys in the factory's order, nothing that is empty, the rest as it came. */
function canonical({ customization, ...others }: Schematic): Record<string, unknown> {
  const inside = ordered(customization ?? {}, ORDER_IN_CUSTOMIZATION);
  return { ...ordered(others, ORDER.slice(0, 2)), customization: inside };
}

/** As the factory itself writes it. */
export const schematicYaml = (schematic: Schematic): string =>
  stringify(canonical(schematic), { indent: 4, lineWidth: 0, aliasDuplicateObjects: false });

/** As the factory computes it. Which id an image has, the factory alone says. */
export const schematicId = (schematic: Schematic): string =>
  createHash('sha256').update(schematicYaml(schematic)).digest('hex');

/** Whether they mean the same image; a factory with logins adds the owner by itself. */
export function isSameSchematic(one: Schematic, other: Schematic): boolean {
  const [a, b] = [one, other].map(({ owner: _, ...rest }) => canonical(rest));
  return isDeepStrictEqual(a, b);
}

export const extensionsOf = ({ customization }: Schematic): readonly string[] =>
  customization?.systemExtensions?.officialExtensions ?? [];
export const kernelArgsOf = ({ customization }: Schematic): readonly string[] => customization?.extraKernelArgs ?? [];
