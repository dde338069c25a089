import type { ClusterState } from './cluster-stream.ts';
import type { DueWork } from './due-work.ts';

/**
 * What has to run next for one cluster: tell what was found, look (because somebody asked, because a look was cut off,
 * or because the time has come), answer who asked. `everyMs` 0: only when somebody asks.
 */
export function duePatrol(state: ClusterState | undefined, now: string, everyMs: number): readonly DueWork[] {
  const answer = { step: 'answer', function: 'notify', notBefore: now } as const;
  const answers = state !== undefined && state.unanswered.length > 0 && isTold(state) ? [answer] : [];
  const notBefore = patrolAt(state, now, everyMs);
  return [...(notBefore === undefined ? [] : [{ step: 'patrol', function: 'patrol', notBefore } as const]), ...answers];
}

/** When the next patrol may begin, or its report has to be told. */
function patrolAt(state: ClusterState | undefined, now: string, everyMs: number): string | undefined {
  if (state === undefined || state.startedAt === '') return isAsked(state) || everyMs > 0 ? now : undefined;
  const isCutOff = state.endedAt === '';
  if (isCutOff || isAsked(state) || !isTold(state)) return now;
  return everyMs > 0 ? new Date(Date.parse(state.startedAt) + everyMs).toISOString() : undefined;
}

const isAsked = (state: ClusterState | undefined): boolean => state !== undefined && state.wanted.length > 0;
export const isTold = ({ report }: ClusterState): boolean => report?.isTold !== false;

/** May a patrol begin at this moment? A message that came late, or twice, is told no. */
export function isPatrolDue(state: ClusterState | undefined, now: string, everyMs: number): boolean {
  const at = patrolAt(state, now, everyMs);
  return at !== undefined && at <= now && (state === undefined || isTold(state));
}
