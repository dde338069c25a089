import { createHash } from 'node:crypto';
import type { Result } from '../../lib/result.ts';
import { err, ok } from '../../lib/result.ts';
import { View } from './block-schema.ts';
import { checkView } from './check-blocks.ts';
import { withIds } from './methods-chat.ts';
import type { OpenView } from './model.ts';
import { type Reply, refuse, refuseProblems } from './reply.ts';
import type { Workspace } from './workspace.ts';

/** Slack shows at most three modals above each other. */
const STACK_MAX = 3;

/** A view that Slack would accept, with every block named. */
export function readView(workspace: Workspace, given: unknown, type: View['type']): Result<View, Reply> {
  const refused = refuseProblems(checkView(given));
  if (refused) return err(refused);
  const view = View.parse(given);
  if (view.type !== type)
    return err(refuse('invalid_arguments', [`[ERROR] expected a ${type} view [json-pointer:/view/type]`]));
  return ok({ ...view, blocks: withIds(workspace, view.blocks) });
}

/** What one person has open, bottom first. */
export const stackOf = (workspace: Workspace, userId: string): readonly OpenView[] =>
  workspace.views
    .values()
    .filter((view) => view.userId === userId)
    .sort((a, b) => a.openedAtMs - b.openedAtMs);

export const findByExternalId = (workspace: Workspace, externalId: string): OpenView | undefined =>
  [...workspace.views.values(), ...workspace.homes.values()].find((view) => view.view.external_id === externalId);

/** Unique among everything that is open in the workspace, whoever has it open. */
export function isTaken(workspace: Workspace, view: View, exceptId?: string): boolean {
  if (view.external_id === undefined || view.external_id === '') return false;
  const holder = findByExternalId(workspace, view.external_id);
  return holder !== undefined && holder.id !== exceptId;
}

export function newHash(workspace: Workspace, id: string): string {
  const unique = `${id}/${workspace.nextTs()}`;
  return `${Math.floor(workspace.now() / 1000)}.${createHash('sha256').update(unique).digest('hex').slice(0, 8)}`;
}

/** Opens a modal, on top of `above` or, without it, in place of whatever the person had open. */
export function openView(
  workspace: Workspace,
  userId: string,
  view: View,
  above: OpenView | undefined,
): Result<OpenView, Reply> {
  if (isTaken(workspace, view)) return err(refuse('duplicate_external_id'));
  const stack = stackOf(workspace, userId);
  if (above && stack.length >= STACK_MAX) return err(refuse('push_limit_reached'));
  if (!above) for (const old of stack) closeView(workspace, old);
  const id = workspace.nextId('V');
  const top = above ? stack.at(-1) : undefined;
  const opened: OpenView = {
    id,
    userId,
    rootId: above?.rootId ?? id,
    ...(above && { previousId: above.id }),
    hash: newHash(workspace, id),
    view,
    openedAtMs: Math.max(workspace.now(), (top?.openedAtMs ?? 0) + 1),
  };
  workspace.views.set(id, opened);
  return ok(opened);
}

/** The view is replaced as a whole: metadata and external id that are not given again are gone. */
export function replaceView(workspace: Workspace, old: OpenView, view: View): Result<OpenView, Reply> {
  if (isTaken(workspace, view, old.id)) return err(refuse('duplicate_external_id'));
  const next = { ...old, view, hash: newHash(workspace, old.id) };
  const table = view.type === 'home' ? workspace.homes : workspace.views;
  table.set(view.type === 'home' ? old.userId : old.id, next);
  return ok(next);
}

/** A closed view is gone: updating it is `not_found`, and its external id is free again. */
export const closeView = (workspace: Workspace, view: OpenView) => workspace.views.delete(view.id);
