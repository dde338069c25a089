import { err, ok, type Result } from '../result.ts';
import type { CallContext } from './call.ts';
import type { Connection } from './connection.ts';
import { parseInTurn, type ResourceKind } from './cosi.ts';
import type { Event } from './generated/cosi/resource/state.ts';
import { cosiState } from './methods.ts';
import type { TalosError } from './talos-error.ts';

/** `there`: made or changed. `complete`: everything that existed when the watch began has been said. */
export type ResourceChange<T> =
  | { readonly kind: 'there'; readonly id: string; readonly value: T }
  | { readonly kind: 'gone'; readonly id: string }
  | { readonly kind: 'complete' };

/** With 0 the node would leave BOOTSTRAPPED and ERRORED out. Source: cosi-project/runtime, pkg/state/protobuf/server. */
const API_VERSION = 1;

/** Of one type, or of one resource; returns why it ended, undefined where the node ended it. A resource that cannot be read ends it too. */
export async function* watchResources<T>(
  connection: Connection,
  kind: ResourceKind<T>,
  context: CallContext & { readonly node: string },
  id?: string,
): AsyncGenerator<ResourceChange<T>, TalosError | undefined, undefined> {
  const request = {
    namespace: kind.namespace,
    type: kind.type,
    // one resource always comes with its present state, and refuses to be asked for it
    ...(id === undefined ? { options: { bootstrapContents: true } } : { id }),
    apiVersion: API_VERSION,
  };
  const frames = connection.follow(cosiState.watch, request, context);
  try {
    for (;;) {
      const frame = await frames.next();
      if (frame.done === true) return frame.value === undefined ? undefined : { ...frame.value, source: kind.type };
      for (const event of frame.value.event) {
        const change = await changeOf(kind, event, context.node);
        if (!change.ok) return change.error;
        if (change.value !== undefined) yield change.value;
      }
    }
  } finally {
    await frames.return(undefined);
  }
}

async function changeOf<T>(
  kind: ResourceKind<T>,
  { eventType, resource, error }: Event,
  node: string,
): Promise<Result<ResourceChange<T> | undefined, TalosError>> {
  const id = resource?.metadata?.id.slice(0, 4096) ?? '';
  switch (eventType) {
    case 'CREATED':
    case 'UPDATED': {
      const value = await parseInTurn(kind, resource, node);
      return value.ok ? ok({ kind: 'there', id, value: value.value }) : value;
    }
    case 'DESTROYED':
      return ok({ kind: 'gone', id });
    case 'BOOTSTRAPPED':
      return ok({ kind: 'complete' });
    case 'ERRORED':
      return err({ code: 'failed', node, source: kind.type, text: (error ?? '').slice(0, 600) });
    default:
      return ok(undefined); // NOOP, and what later versions may add
  }
}
