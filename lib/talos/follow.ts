import { setTimeout as wait } from 'node:timers/promises';
import { sameBoot } from '../evidence/boot.ts';
import { ok, type Result } from '../result.ts';
import { describeTalosError } from './describe-talos-error.ts';
import { type EventStream, openEvents } from './event-stream.ts';
import { progressOf, type Watched } from './progress.ts';
import type { ClusterAccess, Following, FollowOptions, NodeTarget, Progress } from './talos.ts';
import type { TalosError } from './talos-error.ts';

/** A node that is away for a boot is asked again after these times, the last one over and over. */
const AGAIN_AFTER_MS = [500, 1_000, 2_000, 5_000];

/** Opens Events now, so that a call made after this misses nothing; what they mean is asked for with `progress`. */
export async function followNode(
  access: ClusterAccess,
  target: NodeTarget,
  { signal, forMs, isPersistent }: FollowOptions,
): Promise<Result<Following, TalosError>> {
  const endsAtMs = performance.now() + forMs;
  const opened = await openEvents(access, target, { timeoutMs: forMs, signal, past: false });
  if (!opened.ok) return opened;
  const open = { stream: opened.value };
  return ok({
    progress: (actorId) => progress({ access, target, signal, endsAtMs, isPersistent }, open, actorId),
    close: () => open.stream.close(),
  });
}

type Journey = {
  readonly access: ClusterAccess;
  readonly target: NodeTarget;
  readonly signal: AbortSignal;
  readonly endsAtMs: number;
  readonly isPersistent: boolean;
};

async function* progress(
  journey: Journey,
  open: { stream: EventStream },
  actorId: string,
): AsyncGenerator<Progress, void, undefined> {
  const before = open.stream.boot;
  const watched: Watched = { actorId, hasBegun: false, isOtherBoot: false, lastId: '' };
  try {
    for (;;) {
      const lost = yield* tellOf(open.stream, watched);
      if (lost === 'ended' || journey.signal.aborted) return;
      if (isLate(journey)) return yield end('deadline', 'The time for it is over.');
      yield { kind: 'lost', because: lost };
      if (!journey.isPersistent) return;
      open.stream.close();
      const back = await reopen(journey);
      if ('end' in back) return yield back.end;
      open.stream = back.stream;
      const isSame = sameBoot(before, back.stream.boot);
      yield { kind: 'back', boot: bootWord(isSame) };
      if (isSame === false && !watched.isOtherBoot) Object.assign(watched, { isOtherBoot: true, lastId: '' });
      if (isUp(watched, back.stream)) return yield end('up', 'The node booted again, and is running and ready.');
    }
  } finally {
    open.stream.close();
  }
}

/** The deadline of the stream is counted by another clock, and may be over a little earlier. */
const CLOCKS_APART_MS = 50;
const isLate = ({ endsAtMs }: Journey): boolean => performance.now() >= endsAtMs - CLOCKS_APART_MS;
const end = (how: Extract<Progress, { kind: 'end' }>['how'], because: string): Progress => ({
  kind: 'end',
  how,
  because,
});
const isUp = ({ isOtherBoot }: Watched, { stage }: EventStream): boolean =>
  isOtherBoot && stage?.name === 'running' && stage.ready;

function bootWord(isSame: boolean | undefined): 'same' | 'other' | 'unknown' {
  if (isSame === undefined) return 'unknown';
  return isSame ? 'same' : 'other';
}

/** Until the stream ends: `ended` where the story does too, else why it was lost. */
async function* tellOf({ frames }: EventStream, watched: Watched): AsyncGenerator<Progress, string, undefined> {
  for (;;) {
    const frame = await frames.next();
    if (frame.done === true)
      return frame.value === undefined ? 'The node ended the stream.' : describeTalosError(frame.value);
    const said = progressOf(frame.value, watched);
    if (said === undefined) continue;
    yield said;
    if (said.kind === 'end') return 'ended';
  }
}

/** The node as it comes back, or why nobody waits any longer. */
async function reopen(journey: Journey): Promise<{ readonly stream: EventStream } | { readonly end: Progress }> {
  const { access, target, signal, endsAtMs } = journey;
  for (let n = 0; ; n += 1) {
    const pauseMs = AGAIN_AFTER_MS[Math.min(n, AGAIN_AFTER_MS.length - 1)] ?? 0;
    await wait(Math.max(0, Math.min(pauseMs, endsAtMs - performance.now())), undefined, { signal }).catch(() => {});
    if (signal.aborted) return { end: end('deadline', 'It was called off.') };
    if (isLate(journey)) return { end: end('deadline', 'The node did not come back in time.') };
    const opened = await openEvents(access, target, { timeoutMs: endsAtMs - performance.now(), signal, past: true });
    if (opened.ok) return { stream: opened.value };
    if (opened.error.code === 'unknown_authority')
      return { end: end('other_certificate', describeTalosError(opened.error)) };
  }
}
