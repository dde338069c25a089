import type {
  LoadAvgResponse,
  MemoryResponse,
  ProcessesResponse,
  SystemStatResponse,
} from '../../lib/talos/generated/machine/machine.ts';
import { type Answer, answer, type CallContext } from './call-context.ts';
import { processesOf } from './processes.ts';
import { bootOf } from './record.ts';
import { busyShareOf, cpusOf, loadOf, memoryOf } from './workload.ts';

/** How busy a node is. Source: internal/app/machined/internal/server/v1alpha1/v1alpha1_monitoring.go. */

/** KiB, the numbers of /proc/meminfo. Talos has no swap unless it is configured. */
export function memory({ node }: CallContext): Answer<MemoryResponse> {
  const { totalKib, availableKib } = memoryOf(node);
  const meminfo = {
    memtotal: String(totalKib),
    memfree: String(Math.floor(availableKib * 0.6)),
    memavailable: String(availableKib),
    swaptotal: '0',
    swapfree: '0',
  };
  return answer({ messages: [{ meminfo }] });
}

export const loadAvg = ({ node }: CallContext): Answer<LoadAvgResponse> => answer({ messages: [loadOf(node)] });

export const processes = ({ around, node }: CallContext): Answer<ProcessesResponse> =>
  answer({ messages: [{ processes: processesOf(node, around.now()) }] });

/** Seconds of all processors since the boot, in the hundredths that the kernel counts in. */
export function systemStat({ around, node }: CallContext): Answer<SystemStatResponse> {
  const { startedAt } = bootOf(node);
  const cpus = cpusOf(node);
  const totalS = (Math.max(0, around.now() - startedAt) / 1000) * cpus;
  const busyS = totalS * busyShareOf(node);
  const part = (seconds: number): number => Math.round(seconds * 100) / 100;
  const cpuTotal = {
    user: part(busyS * 0.68),
    nice: 0,
    system: part(busyS * 0.28),
    idle: part((totalS - busyS) * 0.995),
    iowait: part((totalS - busyS) * 0.005),
    irq: 0,
    softIrq: part(busyS * 0.04),
    steal: 0,
  };
  const { load1 } = loadOf(node);
  const stat = {
    bootTime: String(Math.floor(startedAt / 1000)),
    cpuTotal,
    processRunning: String(Math.max(1, Math.round(Math.min(load1, cpus)))),
    processBlocked: String(Math.max(0, Math.round(load1 - cpus))),
  };
  return answer({ messages: [stat] });
}
