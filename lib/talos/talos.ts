import type { Evidence } from '../evidence/evidence.ts';
import type { NodeRole } from '../inventory/entry.ts';

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

/** Reading, with an `os:reader` certificate. Never throws: what cannot be read is a reading with its error. */
export interface TalosReader {
  /** One concurrent sweep under one deadline (25 s; 8 s per reading, 23 s through a proxy). */
  collect(target: NodeTarget, options: CollectOptions): Promise<Evidence>;
  /** Sequence, phase and task events until the connection drops, the signal aborts or 60 s have passed. */
  follow(target: NodeTarget, options: { readonly signal: AbortSignal }): AsyncIterable<ProgressEvent>;
}

export type ProgressEvent = {
  readonly id: string;
  readonly actorId: string;
  readonly kind: 'sequence' | 'phase' | 'task' | 'stage' | 'service';
  /** `reboot`, `stopServices`, `running` ... as Talos names it. */
  readonly name: string;
  readonly action: string;
  readonly error?: { readonly code: string; readonly message: string };
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
