import * as z from 'zod';
import { Actor } from './actor.ts';

/** What happens to a cluster outside of any incident. Stream `CLUSTER#<name>`. Leaves are strings and integers. */
const data = {
  /** A resolve that came before its firing: kept, and paired when the firing comes. */
  resolve_kept: z.object({ alertname: z.string(), fingerprint: z.string(), startsAt: z.string(), endsAt: z.string() }),
  /** A payload that was authenticated and could not be read. `payload`: hash of the kept (capped) body. */
  payload_refused: z.object({ path: z.string(), says: z.string(), payload: z.string() }),
  /** A machine config was kept. `version`: its id. Never a value of it. */
  config_stored: z.object({ version: z.string(), sha256: z.string(), machineUuid: z.string(), because: z.string() }),
  /** A machine config should have been kept. */
  config_not_stored: z.object({ because: z.string() }),
} as const;

const envelope = { seq: z.int(), at: z.string(), actor: Actor, cluster: z.string(), node: z.string() };
export const ClusterEventSchema = z.discriminatedUnion('type', [
  z.object({ ...envelope, type: z.literal('resolve_kept'), data: data.resolve_kept }),
  z.object({ ...envelope, type: z.literal('payload_refused'), data: data.payload_refused }),
  z.object({ ...envelope, type: z.literal('config_stored'), data: data.config_stored }),
  z.object({ ...envelope, type: z.literal('config_not_stored'), data: data.config_not_stored }),
]);
export type ClusterEvent = z.infer<typeof ClusterEventSchema>;
export type NewClusterEvent =
  | Omit<Extract<ClusterEvent, { type: 'resolve_kept' }>, 'seq' | 'at'>
  | Omit<Extract<ClusterEvent, { type: 'payload_refused' }>, 'seq' | 'at'>
  | Omit<Extract<ClusterEvent, { type: 'config_stored' }>, 'seq' | 'at'>
  | Omit<Extract<ClusterEvent, { type: 'config_not_stored' }>, 'seq' | 'at'>;
export type ClusterState = { readonly seq: number };

const ClusterStateSchema = z.object({ seq: z.int() });
export const clusterStream = (name: string): string => `CLUSTER#${name}`;
export const clusterKind = {
  fold: (_state: ClusterState | undefined, event: ClusterEvent): ClusterState => ({ seq: event.seq }),
  stamp: (event: NewClusterEvent, seq: number, at: string): ClusterEvent => ({ ...event, seq, at }),
  parseEvent: (body: unknown): ClusterEvent => ClusterEventSchema.parse(body),
  encode: (state: ClusterState): string => JSON.stringify(state),
  decode: (text: string): ClusterState => ClusterStateSchema.parse(JSON.parse(text)),
};
