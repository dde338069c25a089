import * as z from 'zod';
import { offeredAction } from '../approvals/action-name.ts';

const OFFER = 'offer:';

/** Names that cards in the channel carry for as long as they are there: never rename, only add. */
export const actionId = {
  /** `id` as `offerId` of lib/approvals/action-name.ts makes it. */
  offer: (id: string) => `${OFFER}${id}`,
  review: 'review',
  more: 'more',
  deny: 'deny',
  cancelStart: 'cancel_start',
  renew: 'renew',
  diagnoseNode: 'diagnose_node',
} as const;
/** undefined: no offer of an action that this version knows. */
export function offerOf(id: string): string | undefined {
  const offered = id.startsWith(OFFER) ? id.slice(OFFER.length) : '';
  return offeredAction(offered) === undefined ? undefined : offered;
}
export const moreOption = { again: 'diagnose_again', evidence: 'show_evidence', close: 'close' } as const;
const RENEW = 'renew:';
/** An entry of the menu, which holds 75 characters. */
export const renewOption = (planId: string): string => `${RENEW}${planId}`;
export const renewedPlan = (option: string): string | undefined =>
  option.startsWith(RENEW) ? option.slice(RENEW.length) : undefined;
export const callbackId = {
  preparing: 'plan_preparing',
  plan: 'plan',
  refusal: 'plan_refusal',
  deny: 'plan_deny',
  close: 'incident_close',
  evidence: 'evidence',
  no: 'no',
} as const;
/** The key of an input's value in `view.state.values` is its block, then `typed`. */
export const inputBlock = {
  nodeName: 'node_name',
  reason: 'reason',
  consoleFingerprint: 'console_fingerprint',
} as const;
export const TYPED = 'typed';

/** The value of a button. A click carries ids only; what it means is looked up. */
const ButtonValue = z.object({ incidentId: z.string().min(1), planId: z.string() });
export type ButtonValue = z.infer<typeof ButtonValue>;
export const buttonValue = (incidentId: string, planId = ''): string => JSON.stringify({ incidentId, planId });
export const parseButtonValue = (value: string): ButtonValue | undefined => parseJson(ButtonValue, value);

/** An overflow option may hold 75 characters, so the block says which incident it is. */
const MORE_BLOCK = 'actions:';
export const moreBlockId = (incidentId: string): string => `${MORE_BLOCK}${incidentId}`;
export const incidentOfBlock = (blockId: string): string | undefined =>
  blockId.startsWith(MORE_BLOCK) ? blockId.slice(MORE_BLOCK.length) : undefined;

/** What a modal remembers. `may` only chooses which question Medic is asked; rights are checked there. */
const PrivateMetadata = z.object({
  incidentId: z.string().min(1),
  planId: z.string(),
  may: z.enum(['submit', 'approve', 'read']),
});
export type PrivateMetadata = z.infer<typeof PrivateMetadata>;
export const privateMetadata = (metadata: PrivateMetadata): string => JSON.stringify(metadata);
export const parsePrivateMetadata = (text: string): PrivateMetadata | undefined => parseJson(PrivateMetadata, text);

function parseJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
