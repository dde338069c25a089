import { setTimeout as wait } from 'node:timers/promises';
import type { CpuReading, ProcessReading } from '../../evidence/values.ts';
import { err, ok } from '../../result.ts';
import { sourceOf } from '../connection.ts';
import type { CPUStat } from '../generated/machine/machine.ts';
import { machineService } from '../methods.ts';
import { askOne, malformed, type Reader, short } from './read.ts';

const KIB = 1024;

/** Source: MachineService/Memory, which repeats /proc/meminfo in KiB; ours are bytes. */
export const readMemory: Reader<{
  totalBytes: number;
  availableBytes: number;
  swapTotalBytes: number;
  swapFreeBytes: number;
}> = async (connection, context) => {
  const source = sourceOf(machineService.memory);
  const message = await askOne(connection, machineService.memory, {}, context);
  if (!message.ok) return message;
  const { meminfo } = message.value;
  if (meminfo === undefined || meminfo.memtotal === '0') return err(malformed(context.node, source, 'no memory'));
  return ok({
    value: {
      totalBytes: Number(meminfo.memtotal) * KIB,
      availableBytes: Number(meminfo.memavailable) * KIB,
      swapTotalBytes: Number(meminfo.swaptotal) * KIB,
      swapFreeBytes: Number(meminfo.swapfree) * KIB,
    },
  });
};

/** Source: MachineService/LoadAvg: processes that run or wait for it, over 1, 5 and 15 minutes. */
export const readLoad: Reader<{ load1: number; load5: number; load15: number }> = async (connection, context) => {
  const source = sourceOf(machineService.loadAvg);
  const message = await askOne(connection, machineService.loadAvg, {}, context);
  if (!message.ok) return message;
  const { load1, load5, load15 } = message.value;
  if (![load1, load5, load15].every(Number.isFinite)) return err(malformed(context.node, source, 'no numbers'));
  return ok({ value: { load1, load5, load15 } });
};

/** As long as the sweep waits anyway for the past events to end. */
const CPU_WINDOW_MS = 400;

/** Source: two of MachineService/SystemStat, whose counters only mean something as a difference. Shares from 0 to 1. */
export const readCpu: Reader<CpuReading> = async (connection, context) => {
  const before = await askOne(connection, machineService.systemStat, {}, context);
  if (!before.ok) return before;
  await wait(CPU_WINDOW_MS, undefined, { signal: context.signal }).catch(() => {});
  const after = await askOne(connection, machineService.systemStat, {}, context);
  if (!after.ok) return after;
  const source = sourceOf(machineService.systemStat);
  const spent = differences(before.value.cpuTotal, after.value.cpuTotal);
  if (spent === undefined) return err(malformed(context.node, source, 'counters that do not grow'));
  const { processRunning, processBlocked } = after.value;
  return ok({
    value: {
      busyShare: 1 - (spent.idle + spent.iowait) / spent.total,
      iowaitShare: spent.iowait / spent.total,
      running: Number(processRunning),
      blocked: Number(processBlocked),
    },
  });
};

const TIMES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softIrq', 'steal'] as const;

function differences(
  before: CPUStat | undefined,
  after: CPUStat | undefined,
): { readonly idle: number; readonly iowait: number; readonly total: number } | undefined {
  if (before === undefined || after === undefined) return undefined;
  const spent = TIMES.map((name) => after[name] - before[name]);
  const total = spent.reduce((sum, seconds) => sum + seconds, 0);
  if (!(total > 0) || !Number.isFinite(total) || spent.some((seconds) => seconds < 0)) return undefined;
  return { idle: after.idle - before.idle, iowait: after.iowait - before.iowait, total };
}

const MAX_PROCESSES = 100_000;
const TOP = 10;

/** Source: MachineService/Processes. The largest and the busiest; arguments stay there, because they may be secrets. */
export const readProcesses: Reader<readonly ProcessReading[]> = async (connection, context) => {
  const message = await askOne(connection, machineService.processes, {}, context);
  if (!message.ok) return message;
  const all = message.value.processes.slice(0, MAX_PROCESSES).map((found) => ({
    pid: found.pid,
    command: short(found.command).slice(0, 64),
    state: short(found.state).slice(0, 16),
    cpuTimeS: Number.isFinite(found.cpuTime) ? found.cpuTime : 0,
    residentBytes: Number(found.residentMemory),
  }));
  const largest = all.toSorted((a, b) => b.residentBytes - a.residentBytes).slice(0, TOP);
  const busiest = all.toSorted((a, b) => b.cpuTimeS - a.cpuTimeS).slice(0, TOP);
  const value = [...new Set([...largest, ...busiest])];
  const cut = all.length > value.length ? { cut: `the largest and busiest of ${all.length}` } : {};
  return ok({ value, ...cut });
};
