import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { JournalLine } from '../world.ts';

/** `lines` oldest first, as in the file; `total` counts the older ones as well. */
export type NewestCalls = { readonly total: number; readonly lines: readonly JournalLine[] };

const NEWEST = 50;

/** Append-only record of the mutating calls that reached a node, on disk before anything happens. */
export class Journal {
  readonly #file: string;
  readonly #fd: number;
  #total: number;
  /** So that whoever looks every second does not read the whole file. */
  #newest: readonly JournalLine[];

  constructor(file: string) {
    this.#file = file;
    const lines = readJournal(file);
    this.#total = lines.length;
    this.#newest = lines.slice(-NEWEST);
    const isTorn = existsSync(file) && !/(?:^|\n)$/.test(readFileSync(file, 'utf8'));
    this.#fd = openSync(file, 'a');
    if (isTorn) writeSync(this.#fd, '\n'); // the machine went down amid a line: the next one is not to hang on to it
  }

  append(line: JournalLine): void {
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#fd);
    this.#total += 1;
    this.#newest = [...this.#newest, line].slice(-NEWEST);
  }

  read(): readonly JournalLine[] {
    return readJournal(this.#file);
  }

  newest(): NewestCalls {
    return { total: this.#total, lines: this.#newest };
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Half a line, which only a machine that went down leaves, is of a call that was not carried out. */
function readJournal(file: string): readonly JournalLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').flatMap(readLine);
}

function readLine(line: string): readonly JournalLine[] {
  try {
    const parsed = JournalLine.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
