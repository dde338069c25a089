import type { Evidence } from '../evidence/evidence.ts';
import { plainText } from '../evidence/plain-text.ts';
import { readValue } from '../evidence/reading.ts';
import { isExtensionLayer } from '../playbooks/extension-layers.ts';
import { isSameExtension, offeredAs } from './extension-names.ts';
import { isSchematicId } from './installer-image.ts';
import { extensionsOf, type Schematic } from './schematic.ts';

/** From what the image of a node was made. */
export type RunningSchematic =
  /** `factoryUrl`: who built it, where the node says so (1.14). It is the node's word: nothing to connect to. */
  | { readonly kind: 'schematic'; readonly id: string; readonly factoryUrl: string | undefined }
  /** No Image Factory made it, or it lost its record. `extensions` as their manifests call them. */
  | { readonly kind: 'plain'; readonly extensions: readonly string[] }
  | { readonly kind: 'unknown'; readonly because: string };

const unknown = (because: string): RunningSchematic => ({ kind: 'unknown', because });

/** Image Factory leaves its id as a layer called `schematic`; from 1.14 on there is a resource too. They have to agree. */
export function runningSchematic({ readings }: Pick<Evidence, 'readings'>): RunningSchematic {
  const layers = readValue(readings.extensions);
  if (layers === undefined) return unknown('The node did not say which extensions are in its image.');
  const told = readValue(readings.imageSchematic);
  const layered = layers.filter(({ name }) => name === 'schematic').map(({ version }) => version);
  const ids = new Set([...layered, ...(told === undefined ? [] : [told.schematicId])].filter((id) => id !== ''));
  const [id] = ids;
  if (id === undefined) return { kind: 'plain', extensions: namesOf(layers) };
  if (ids.size > 1) return unknown('The node names two schematics for its image.');
  if (!isSchematicId(id)) return unknown('The node names a schematic whose id is not one of Image Factory.');
  return { kind: 'schematic', id, factoryUrl: told?.apiUrl || undefined };
}

type Layers = readonly { readonly name: string }[];
const namesOf = (layers: Layers): readonly string[] => [
  ...new Set(layers.filter(isExtensionLayer).map(({ name }) => plainText(name, { maxLength: 255 }))),
];

/** Extensions that run although the schematic does not name them: an image made from it would not have them. */
export const notInSchematic = (schematic: Schematic, layers: Layers): readonly string[] =>
  namesOf(layers).filter((name) => !extensionsOf(schematic).some((named) => isSameExtension(name, named)));

/** Under which names a factory has the extensions of an image that it did not make. `missing`: it has them not. */
export function schematicNames(
  extensions: readonly string[],
  offered: readonly { readonly name: string }[],
): { readonly names: readonly string[]; readonly missing: readonly string[] } {
  const found = extensions.map((name) => ({ name, offered: offeredAs(name, offered) }));
  return {
    names: [...new Set(found.flatMap((one) => one.offered ?? []))],
    missing: found.filter((one) => one.offered === undefined).map(({ name }) => name),
  };
}
