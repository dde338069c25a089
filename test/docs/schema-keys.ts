import type * as z from 'zod';

type Schema = z.core.JSONSchema.BaseSchema;
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const schemasIn = (value: unknown): readonly Schema[] => [value].flat().filter(isSchema);

export type Place = { readonly path: string; readonly schema: Schema; readonly shown: readonly unknown[] };

/** Every key of the schema, with what examples show of it. */
export function* keysOf({ path, schema: at, shown }: Place): Generator<Place> {
  for (const [key, property] of Object.entries(at.properties ?? {})) {
    if (!isSchema(property)) continue;
    const values = shown.filter(isSchema).flatMap((map) => (key in map ? [map[key]] : []));
    const place = { path: path === '' ? key : `${path}.${key}`, schema: property, shown: values };
    yield place;
    yield* keysOf(place);
  }
  const members = [at.anyOf, at.oneOf, at.allOf].flatMap(schemasIn);
  for (const member of members) yield* keysOf({ path, schema: member, shown });
  for (const item of schemasIn(at.items)) yield* keysOf({ path: `${path}[]`, schema: item, shown: shown.flat() });
  const entries = shown.filter(isSchema).flatMap((map) => Object.values(map));
  for (const entry of schemasIn(at.additionalProperties)) {
    yield* keysOf({ path: `${path}.*`, schema: entry, shown: entries });
  }
}
