import * as z from 'zod';
import { Actor } from './actor.ts';
import { PatrolReport } from './patrol-report.ts';

/** What happens to a cluster outside of any incident. Stream `CLUSTER#<name>`. Leaves are strings and integers. */
const data = {
  /** A resolve that came before its firing: kept, and paired when the firing comes. */
  resolve_kept: z.object({ alertname: z.string(), fingerprint: z.string(), startsAt: z.string(), endsAt: z.string() }),
  /** A payload that was authenticated and could not be read. `payload`: hash of the kept (capped) body. */
  payload_refused: z.object({ path: z.string(), says: z.string(), payload: z.string() }),
  /** A person asked for a patrol, in this channel. */
  patrol_wanted: z.object({ channel: z.string() }),
  patrol_started: z.object({ because: z.string() }),
  patrol_finished: PatrolReport,
  patrol_failed: z.object({ because: z.string() }),
  /** The incident of the cluster shows the report; empty: none is open, and nothing opened one. */
  patrol_told: z.object({ incident: z.string() }),
  /** Who asked was told, or cannot be told any more. */
  patrol_answered: z.object({ user: z.string(), channel: z.string(), because: z.string() }),
  /** Somebody was told no. Changes nothing else. */
  person_refused: z.object({ what: z.string(), because: z.string() }),
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
  /** A machine config was kept. `version`: its id. Never a value of it. */
  config_stored: z.object({ version: z.string(), sha256: z.string(), machineUuid: z.string(), because: z.string() }),
  /** A machine config should have been kept. */
  config_not_stored: z.object({ because: z.string() }),
} as const;

export type ClusterEventType = keyof typeof data;
export type NewClusterEvent = {
  [T in ClusterEventType]: {
    readonly type: T;
    readonly actor: Actor;
    readonly cluster: string;
    readonly node: string;
    readonly data: z.infer<(typeof data)[T]>;
  };
}[ClusterEventType];
export type ClusterEvent = NewClusterEvent & { readonly seq: number; readonly at: string };

const envelope = { seq: z.int(), at: z.string(), actor: Actor, cluster: z.string(), node: z.string() };
export const ClusterEventSchema = z.discriminatedUnion('type', [
  z.object({ ...envelope, type: z.literal('resolve_kept'), data: data.resolve_kept }),
  z.object({ ...envelope, type: z.literal('payload_refused'), data: data.payload_refused }),
  z.object({ ...envelope, type: z.literal('patrol_wanted'), data: data.patrol_wanted }),
  z.object({ ...envelope, type: z.literal('patrol_started'), data: data.patrol_started }),
  z.object({ ...envelope, type: z.literal('patrol_finished'), data: data.patrol_finished }),
  z.object({ ...envelope, type: z.literal('patrol_failed'), data: data.patrol_failed }),
  z.object({ ...envelope, type: z.literal('patrol_told'), data: data.patrol_told }),
  z.object({ ...envelope, type: z.literal('patrol_answered'), data: data.patrol_answered }),
  z.object({ ...envelope, type: z.literal('person_refused'), data: data.person_refused }),
  z.object({ ...envelope, type: z.literal('cluster_frozen'), data: data.cluster_frozen }),
  z.object({ ...envelope, type: z.literal('cluster_unfrozen'), data: data.cluster_unfrozen }),
  z.object({ ...envelope, type: z.literal('lease_taken_over'), data: data.lease_taken_over }),
  z.object({ ...envelope, type: z.literal('config_stored'), data: data.config_stored }),
  z.object({ ...envelope, type: z.literal('config_not_stored'), data: data.config_not_stored }),
]);
