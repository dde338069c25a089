import { createHash } from 'node:crypto';
import type { FactoryErrorCode } from '../../lib/factory/factory-error.ts';
import type { ImageFactory, OfficialExtension } from '../../lib/factory/image-factory.ts';
import { type Schematic, schematicId } from '../../lib/factory/schematic.ts';
import { err, ok } from '../../lib/result.ts';

export const FACTORY = 'factory.test';
export const digestOf = (image: string): string => `sha256:${createHash('sha256').update(image).digest('hex')}`;

/** A factory that knows what it was told, and may say no to whatever it is asked. */
export function memoryFactory(offers: readonly string[] = []) {
  const known = new Map<string, Schematic>();
  const asked: string[] = [];
  const world: { no: FactoryErrorCode | undefined } = { no: undefined };
  const question = (source: string) => {
    asked.push(source);
    return world.no === undefined
      ? undefined
      : err({ code: world.no, factory: `https://${FACTORY}`, source, text: '' });
  };
  const missing = (source: string) => err({ code: 'not_found' as const, factory: FACTORY, source, text: '' });
  const store = (schematic: Schematic): string => {
    known.set(schematicId(schematic), schematic);
    return schematicId(schematic);
  };
  const factory: ImageFactory = {
    url: `https://${FACTORY}`,
    registry: FACTORY,
    async schematic(id) {
      const found = known.get(id);
      return question('schematic') ?? (found === undefined ? missing('schematic') : ok(found));
    },
    create: async (schematic) => question('create') ?? ok({ id: store(schematic), schematic }),
    versions: async () => question('versions') ?? ok([]),
    extensions: async () => question('extensions') ?? ok(offers.map(official)),
    installer: async (image) => question(image) ?? ok({ digest: digestOf(image) }),
  };
  return Object.assign(world, { factory, store, asked });
}

const official = (name: string): OfficialExtension => ({
  name,
  version: 'v1.0.0',
  ref: `ghcr.io/${name}:v1.0.0`,
  digest: digestOf(name),
  author: '',
  description: '',
});
