import { parseSchematic, type Schematic, schematicId, schematicYaml } from '../../lib/factory/schematic.ts';
import type { FactoryPart } from './factory-schema.ts';
import { ALL_VERSIONS, extensionsFor, type Offered } from './offered.ts';

/** The simulated factory as it is kept with the cluster: the one place where schematics live. */
export type FactoryState = {
  /** As the factory writes them, by id. */
  schematics: Record<string, string>;
  /** On loopback. Kept, so that names of images stay true; 0: none yet. */
  port: number;
} & Pick<FactoryPart, 'versions' | 'lacks' | 'fault'>;

export const newFactory = (): FactoryState => ({ schematics: {}, port: 0 });

export const urlOf = ({ port }: FactoryState): string => `http://127.0.0.1:${port}`;

/** Simulated nodes reach it under its own address, and under the name of the public one. */
export const registriesOf = ({ port }: FactoryState): readonly string[] => [`127.0.0.1:${port}`, 'factory.talos.dev'];

export function storeSchematic(state: FactoryState, schematic: Schematic): string {
  const id = schematicId(schematic);
  state.schematics[id] = schematicYaml(schematic);
  return id;
}

export function findSchematic(state: FactoryState, id: string): Schematic | undefined {
  const text = Object.hasOwn(state.schematics, id) ? state.schematics[id] : undefined;
  const parsed = parseSchematic(text ?? '');
  return text !== undefined && parsed.ok ? parsed.value : undefined;
}

export const versionsOf = ({ versions }: FactoryState): readonly string[] => versions ?? ALL_VERSIONS;

export const offeredBy = ({ lacks = [] }: FactoryState, talos: string): readonly Offered[] =>
  extensionsFor(talos).filter(({ name }) => !lacks.includes(name));
