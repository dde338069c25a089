import * as z from 'zod';
import { inputBlock, type PrivateMetadata, parsePrivateMetadata, TYPED } from '../action-ids.ts';
import type { Clicker, Typed } from '../desk.ts';
import { Who } from './click.ts';

/** A modal that was sent off. Source: docs.slack.dev, `view_submission` payload; only what we read. */
export type Submission = {
  readonly callbackId: string;
  readonly clicker: Clicker;
  readonly metadata: PrivateMetadata;
  readonly typed: Typed;
  /** Blocks that the modal has: only these can be named in `errors`. */
  readonly blockIds: readonly string[];
};

const Value = z.object({ value: z.string().nullish() });
const ViewSubmission = z.object({
  view: z.object({
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), Value)) }),
  }),
});

/** undefined: a payload in a shape that we do not know. What was typed is trimmed. */
export function parseSubmission(body: unknown): Submission | undefined {
  const clicker = Who.safeParse(body).data;
  const view = ViewSubmission.safeParse(body).data?.view;
  const metadata = view && parsePrivateMetadata(view.private_metadata);
  if (clicker === undefined || view === undefined || metadata === undefined) return undefined;
  const { values } = view.state;
  const typed = (block: string) => values[block]?.[TYPED]?.value?.trim() ?? '';
  return {
    callbackId: view.callback_id,
    clicker,
    metadata,
    typed: {
      nodeName: typed(inputBlock.nodeName),
      reason: typed(inputBlock.reason),
      consoleFingerprint: typed(inputBlock.consoleFingerprint),
    },
    blockIds: Object.keys(values),
  };
}
