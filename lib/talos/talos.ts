import type { Evidence } from '../evidence/evidence.ts';
import type { NodeRole } from '../inventory/entry.ts';
import type { Result } from '../result.ts';
import type { TalosError } from './talos-error.ts';
import type { WatchableName, Watching } from './watch.ts';

/** Whom to talk to. Only built from an inventory entry or a configured endpoint. */
export type NodeTarget = {
  readonly cluster: string;
  /** Inventory name. */
  readonly name: string;
  readonly role: NodeRole;
  readonly address: string;
  /** Talos version as last known (`v1.8.4`), to choose calls where the node cannot tell. */
  readonly lastKnownVersion: string | undefined;
};

export type CollectOptions = {
  /** Control planes that are asked about the node; the node itself is left out. They are also the way to forward. */
  readonly peers: readonly NodeTarget[];
  /** An open incident names this node: only then may it be spoken to in maintenance mode, unverified. */
  readonly mayEnterMaintenance: boolean;
  readonly signal?: AbortSignal;
};

export type PatrolOptions = {
  /** Control planes that are asked about the others. */
  readonly witnesses: readonly NodeTarget[];
  /** As for `collect`, by inventory name. */
  readonly mayEnterMaintenance: (node: string) => boolean;
  /** Gets each node's evidence as soon as it is there. What the time did not suffice for never comes. */
  readonly take: (evidence: Evidence) => Promise<void> | void;
  readonly signal?: AbortSignal;
};

/** Reading, with an `os:reader` certificate. Never throws: what cannot be read is a reading with its error. */
export interface TalosReader {
  /** One concurrent sweep under one deadline (25 s; 8 s per reading, 23 s through a proxy). */
  collect(target: NodeTarget, options: CollectOptions): Promise<Evidence>;
  /** Many nodes, paced: never more than `PATROL_CONNECTIONS` connections, 50 nodes within a minute. */
  patrol(targets: readonly NodeTarget[], options: PatrolOptions): Promise<void>;
  /**
   * Opens the event stream, and returns once nothing is missed any more: before the action is asked for. An error: it
   * could not be opened.
   */
  follow(target: NodeTarget, options: FollowOptions): Promise<Result<Following, TalosError>>;
  /** Changes of resources as they happen, what exists first; ends with an error, or when the signal aborts. */
  watch<N extends WatchableName>(target: NodeTarget, name: N, signal: AbortSignal): AsyncIterable<Watching<N>>;
}

export type FollowOptions = {
  readonly signal: AbortSignal;
  /** Milliseconds for all of it. */
  readonly forMs: number;
  /** Go on after a lost connection, until the node is up again in another boot. */
  readonly isPersistent: boolean;
};

export interface Following {
  /** What happens to the sequence of this actor (the reply to the call names it), until its end. Once only. */
  progress(actorId: string): AsyncIterable<Progress>;
  /** Always in a `finally`. */
  close(): void;
}

/** Names are those of Talos: sequences, phases, tasks, services, stages. */
export type Progress =
  | { readonly kind: 'sequence' | 'phase' | 'task' | 'service'; readonly name: string; readonly action: string }
  | { readonly kind: 'stage'; readonly name: string; readonly ready: boolean }
  /** The kernel is about to start again: for a reboot that is the success. */
  | { readonly kind: 'restarting' }
  | { readonly kind: 'lost'; readonly because: string }
  | { readonly kind: 'back'; readonly boot: 'same' | 'other' | 'unknown' }
  /**
   * `refused`: another sequence holds the lock, and nothing began. `taken_over`: another one stopped it. `up`: another
   * boot is proven, running and ready. `other_certificate`: what is back is not of this cluster, as in maintenance mode.
   */
  | {
      readonly kind: 'end';
      readonly how: 'refused' | 'failed' | 'taken_over' | 'up' | 'other_certificate' | 'deadline';
      readonly because: string;
    };

/** How a cluster is reached. Parsed from talosconfig files at start. */
export type ClusterAccess = {
  readonly cluster: string;
  readonly caPem: string;
  readonly reader: ClientIdentity;
  readonly operator?: ClientIdentity;
  readonly admin?: ClientIdentity;
  /** CIDRs that may be dialled. Loopback and link-local never, unless `isSimulated`. */
  readonly nodeCidrs: readonly string[];
  readonly isSimulated: boolean;
  readonly port: number;
};
export type ClientIdentity = { readonly certPem: string; readonly keyPem: string };
