import { bootOf } from './record.ts';
import type { NodeState } from './state.ts';

/** How large the machine is and how busy: what Memory, LoadAvg, SystemStat and Processes have in common. */
const SIZES = { hcloud: { cpus: 4, memoryMiB: 7_753 }, metal: { cpus: 32, memoryMiB: 64_209 } } as const;
/** Shares of the memory in use: by Talos alone, and with pods. */
const IDLE_SHARE = 0.05;
const BUSY_SHARE = 0.4;
/** Load of each processor. */
const IDLE_LOAD = 0.01;
const BUSY_LOAD = 0.12;

const KIB_PER_MIB = 1024;

export const cpusOf = ({ physical }: NodeState): number => SIZES[physical.platform].cpus;

const runsPods = (node: NodeState): boolean => bootOf(node).services['kubelet']?.state === 'Running';

/** As /proc/meminfo has it. */
export function memoryOf(node: NodeState): { readonly totalKib: number; readonly availableKib: number } {
  const { memory, platform } = node.physical;
  const totalMiB = memory?.totalMiB ?? SIZES[platform].memoryMiB;
  const availableMiB = memory?.availableMiB ?? totalMiB * (1 - (runsPods(node) ? BUSY_SHARE : IDLE_SHARE));
  return { totalKib: totalMiB * KIB_PER_MIB, availableKib: Math.floor(availableMiB * KIB_PER_MIB) };
}

/** Of 1, 5 and 15 minutes. */
export function loadOf(node: NodeState): { readonly load1: number; readonly load5: number; readonly load15: number } {
  const usual = Math.round(cpusOf(node) * (runsPods(node) ? BUSY_LOAD : IDLE_LOAD) * 100) / 100;
  const [load1 = usual, load5 = usual, load15 = usual] = node.physical.load ?? [];
  return { load1, load5, load15 };
}

/** Share of the processors' time that is used. */
export const busyShareOf = (node: NodeState): number => Math.min(loadOf(node).load1 / cpusOf(node), 0.98);
