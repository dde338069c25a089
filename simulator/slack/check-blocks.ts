import * as z from 'zod';
import { Block, type Element, View } from './block-schema.ts';

/**
 * Says what Slack would refuse, with Slack's error name, before anything is sent. Pure, so that Medic's own tests run it
 * on every message and view. `path` is a JSON pointer as Slack prints it. An empty list means accepted.
 */
export type BlockProblem = { readonly error: string; readonly path: string; readonly reason: string };

/** Undocumented, measured by others: about 13,200 characters of blocks (bolt-js issue 2509). Counted as JSON here. */
export const MESSAGE_BLOCKS_MAX_CHARACTERS = 13_200;
const MESSAGE_BLOCKS_MAX = 50;
/** Only `chat.update` refuses; a post is cut at 40,000. */
export const UPDATE_TEXT_MAX_CHARACTERS = 4000;
const VIEW_MAX_BYTES = 250 * 1024;

/** The blocks of a message. Everything but an array of valid blocks is `invalid_blocks`. */
export function checkBlocks(blocks: unknown): readonly BlockProblem[] {
  const parsed = z.array(Block).max(MESSAGE_BLOCKS_MAX).safeParse(blocks);
  if (!parsed.success) return problemsOf(parsed.error, 'invalid_blocks', '/blocks');
  const repeated = repeatedIds(parsed.data, '/blocks').map((one) => ({ error: 'invalid_blocks', ...one }));
  const length = JSON.stringify(parsed.data).length;
  if (length <= MESSAGE_BLOCKS_MAX_CHARACTERS) return repeated;
  const reason = `${length} characters of blocks, more than ${MESSAGE_BLOCKS_MAX_CHARACTERS}`;
  return [...repeated, { error: 'msg_blocks_too_long', path: '/blocks', reason }];
}

/** A message that is to be posted, and later edited, as it stands. `text` is what notifications and screen readers say. */
export function checkMessage(message: { readonly text?: string; readonly blocks?: unknown }): readonly BlockProblem[] {
  const text = message.text ?? '';
  const problems = message.blocks === undefined ? [] : checkBlocks(message.blocks);
  if (text === '' && (message.blocks === undefined || isEmptyArray(message.blocks))) {
    return [...problems, { error: 'no_text', path: '/text', reason: 'neither text nor blocks' }];
  }
  if (text.length <= UPDATE_TEXT_MAX_CHARACTERS) return problems;
  const reason = `must be less than ${UPDATE_TEXT_MAX_CHARACTERS + 1} characters`;
  return [...problems, { error: 'msg_too_long', path: '/text', reason }];
}

/** A modal or home view. Slack answers `invalid_arguments` for all but size. */
export function checkView(view: unknown): readonly BlockProblem[] {
  const parsed = View.safeParse(view);
  if (!parsed.success) return problemsOf(parsed.error, 'invalid_arguments', '/view');
  const bytes = Buffer.byteLength(JSON.stringify(parsed.data));
  if (bytes > VIEW_MAX_BYTES) {
    return [{ error: 'view_too_large', path: '/view', reason: `${bytes} bytes, more than ${VIEW_MAX_BYTES}` }];
  }
  return repeatedIds(parsed.data.blocks, '/view/blocks').map((one) => ({ error: 'invalid_arguments', ...one }));
}

/** As Slack prints it in `response_metadata.messages`. */
export const describeProblem = ({ path, reason }: BlockProblem) => `[ERROR] ${reason} [json-pointer:${path}]`;

/** The elements of a block that can be clicked or filled. */
export function elementsOf(block: Block): readonly Element[] {
  if (block.type === 'actions') return block.elements;
  if (block.type === 'input') return [block.element];
  if (block.type === 'section' && block.accessory && block.accessory.type !== 'image') return [block.accessory];
  return [];
}

function repeatedIds(blocks: readonly Block[], root: string): readonly { path: string; reason: string }[] {
  const blockIds = blocks.map((block) => block.block_id);
  const repeatedBlocks = blockIds.flatMap((id, at) =>
    id !== undefined && blockIds.indexOf(id) < at
      ? [{ path: `${root}/${at}/block_id`, reason: `block_id already exists: ${id}` }]
      : [],
  );
  const repeatedActions = blocks.flatMap((block, at) => {
    const ids = elementsOf(block).map((element) => element.action_id);
    return ids.flatMap((id, n) =>
      id !== undefined && ids.indexOf(id) < n
        ? [{ path: `${root}/${at}/elements/${n}/action_id`, reason: `action_id already exists: ${id}` }]
        : [],
    );
  });
  return [...repeatedBlocks, ...repeatedActions];
}

function problemsOf(error: z.ZodError, slackError: string, root: string): readonly BlockProblem[] {
  return error.issues.map((issue) => ({
    error: slackError,
    path: [root, ...issue.path.map(String)].join('/'),
    reason: reasonOf(issue),
  }));
}

/** Slack's own wording where it is known. */
function reasonOf(issue: z.core.$ZodIssue): string {
  const isText = (issue.code === 'too_big' || issue.code === 'too_small') && issue.origin === 'string';
  if (issue.code === 'too_big' && isText) return `must be less than ${Number(issue.maximum) + 1} characters`;
  if (issue.code === 'too_big') return `no more than ${issue.maximum} items allowed`;
  if (issue.code === 'too_small' && isText) return `must be more than ${Number(issue.minimum) - 1} characters`;
  if (issue.code === 'too_small') return `no fewer than ${issue.minimum} items allowed`;
  if (issue.code === 'unrecognized_keys') return `invalid additional property: ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_union') return 'unsupported type';
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return `missing required field: ${String(issue.path.at(-1))}`;
  }
  return issue.message;
}

const isEmptyArray = (value: unknown) => Array.isArray(value) && value.length === 0;
