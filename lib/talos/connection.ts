import { X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { redactText } from '../evidence/redact.ts';
import { err, type Result } from '../result.ts';
import {
  type CallContext,
  type CallFailure,
  callStream,
  callUnary,
  channelOptions,
  readStream,
  type StreamReading,
} from './call.ts';
import { ChannelTls, type TlsPolicy } from './channel-tls.ts';
import { BUDGET_TEXT, classify } from './classify.ts';
import type { TalosError } from './talos-error.ts';

export type ConnectionOptions = {
  /** How errors name the other side. */
  readonly node: string;
  readonly tls: TlsPolicy;
  /** Bytes of replies that may still be read, shared by all connections of a sweep. */
  readonly budget?: ByteBudget;
  /** Pings while a stream is open. Only for streams: Talos answers idle pings with GOAWAY. */
  readonly keepalive?: { readonly everyMs: number; readonly timeoutMs: number };
};
export type ByteBudget = { left: number };

/** One channel to one address under one identity. Never throws; every failure is a TalosError. */
export type Connection = {
  readonly tls: ChannelTls;
  unary<Q, R>(m: grpc.MethodDefinition<Q, R>, request: Q, context: CallContext): Promise<Result<R, TalosError>>;
  read<Q, R>(
    m: grpc.MethodDefinition<Q, R>,
    request: Q,
    context: CallContext,
    reading: StreamReading<R>,
  ): Promise<Result<void, TalosError>>;
  /** Lazy, see `callStream`; returns how the stream ended, undefined when the node ended it normally. */
  follow<Q, R>(
    m: grpc.MethodDefinition<Q, R>,
    request: Q,
    context: CallContext,
  ): AsyncGenerator<R, TalosError | undefined, undefined>;
  /** Always in a `finally`: nothing of the connection survives it. */
  close(): void;
};

export function openConnection({ node, tls: policy, budget, keepalive }: ConnectionOptions): Connection {
  const tls = new ChannelTls(policy);
  const target = isIPv6(policy.address)
    ? `ipv6:[${policy.address}]:${policy.port}`
    : `ipv4:${policy.address}:${policy.port}`;
  const client = new grpc.Client(target, tls, {
    ...channelOptions,
    ...(keepalive === undefined
      ? {}
      : { 'grpc.keepalive_time_ms': keepalive.everyMs, 'grpc.keepalive_timeout_ms': keepalive.timeoutMs }),
  });

  /** The alert about our certificate may arrive one turn after the call has failed. */
  const toTalosError = async (source: string, failure: CallFailure): Promise<TalosError> => {
    if (failure.grpcCode === grpc.status.UNAVAILABLE) await new Promise((resolve) => setImmediate(resolve));
    const code = classify({ ...failure, transport: tls.lastError, source });
    const isOurs = code === 'client_certificate_refused' || (code === 'connection_reset' && tls.isEstablished);
    const text = plain(failure.details);
    if (isOurs && isExpired(policy)) return { code: 'client_certificate_expired', node, source, text };
    return { code, node, source, text };
  };
  const counted = <Q, R>(m: grpc.MethodDefinition<Q, R>): grpc.MethodDefinition<Q, R> => {
    if (budget === undefined) return m;
    const responseDeserialize = (bytes: Buffer): R => {
      budget.left -= bytes.length;
      if (budget.left < 0) throw new RangeError(BUDGET_TEXT);
      return m.responseDeserialize(bytes);
    };
    return { ...m, responseDeserialize };
  };
  return {
    tls,
    async unary(m, request, context) {
      const reply = await callUnary(client, counted(m), request, context);
      return reply.ok ? reply : err(await toTalosError(sourceOf(m), reply.error));
    },
    async read(m, request, context, reading) {
      const end = await readStream(client, counted(m), request, context, reading);
      return end.ok ? end : err(await toTalosError(sourceOf(m), end.error));
    },
    async *follow(m, request, context) {
      const failure = yield* callStream(client, m, request, context);
      return failure === undefined ? undefined : await toTalosError(sourceOf(m), failure);
    },
    close() {
      client.close();
      tls.close();
    },
  };
}

/** `machine.MachineService/Version`: how readings and errors name a call. */
export const sourceOf = (m: { readonly path: string }): string => m.path.slice(1);

function isExpired({ identity }: TlsPolicy): boolean {
  return identity !== undefined && new Date(new X509Certificate(identity.certPem).validTo).getTime() < Date.now();
}

/** Text from the other side, for the record: one line, cut, without secrets. */
function plain(details: string): string {
  return redactText(details.slice(0, 600)).text.replaceAll(/\s+/g, ' ').trim();
}
