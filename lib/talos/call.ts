import * as grpc from '@grpc/grpc-js';
import { err, ok, type Result } from '../result.ts';

export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024; // Talos' own limit, constants.GRPCMaxMessageSize

export const channelOptions: grpc.ChannelOptions = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.use_local_subchannel_pool': 1, // one connection per channel, never shared with another identity
  'grpc.enable_retries': 0, // 1, the default, sends a refused stream a second time
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1, // no DNS TXT look-ups
};

export type CallContext = {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Header `node`: the control plane that we talk to forwards the call to this address. */
  readonly forwardTo?: string;
};

/** How a call ended in gRPC's own words; classify.ts says what that means. */
export type CallFailure = { readonly grpcCode: number; readonly details: string };

const CANCELLED_EARLY: CallFailure = { grpcCode: grpc.status.CANCELLED, details: 'Cancelled before the call' };

function metadataFor({ forwardTo }: CallContext): grpc.Metadata {
  const metadata = new grpc.Metadata();
  if (forwardTo !== undefined) metadata.set('node', forwardTo);
  return metadata;
}

function failureOf(error: Error): CallFailure {
  const grpcCode = 'code' in error && typeof error.code === 'number' ? error.code : grpc.status.UNKNOWN;
  const details = 'details' in error && typeof error.details === 'string' ? error.details : error.message;
  return { grpcCode, details };
}

export function callUnary<Q, R>(
  client: grpc.Client,
  m: grpc.MethodDefinition<Q, R>,
  request: Q,
  context: CallContext,
): Promise<Result<R, CallFailure>> {
  if (context.signal.aborted) return Promise.resolve(err(CANCELLED_EARLY));
  return new Promise((resolve) => {
    const call = client.makeUnaryRequest(
      m.path,
      m.requestSerialize,
      m.responseDeserialize,
      request,
      metadataFor(context),
      { deadline: Date.now() + context.timeoutMs },
      (error, reply) => {
        context.signal.removeEventListener('abort', cancel);
        if (error) resolve(err(failureOf(error)));
        else if (reply === undefined) resolve(err({ grpcCode: grpc.status.INTERNAL, details: 'no reply message' }));
        else resolve(ok(reply));
      },
    );
    const cancel = () => call.cancel();
    context.signal.addEventListener('abort', cancel, { once: true });
  });
}

export type StreamReading<R> = {
  /** Called for each frame; false: enough, the call is cancelled and counts as read. */
  readonly onFrame: (frame: R) => boolean;
  /** For streams without an end: that long without a frame, after the first one, counts as the end. */
  readonly quietMs?: number;
};

/** Reads a stream to its end, to `onFrame` saying enough, or to a failure. */
export function readStream<Q, R>(
  client: grpc.Client,
  m: grpc.MethodDefinition<Q, R>,
  request: Q,
  context: CallContext,
  { onFrame, quietMs }: StreamReading<R>,
): Promise<Result<void, CallFailure>> {
  if (context.signal.aborted) return Promise.resolve(err(CANCELLED_EARLY));
  return new Promise((resolve) => {
    const call = openStream(client, m, request, context);
    let quiet: NodeJS.Timeout | undefined;
    const end = (result: Result<void, CallFailure>) => {
      clearTimeout(quiet);
      context.signal.removeEventListener('abort', cancel);
      resolve(result);
    };
    const cancel = () => call.cancel();
    const enough = () => {
      end(ok(undefined));
      call.cancel();
    };
    context.signal.addEventListener('abort', cancel, { once: true });
    call.on('data', (frame: R) => {
      clearTimeout(quiet);
      if (!onFrame(frame)) enough();
      else if (quietMs !== undefined) quiet = setTimeout(enough, quietMs);
    });
    call.once('end', () => setImmediate(() => end(ok(undefined)))); // an error that comes with the end goes first
    call.once('error', (error) => end(err(failureOf(error))));
  });
}

/**
 * The frames of a stream without an end, and how it ended. Lazy: nothing is sent before the first `next()`, so a caller
 * that must be connected before it acts takes the first frame first.
 */
export async function* callStream<Q, R>(
  client: grpc.Client,
  m: grpc.MethodDefinition<Q, R>,
  request: Q,
  context: CallContext,
): AsyncGenerator<R, CallFailure | undefined, undefined> {
  if (context.signal.aborted) return CANCELLED_EARLY;
  const call = openStream(client, m, request, context);
  const cancel = () => call.cancel();
  context.signal.addEventListener('abort', cancel, { once: true });
  try {
    yield* call;
    return undefined;
  } catch (error) {
    return failureOf(error instanceof Error ? error : new Error(String(error)));
  } finally {
    context.signal.removeEventListener('abort', cancel);
    call.cancel(); // also when the caller stops early
  }
}

function openStream<Q, R>(client: grpc.Client, m: grpc.MethodDefinition<Q, R>, request: Q, context: CallContext) {
  const call = client.makeServerStreamRequest(
    m.path,
    m.requestSerialize,
    m.responseDeserialize,
    request,
    metadataFor(context),
    { deadline: Date.now() + context.timeoutMs },
  );
  call.on('error', () => {}); // without a listener a failing stream that nobody reads ends the process
  return call;
}
