import { bootOf, kernel, logLine } from './record.ts';
import type { NodeState } from './state.ts';
import { after, type Next } from './step.ts';
import { isBefore } from './version.ts';

/** Lines that a scenario has a machine write, at their times. */

type Line = {
  readonly after: number;
  readonly text: string;
  readonly every?: number | undefined;
  readonly times?: number | undefined;
  readonly until?: string | undefined;
};
const EVERY_MS = 60_000;

export function signsOfBoot(node: NodeState): Next[] {
  const { kernelLog = [], logs = {}, restarts = [], disk } = node.physical;
  const isSaid = ({ until }: Line) => until === undefined || isBefore(node.physical.version, until);
  const kernelLines = kernelLog.flatMap((line, n) =>
    isSaid(line) ? [after(line.after, { kind: 'kernel_says', n, left: (line.times ?? 1) - 1 })] : [],
  );
  const logLines = Object.entries(logs).flatMap(([id, lines]) =>
    lines.flatMap((line, n) =>
      isSaid(line) ? [after(line.after, { kind: 'log_says', id, n, left: (line.times ?? 1) - 1 })] : [],
    ),
  );
  const ends = restarts.map(({ service, after: ms, cause }) =>
    after(ms, { kind: 'service_crashes', id: service, cause }),
  );
  const dies = disk.diesAfterMs?.[Math.min(bootOf(node).number, disk.diesAfterMs.length - 1)];
  return [
    ...kernelLines,
    ...logLines,
    ...ends,
    ...(dies === undefined ? [] : [after(dies, { kind: 'system_disk_dies' })]),
  ];
}

export function kernelSays(node: NodeState, at: number, n: number, left: number): Next[] {
  const line = node.physical.kernelLog?.[n];
  if (line === undefined) return [];
  const isTalos = line.text.startsWith('[talos] ');
  const { facility = isTalos ? 'user' : 'kern', priority = isTalos ? 'warning' : 'info' } = line;
  for (const text of line.text.trimEnd().split('\n')) kernel(node, at, text, priority, facility);
  return left > 0 ? [after(line.every ?? EVERY_MS, { kind: 'kernel_says', n, left: left - 1 })] : [];
}

export function logSays(node: NodeState, at: number, id: string, n: number, left: number): Next[] {
  const line = node.physical.logs?.[id]?.[n];
  if (line === undefined) return [];
  logLine(node, at, id, line.text);
  return left > 0 ? [after(line.every ?? EVERY_MS, { kind: 'log_says', id, n, left: left - 1 })] : [];
}
