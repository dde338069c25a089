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

/** Known keys in the order in which the factory writes them, by where they are. Others come after. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  schematic: ['owner', 'overlay'],
  overlay: ['image', 'name', 'options'],
  customization: [
    'embeddedMachineConfiguration',
    'extraKernelArgs',
    'meta',
    'systemExtensions',
    'bootloader',
    'secureboot',
    'diskImage',
  ],
  systemExtensions: ['officialExtensions'],
  secureboot: ['enrollKeys', 'includeWellKnownCertificates'],
  diskImage: ['sectorSize'],
};

type Mapping = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a known key may say as well as not being there. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  (Array.isArray(value) && value.length === 0) ||
  (isMapping(value) && Object.keys(value).length === 0);

function ordered(value: Mapping, order: readonly string[]): Mapping {
  const known = order.map((key) => [key, inOrder(key, value[key])] as const).filter(([, inside]) => !isNothing(inside));
  const others = Object.entries(value).filter(([key]) => !order.includes(key));
  return Object.fromEntries([...known, ...others]);
}

function inOrder(key: string, value: unknown): unknown {
  if (key === 'options') return sorted(value);
  return isMapping(value) ? ordered(value, ORDER[key] ?? []) : value;
}

/** Options of an overlay are free in form; the factory sorts them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMapping(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

/** One form for each meaning: known keys in the factory's order, nothing that is empty, the rest as it came. */
function canonical({ customization, ...others }: Schematic): Mapping {
  const inside = ordered(customization ?? {}, ORDER['customization'] ?? []);
  return { ...ordered(others, ORDER['schematic'] ?? []), customization: inside };
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
