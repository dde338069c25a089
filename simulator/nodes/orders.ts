import type { RebootRequest } from '../../lib/talos/generated/machine/machine.ts';

/** Partitions that a reset may name. */
export type WipeLabel = 'META' | 'STATE' | 'EPHEMERAL';

export type ResetOrder = {
  readonly sequence: 'reset';
  readonly graceful: boolean;
  readonly reboot: boolean;
  /** Partitions, the whole system disk, nothing of it although the phase runs, or no such phase at all. */
  readonly system: readonly WipeLabel[] | 'disk' | 'nothing' | 'left alone';
  readonly userDisks: readonly string[];
};
export type UpgradeOrder = {
  readonly sequence: 'upgrade' | 'stageUpgrade';
  readonly image: string;
  readonly kexec: boolean;
};
export type RebootOrder = { readonly sequence: 'reboot'; readonly mode: RebootRequest['mode'] };

/** Always takes over, and drains the node unless it is forced. */
export type ShutdownOrder = { readonly sequence: 'shutdown'; readonly force: boolean };

/** What a sequence was asked to do. Data, kept with the node while the sequence runs. */
export type Order = RebootOrder | ResetOrder | UpgradeOrder | ShutdownOrder;

export const REBOOT: RebootOrder = { sequence: 'reboot', mode: 'DEFAULT' };
