import * as z from 'zod';
import { Actor } from './actor.ts';
import { withWholeTexts } from './whole-text.ts';

/** What happens to a cluster outside of any incident. Stream `CLUSTER#<name>`. Leaves are strings and integers. */
const data = {
  /** A resolve that came before its firing: kept, and paired when the firing comes. */
  resolve_kept: z.object({ alertname: z.string(), fingerprint: z.string(), startsAt: z.string(), endsAt: z.string() }),
  /** A payload that was authenticated and could not be read. `payload`: hash of the kept (capped) body. */
  payload_refused: z.object({ path: z.string(), says: z.string(), payload: z.string() }),
  /** From here on nothing is done in the cluster, whoever approved it. */
  cluster_frozen: z.object({ reason: z.string() }),
  cluster_unfrozen: z.object({ reason: z.string() }),
  /** A person ended a plan that nobody worked on any more; what became of it is not known. `since`: last sign of life. */
  lease_taken_over: z.object({
    planId: z.string(),
    incident: z.string(),
    action: z.string(),
    since: z.string(),
    reason: z.string(),
  }),
  /** Somebody who wanted one of these was told no. */
  command_refused: z.object({ what: z.string(), because: z.string() }),
} as const;

const envelope = { seq: z.int(), at: z.string(), actor: Actor, cluster: z.string(), node: z.string() };
export const ClusterEventSchema = z.discriminatedUnion('type', [
  z.object({ ...envelope, type: z.literal('resolve_kept'), data: data.resolve_kept }),
  z.object({ ...envelope, type: z.literal('payload_refused'), data: data.payload_refused }),
  z.object({ ...envelope, type: z.literal('cluster_frozen'), data: data.cluster_frozen }),
  z.object({ ...envelope, type: z.literal('cluster_unfrozen'), data: data.cluster_unfrozen }),
  z.object({ ...envelope, type: z.literal('lease_taken_over'), data: data.lease_taken_over }),
  z.object({ ...envelope, type: z.literal('command_refused'), data: data.command_refused }),
]);
export type ClusterEvent = z.infer<typeof ClusterEventSchema>;
type Unstamped<E> = E extends ClusterEvent ? Omit<E, 'seq' | 'at'> : never;
export type NewClusterEvent = Unstamped<ClusterEvent>;
export type ClusterState = { readonly seq: number };

const ClusterStateSchema = z.object({ seq: z.int() });
export const clusterStream = (name: string): string => `CLUSTER#${name}`;
export const clusterKind = {
  fold: (_state: ClusterState | undefined, event: ClusterEvent): ClusterState => ({ seq: event.seq }),
  stamp: (event: NewClusterEvent, seq: number, at: string): ClusterEvent => ({ ...withWholeTexts(event), seq, at }),
  parseEvent: (body: unknown): ClusterEvent => ClusterEventSchema.parse(body),
  encode: (state: ClusterState): string => JSON.stringify(state),
  decode: (text: string): ClusterState => ClusterStateSchema.parse(JSON.parse(text)),
};
