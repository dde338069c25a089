import * as z from 'zod';
import { runCommand, say } from './commands.ts';
import { click, type Outcome } from './interact.ts';
import { close, submit, viewOf } from './modals.ts';
import { findChannel, MAIN_CHANNEL } from './people.ts';
import type { Typed } from './state-values.ts';
import type { Workspace } from './workspace.ts';

/** What a person can do, from the page and from tests alike. */
const Entered = z.union([z.string(), z.array(z.string()), z.null()]);
const Values = z.record(z.string(), z.union([Entered, z.record(z.string(), Entered)]));
const Click = z.object({
  user: z.string(),
  channel: z.string().optional(),
  ts: z.string().optional(),
  view_id: z.string().optional(),
  action_id: z.string(),
  block_id: z.string().optional(),
  value: z.union([z.string(), z.array(z.string())]).optional(),
  values: Values.optional(),
});
const ViewRef = { user: z.string(), view_id: z.string().optional(), external_id: z.string().optional() };
const Submit = z.object({ ...ViewRef, values: Values.default({}) });
const Close = z.object(ViewRef);
const Command = z.object({ user: z.string(), text: z.string(), channel: z.string().default(MAIN_CHANNEL.id) });
const Say = z.object({ ...Command.shape, thread_ts: z.string().optional() });
const Dismiss = z.object({ user: z.string(), notice: z.string() });

type Act = (workspace: Workspace, baseUrl: string, body: unknown) => Promise<Outcome>;
const act =
  <T>(schema: z.ZodType<T>, run: (workspace: Workspace, baseUrl: string, args: T) => Promise<Outcome>): Act =>
  async (workspace, baseUrl, body) => {
    const args = schema.safeParse(body);
    if (args.success) return run(workspace, baseUrl, args.data);
    return { status: 'invalid', error: z.prettifyError(args.error) };
  };

const NO_VIEW: Outcome = { status: 'invalid', error: 'view_not_found' };
const DONE: Outcome = { status: 'acked', httpStatus: 200, body: '' };

export const ACTS: Readonly<Record<string, Act>> = {
  click: act(Click, async (workspace, baseUrl, { values, ...args }) => {
    return click(workspace, baseUrl, { ...args, values: typedOf(values ?? {}) });
  }),
  submit: act(Submit, async (workspace, _baseUrl, { values, ...args }) => {
    const view = viewOf(workspace, args.user, args);
    if (!view) return NO_VIEW;
    const actionOf = (blockId: string) => {
      const block = view.view.blocks.find((one) => one.type === 'input' && one.block_id === blockId);
      return block?.type === 'input' ? (block.element.action_id ?? '') : '';
    };
    return submit(workspace, view, typedOf(values, actionOf));
  }),
  close: act(Close, async (workspace, _baseUrl, args) => {
    const view = viewOf(workspace, args.user, args);
    return view ? close(workspace, view) : NO_VIEW;
  }),
  command: act(Command, runCommand),
  say: act(Say, async (workspace, baseUrl, { thread_ts, ...args }) => {
    if (args.text.startsWith('/')) return runCommand(workspace, baseUrl, args);
    const channel = findChannel(args.channel);
    if (!channel || args.text.trim() === '') return { status: 'invalid', error: 'no_text' };
    say(workspace, args.user, channel.id, args.text, thread_ts);
    return DONE;
  }),
  dismiss: act(Dismiss, async (workspace, _baseUrl, { user, notice }) => {
    workspace.dismiss(user, notice);
    return DONE;
  }),
};

/** `{ block: value }` is short for `{ block: { action: value } }`, where the block has one input. */
function typedOf(values: z.infer<typeof Values>, actionOf: (blockId: string) => string = () => ''): Typed {
  const entries = Object.entries(values).map(([blockId, value]) => {
    const isShort = value === null || typeof value === 'string' || Array.isArray(value);
    return [blockId, isShort ? { [actionOf(blockId)]: value } : value] as const;
  });
  return Object.fromEntries(entries);
}
