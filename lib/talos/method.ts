import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type * as grpc from '@grpc/grpc-js';

interface Codec<T> {
  encode(message: T): BinaryWriter;
  decode(bytes: Uint8Array): T;
}

/** One hand-listed method; the same definition serves a client and `grpc.Server.addService`. */
export const method = <Q, R>(path: string, request: Codec<Q>, response: Codec<R>, responseStream = false) =>
  ({
    path,
    requestStream: false,
    responseStream,
    requestSerialize: (message: Q) => Buffer.from(request.encode(message).finish()),
    requestDeserialize: (bytes: Buffer) => request.decode(bytes),
    responseSerialize: (message: R) => Buffer.from(response.encode(message).finish()),
    responseDeserialize: (bytes: Buffer) => response.decode(bytes),
  }) satisfies grpc.MethodDefinition<Q, R>;
