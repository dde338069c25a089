import type { Evidence } from '../evidence/evidence.ts';
import type { CompositeIdentity, NodeRole } from '../inventory/entry.ts';
import type { Result } from '../result.ts';
import type { TalosError } from './talos-error.ts';

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

/** Restarts, with an `os:operator` certificate. */
export interface TalosOperator {
  /** Source: MachineService/Reboot. The reply says only that the sequence was asked for. */
  reboot(
    target: NodeTarget,
    request: { readonly mode: 'default' | 'powercycle'; readonly deadlineMs: number },
  ): Promise<Result<{ readonly actorId: string }, TalosError>>;
}

/** Config, with an `os:admin` certificate, or with none to a node in maintenance mode. */
export interface TalosAdmin {
  /**
   * Source: MachineService/ApplyConfiguration on the unverified maintenance connection, mode AUTO, without a client
   * certificate. `spki` is the frozen key of the node's boot: another key is `spki_changed` and nothing is sent.
   */
  applyInMaintenance(
    target: NodeTarget,
    request: {
      readonly config: string;
      readonly spki: string;
      readonly dryRun: boolean;
      readonly deadlineMs: number;
    },
  ): Promise<Result<AppliedConfig, TalosError>>;
}

export type AppliedConfig = {
  readonly mode: string;
  readonly modeDetails: string;
  readonly warnings: readonly string[];
};

/** What `collect` proves about a machine, for the inventory and the gates. */
export type ObservedIdentity = CompositeIdentity;

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
