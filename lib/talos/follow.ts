import { openConnection } from './connection.ts';
import { describeTalosError } from './describe-talos-error.ts';
import { mayDial } from './dial-rules.ts';
import { decodeEvent } from './events.ts';
import { machineService } from './methods.ts';
import { verified } from './node-policy.ts';
import type { ClusterAccess, NodeTarget, ProgressEvent } from './talos.ts';

const FOLLOW_MS = 60_000;

/**
 * Live events of a node. The first item is always `{ kind: 'stage', name: 'opened' }`: from then on nothing is missed,
 * so a caller takes it (`await events.next()`) before it acts. If the stream cannot be opened there is no `opened`; the
 * only item is then the last one below.
 *
 * The last item is `{ kind: 'stage', name: 'closed', error }` where the connection failed or dropped, as it does when a
 * node reboots; its `error.code` is a TalosError code. After 60 s, an abort, or a stream that the node ended, the
 * iteration just ends. Never throws.
 */
export async function* followEvents(
  access: ClusterAccess,
  { name, address }: NodeTarget,
  signal: AbortSignal,
): AsyncGenerator<ProgressEvent, void, undefined> {
  const allowed = mayDial(address, access);
  if (!allowed.ok) return yield closed('address_not_allowed', allowed.error);
  const connection = openConnection({
    node: name,
    tls: verified(access, address, access.reader),
    keepalive: { everyMs: 10_000, timeoutMs: 5_000 },
  });
  try {
    const request = { tailEvents: 0, tailId: '', tailSeconds: 0, withActorId: '' };
    const frames = connection.follow(machineService.events, request, { timeoutMs: FOLLOW_MS, signal });
    let isOpen = false;
    for (;;) {
      const frame = await frames.next();
      if (frame.done === true) {
        const error = frame.value;
        const isOurEnd = signal.aborted || (isOpen && error?.code === 'deadline_exceeded');
        if (error !== undefined && !isOurEnd) yield closed(error.code, describeTalosError(error));
        return;
      }
      if (!isOpen) {
        isOpen = true;
        yield { id: '', actorId: '', kind: 'stage', name: 'opened', action: '' };
      }
      const event = decodeEvent(frame.value);
      if (event === undefined) continue; // the greeting, or a kind that nobody needs
      yield {
        id: frame.value.id.slice(0, 64),
        actorId: frame.value.actorId.slice(0, 64),
        kind: event.type,
        name: event.name,
        action: event.action,
        ...('error' in event && event.error !== undefined ? { error: event.error } : {}),
      };
    }
  } finally {
    connection.close();
  }
}

const closed = (code: string, message: string): ProgressEvent => ({
  id: '',
  actorId: '',
  kind: 'stage',
  name: 'closed',
  action: '',
  error: { code, message },
});
