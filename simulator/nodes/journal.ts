import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { JournalLine } from '../world.ts';

/** Append-only record of the mutating calls that reached a node, on disk before anything happens. */
export class Journal {
  readonly #file: string;
  readonly #fd: number;

  constructor(file: string) {
    this.#file = file;
    this.#fd = openSync(file, 'a');
  }

  append(line: JournalLine): void {
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#fd);
  }

  read(): readonly JournalLine[] {
    return readJournal(this.#file);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

export function readJournal(file: string): readonly JournalLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JournalLine.parse(JSON.parse(line)));
}
