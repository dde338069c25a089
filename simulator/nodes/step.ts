import type { AppliedConfig } from './machine-schema.ts';
import type { Order } from './orders.ts';
import type { NodeState } from './state.ts';

/** What happens to a node at a moment. Data, so that a simulator that is stopped and started again goes on with it. */
export type Step =
  | { readonly kind: 'kernel_starts' }
  | { readonly kind: 'initializes' }
  | { readonly kind: 'disk_attaches' }
  | { readonly kind: 'devices_settle' }
  | { readonly kind: 'state_window_closes' }
  | { readonly kind: 'config_is_unreadable'; readonly tries: number }
  | { readonly kind: 'metadata_is_asked_for' }
  | { readonly kind: 'metadata_arrives' }
  | { readonly kind: 'user_data_is_asked_for' }
  | { readonly kind: 'enters_maintenance' }
  | { readonly kind: 'takes_config' }
  | { readonly kind: 'installs' }
  | { readonly kind: 'boot_continues' }
  | { readonly kind: 'network_is_ready' }
  | { readonly kind: 'api_starts' }
  | { readonly kind: 'runtime_starts' }
  | { readonly kind: 'etcd_starts' }
  | { readonly kind: 'kubelet_starts' }
  | { readonly kind: 'service_is_up'; readonly id: string }
  | { readonly kind: 'boot_is_done'; readonly since: number; readonly tries: number }
  | { readonly kind: 'condition_is_checked'; readonly id: string }
  | { readonly kind: 'service_crashes'; readonly id: string; readonly cause: string }
  | { readonly kind: 'service_restarts'; readonly id: string }
  | { readonly kind: 'ephemeral_opens' }
  | { readonly kind: 'repair_fails' }
  | { readonly kind: 'system_disk_dies' }
  | { readonly kind: 'kernel_says'; readonly n: number; readonly left: number }
  | { readonly kind: 'log_says'; readonly id: string; readonly n: number; readonly left: number }
  | { readonly kind: 'nodename_follows' }
  | { readonly kind: 'config_names'; readonly hostname: string }
  | { readonly kind: 'config_is_applied'; readonly applied: AppliedConfig }
  | { readonly kind: 'config_reverts'; readonly config: string }
  | { readonly kind: 'phase'; readonly n: number; readonly actorId: string }
  | { readonly kind: 'phase_ends'; readonly n: number; readonly actorId: string; readonly tries: number }
  | {
      readonly kind: 'sequence_starts';
      readonly actorId: string;
      readonly order?: Order;
      readonly takesOver?: boolean;
    }
  | { readonly kind: 'takeover_times_out'; readonly sequence: Order['sequence'] }
  | { readonly kind: 'kernel_restarts'; readonly actorId: string }
  | {
      readonly kind: 'falls_silent';
      readonly isOff?: boolean;
      readonly bootsAfterMs?: number;
      readonly hangs?: boolean;
      readonly sleeps?: boolean;
    }
  | { readonly kind: 'staged_upgrade_installs'; readonly image: string }
  | { readonly kind: 'etcd_joins'; readonly tries?: number }
  | { readonly kind: 'etcd_promotes'; readonly tries?: number }
  | { readonly kind: 'etcd_crashes' }
  | { readonly kind: 'etcd_retries' }
  | { readonly kind: 'etcd_is_checked' }
  | { readonly kind: 'etcd_writes' }
  | { readonly kind: 'discovery_is_tried' }
  | { readonly kind: 'address_is_lost' }
  | { readonly kind: 'address_is_back' }
  | { readonly kind: 'work_is_done'; readonly id: number };

/** `afterMs` in the machine's own time; a clock factor of 10 makes ten of them pass in one. */
export type Next = { readonly afterMs: number; readonly step: Step };

export const after = (afterMs: number, step: Step): Next => ({ afterMs, step });

/** A node that was changed by what happened elsewhere, and what comes of it. */
export type Noticed = { readonly node: NodeState; readonly next: readonly Next[] };
