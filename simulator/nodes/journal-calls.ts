import type { Refusal } from './access.ts';
import { type Answer, answer, type CallContext, refuse } from './call-context.ts';

/** Methods that change a node: each one that reaches it is written down before anything happens. */
const CHANGING: ReadonlySet<string> = new Set([
  'Reboot',
  'Shutdown',
  'ApplyConfiguration',
  'Reset',
  'Rollback',
  'Upgrade',
  'ServiceRestart',
  'EtcdRemoveMemberByID',
  'EtcdForfeitLeadership',
  'EtcdDefragment',
  'EtcdAlarmDisarm',
  'ImageService.Pull',
  'LifecycleService.Upgrade',
]);
export const isChanging = (method: string): boolean => CHANGING.has(method);

export const isDryRun = (request: unknown): boolean =>
  typeof request === 'object' && request !== null && 'dryRun' in request && request.dryRun === true;

export function journal(
  context: CallContext,
  method: string,
  request: Record<string, unknown>,
  dryRun: boolean,
  refused?: Refusal,
) {
  const { around, node } = context;
  const outcome = refused ? `${refused.code} ${refused.details}` : 'accepted';
  const at = new Date(around.now()).toISOString();
  const roles = node.boot?.api === 'maintenance' ? [] : [...context.roles];
  around.journal.append({ at, node: node.name, method, roles, request, dryRun, outcome });
  node.lastActions = [...node.lastActions.slice(-9), { at, method: dryRun ? `${method} (dry run)` : method, outcome }];
}

/** Writes the call down with what the node says to it, and only then lets it happen. */
export function journalled<R>(
  context: CallContext,
  method: string,
  request: Record<string, unknown>,
  refused: Refusal | undefined,
  carryOut: () => R,
): Answer<R> {
  journal(context, method, request, false, refused);
  return refused ? refuse(refused) : answer(carryOut());
}

/** A call that the node refuses at its door reached it all the same. */
export function journalRefusal(
  context: CallContext | undefined,
  method: string,
  request: unknown,
  refused: Refusal,
): void {
  if (context === undefined || !isChanging(method)) return;
  const isApply = typeof request === 'object' && request !== null && 'data' in request;
  journal(context, method, isApply ? { bytes: 'not read' } : {}, isDryRun(request), refused);
}
