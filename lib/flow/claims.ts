import type { Deps } from './deps.ts';
import { claimKey } from './keys.ts';

/** A claim is renewed every 10 s and dead after 30 s of silence. */
const RENEW_MS = 10_000;
const DEAD_AFTER_MS = 30_000;

/**
 * Runs one step of one stream at most once at a time, across processes: `{ owner, heartbeatAt }` beside the state.
 * Whoever finds it taken leaves; when the owner falls silent the next look takes it over.
 */
export async function withClaim(
  deps: Pick<Deps, 'items' | 'now'>,
  owner: string,
  stream: string,
  step: string,
  run: () => Promise<void>,
): Promise<'ran' | 'taken'> {
  const key = claimKey(stream, step);
  const put = () => ({ owner, heartbeatAt: deps.now().getTime() });
  const dead = { heartbeatAt: deps.now().getTime() - DEAD_AFTER_MS };
  const taken = await deps.items.write({
    do: 'put',
    key,
    attributes: put(),
    when: { is: 'absent_or_below', below: dead },
  });
  if (taken === 'refused') return 'taken';
  const beat = setInterval(() => {
    const when = { is: 'equal' as const, equals: { owner } };
    deps.items.write({ do: 'put', key, attributes: put(), when }).catch(() => {}); // a missed beat shows as silence
  }, RENEW_MS);
  try {
    await run();
  } finally {
    clearInterval(beat);
    await deps.items.write({ do: 'delete', key, when: { is: 'equal', equals: { owner } } }).catch(() => 'refused');
  }
  return 'ran';
}

/** Whether somebody is at work on the step at this moment. */
export async function isClaimed(
  { items, now }: Pick<Deps, 'items' | 'now'>,
  stream: string,
  step: string,
): Promise<boolean> {
  const heartbeatAt = (await items.get(claimKey(stream, step)))?.attributes['heartbeatAt'];
  return Number(heartbeatAt ?? 0) > now().getTime() - DEAD_AFTER_MS;
}
