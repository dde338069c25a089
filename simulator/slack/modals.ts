import * as z from 'zod';
import { type Delivery, deliver } from './deliver.ts';
import type { Outcome } from './interact.ts';
import type { OpenView } from './model.ts';
import { commonParts, newTrigger } from './payload-parts.ts';
import { fieldErrors, stateValues, type Typed } from './state-values.ts';
import { closeView, findByExternalId, openView, readView, replaceView, stackOf } from './views.ts';
import { viewObject } from './wire.ts';
import type { Workspace } from './workspace.ts';

const TROUBLE = 'We had some trouble connecting. Try again?';

const Answer = z.discriminatedUnion('response_action', [
  z.object({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.object({ response_action: z.literal('update'), view: z.unknown() }),
  z.object({ response_action: z.literal('push'), view: z.unknown() }),
  z.object({ response_action: z.literal('clear') }),
]);

/** One of the views that this person has open. */
export function viewOf(
  workspace: Workspace,
  user: string,
  ref: { view_id?: string | undefined; external_id?: string | undefined },
) {
  const { view_id: viewId, external_id: externalId } = ref;
  const byExternal = externalId === undefined ? undefined : findByExternalId(workspace, externalId);
  const view = viewId === undefined ? byExternal : workspace.views.get(viewId);
  return view?.userId === user ? view : undefined;
}

/** Sends the form, and does to the modal what the app answers. `errors` are shown under the fields. */
export async function submit(workspace: Workspace, view: OpenView, typed: Typed): Promise<Outcome> {
  const values = stateValues(view.view.blocks, typed);
  const missing = fieldErrors(view.view.blocks, values);
  if (Object.keys(missing).length > 0) return { status: 'invalid', error: 'field_errors', errors: missing };
  const payload = {
    type: 'view_submission',
    ...commonParts(view.userId),
    trigger_id: newTrigger(workspace, view.userId, view.id),
    view: viewObject(view, values),
    response_urls: [],
  };
  const delivery = await deliver(workspace, { form: { payload: JSON.stringify(payload) } });
  if (delivery.status !== 'acked') {
    workspace.notify(view.userId, TROUBLE);
    return delivery;
  }
  return follow(workspace, view, delivery);
}

/** An empty answer closes the view and shows the one below. What Slack cannot follow leaves the modal as it is. */
function follow(workspace: Workspace, submitted: OpenView, delivery: Extract<Delivery, { status: 'acked' }>): Outcome {
  const view = workspace.views.get(submitted.id);
  if (!view) return delivery;
  if (isEmpty(delivery.body)) {
    closeView(workspace, view);
    return delivery;
  }
  const answer = Answer.safeParse(delivery.body);
  if (!answer.success) return trouble(workspace, view, 'invalid_response_action');
  switch (answer.data.response_action) {
    case 'clear':
      for (const one of stackOf(workspace, view.userId)) closeView(workspace, one);
      return delivery;
    case 'errors': {
      const known = view.view.blocks.flatMap((block) => (block.type === 'input' ? [block.block_id] : []));
      const { errors } = answer.data;
      const isKnown = Object.keys(errors).every((blockId) => known.includes(blockId));
      if (!isKnown || Object.keys(errors).length === 0) return trouble(workspace, view, 'unknown_block_id');
      return { status: 'invalid', error: 'field_errors', errors };
    }
    case 'update':
    case 'push': {
      const next = readView(workspace, answer.data.view, 'modal');
      if (!next.ok) return trouble(workspace, view, String(next.error['error']));
      const isPush = answer.data.response_action === 'push';
      const shown = isPush
        ? openView(workspace, view.userId, next.value, view)
        : replaceView(workspace, view, next.value);
      return shown.ok ? delivery : trouble(workspace, view, String(shown.error['error']));
    }
  }
}

function trouble(workspace: Workspace, view: OpenView, error: string): Outcome {
  workspace.notify(view.userId, TROUBLE);
  return { status: 'invalid', error };
}

const isEmpty = (body: unknown) =>
  body === '' || body === null || (typeof body === 'object' && Object.keys(body).length === 0);

/** Closing tells the app only when the view asked for it; what the app answers changes nothing. */
export async function close(workspace: Workspace, view: OpenView): Promise<Outcome> {
  const isCleared = view.view.type === 'modal' && view.view.clear_on_close === true;
  const closing = isCleared ? stackOf(workspace, view.userId) : [view];
  for (const one of closing) closeView(workspace, one);
  if (view.view.type !== 'modal' || view.view.notify_on_close !== true)
    return { status: 'acked', httpStatus: 200, body: '' };
  const payload = {
    type: 'view_closed',
    ...commonParts(view.userId),
    view: viewObject(view),
    is_cleared: isCleared,
  };
  return deliver(workspace, { form: { payload: JSON.stringify(payload) } });
}
