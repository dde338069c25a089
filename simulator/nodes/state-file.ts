import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterState } from './state.ts';

const FORMAT = 3;

/** The cluster as it was left in the folder; undefined when there is none, or one of another format. */
export function loadState(folder: string): ClusterState | undefined {
  const file = join(folder, 'state.json');
  if (!existsSync(file)) return undefined;
  const state: ClusterState = JSON.parse(readFileSync(file, 'utf8'));
  return state.format === FORMAT ? state : undefined;
}

/** Whole or not at all: a reader never sees half a file. */
export function writeAtomically(file: string, text: string, mode = 0o600): void {
  const next = `${file}.${process.pid}.next`;
  writeFileSync(next, text, { mode });
  renameSync(next, file);
}

export const saveState = (folder: string, state: ClusterState): void =>
  writeAtomically(join(folder, 'state.json'), JSON.stringify(state));
