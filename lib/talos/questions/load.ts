import type { Readings } from '../../evidence/evidence.ts';
import { readCpu, readLoad, readMemory, readProcesses } from '../readings/load.ts';
import { readSystemStat } from '../readings/machine.ts';
import { always, call, type Question, type Take } from './question.ts';

/** Since when the machine runs, and whether it is short of memory or processors. */
export const load: readonly Question[] = [
  {
    asks: 'How much memory is free?',
    ...always,
    ...call('machine.MachineService/Memory', readMemory, (memory) => ({ memory })),
  },
  {
    asks: 'How many processes want to run?',
    ...always,
    ...call('machine.MachineService/LoadAvg', readLoad, (loadAverage) => ({ loadAverage })),
  },
  {
    asks: 'Since when does it run (boot time), and how busy are its processors?',
    ...always,
    sources: ['machine.MachineService/SystemStat'],
    take: readSystemStatAndCpu,
  },
  {
    asks: 'Which processes take most memory and time?',
    ...always,
    ...call('machine.MachineService/Processes', readProcesses, (processes) => ({ processes })),
  },
];

async function readSystemStatAndCpu(take: Take): Promise<Readings> {
  const [systemStat, cpu] = await Promise.all([
    take('machine.MachineService/SystemStat', readSystemStat),
    take('machine.MachineService/SystemStat', readCpu),
  ]);
  return { systemStat, cpu };
}
