import * as z from 'zod';
import type { Result } from '../../lib/result.ts';
import { err, ok } from '../../lib/result.ts';
import { Json, readArguments } from './arguments.ts';
import type { Raw } from './methods-chat.ts';
import type { Trigger } from './model.ts';
import { findPerson } from './people.ts';
import { fine, type Reply, refuse } from './reply.ts';
import { findByExternalId, isTaken, newHash, openView, readView, replaceView } from './views.ts';
import { viewObject } from './wire.ts';
import type { Workspace } from './workspace.ts';

const Open = z.object({ trigger_id: z.string(), view: Json });
const Update = z.object({
  view_id: z.string().optional(),
  external_id: z.string().optional(),
  hash: z.string().optional(),
  view: Json,
});
const Publish = z.object({ user_id: z.string(), hash: z.string().optional(), view: Json });

export const viewsOpen = (workspace: Workspace, raw: Raw): Reply => openWith(workspace, raw, { push: false });
export const viewsPush = (workspace: Workspace, raw: Raw): Reply => openWith(workspace, raw, { push: true });

function openWith(workspace: Workspace, raw: Raw, { push }: { push: boolean }): Reply {
  const args = readArguments(Open, raw);
  if (!args.ok) return args.error;
  const trigger = usableTrigger(workspace, args.value.trigger_id);
  if (!trigger.ok) return trigger.error;
  const view = readView(workspace, args.value.view, 'modal');
  if (!view.ok) return view.error;
  const below = trigger.value.viewId === undefined ? undefined : workspace.views.get(trigger.value.viewId);
  if (push && !below) return refuse('invalid_trigger_id', ['[ERROR] views.push needs a trigger from a modal']);
  const opened = openView(workspace, trigger.value.user, view.value, push ? below : undefined);
  if (!opened.ok) return opened.error;
  trigger.value.used = true;
  return fine({ view: viewObject(opened.value) });
}

/** Three seconds, once. A refused view does not use it up. */
function usableTrigger(workspace: Workspace, id: string): Result<Trigger, Reply> {
  const trigger = workspace.triggers.get(id);
  if (!trigger) return err(refuse('invalid_trigger_id'));
  if (trigger.used) return err(refuse('exchanged_trigger_id'));
  if (trigger.expiresAtMs < workspace.now()) return err(refuse('expired_trigger_id'));
  return ok(trigger);
}

/** By `view_id` or `external_id`. With `hash`, only if nobody changed the view since. */
export function viewsUpdate(workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(Update, raw);
  if (!args.ok) return args.error;
  const { view_id: viewId, external_id: externalId, hash } = args.value;
  if ((viewId === undefined) === (externalId === undefined)) {
    return refuse('invalid_arguments', ['[ERROR] provide exactly one of `view_id` and `external_id`']);
  }
  const byId = viewId === undefined ? undefined : workspace.views.get(viewId);
  const found = externalId === undefined ? byId : findByExternalId(workspace, externalId);
  if (!found) return refuse('not_found');
  const view = readView(workspace, args.value.view, found.view.type);
  if (!view.ok) return view.error;
  if (hash !== undefined && hash !== found.hash) return refuse('hash_conflict');
  const replaced = replaceView(workspace, found, view.value);
  return replaced.ok ? fine({ view: viewObject(replaced.value) }) : replaced.error;
}

/** Replaces one person's App Home. */
export function viewsPublish(workspace: Workspace, raw: Raw): Reply {
  const args = readArguments(Publish, raw);
  if (!args.ok) return args.error;
  const person = findPerson(args.value.user_id);
  if (!person) return refuse('user_not_found');
  const view = readView(workspace, args.value.view, 'home');
  if (!view.ok) return view.error;
  const old = workspace.homes.get(person.id);
  if (args.value.hash !== undefined && args.value.hash !== old?.hash) return refuse('hash_conflict');
  const id = old?.id ?? workspace.nextId('V');
  if (isTaken(workspace, view.value, id)) return refuse('duplicate_external_id');
  const openedAtMs = workspace.now();
  const home = {
    id,
    userId: person.id,
    rootId: id,
    hash: newHash(workspace, id),
    view: view.value,
    openedAtMs,
  };
  workspace.homes.set(person.id, home);
  return fine({ view: viewObject(home) });
}
