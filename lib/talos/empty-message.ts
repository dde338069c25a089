import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** google.protobuf.Empty: no field, so nothing is written and whatever comes is skipped. */
export type Empty = Readonly<Record<string, never>>;
export const Empty = { encode: (_: Empty) => new BinaryWriter(), decode: (_: Uint8Array): Empty => ({}) };
