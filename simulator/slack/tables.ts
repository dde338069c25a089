import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** A map whose every change is on disk (though not synced) before `set` returns, so a killed process loses none. */
export interface Table<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
  values(): readonly T[];
}
export interface Tables {
  table<T>(name: string, schema: z.ZodType<T>): Table<T>;
  close(): void;
}

const Line = z.object({ table: z.string(), key: z.string(), value: z.unknown() });
const FILE = 'slack.jsonl';

/** An append-only log, one change per line, compacted when opened. `onChange` runs after each change. */
export function openTables(folder: string, onChange: () => void): Tables {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, FILE);
  const rows = existsSync(path) ? readRows(readFileSync(path, 'utf8')) : new Map<string, Map<string, unknown>>();
  const compact = [...rows].flatMap(([table, entries]) =>
    [...entries].map(([key, value]) => `${JSON.stringify({ table, key, value })}\n`),
  );
  writeFileSync(`${path}.new`, compact.join(''), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  const log = openSync(path, 'a');

  const append = (table: string, key: string, value: unknown) => {
    writeSync(log, `${JSON.stringify({ table, key, value })}\n`);
    onChange();
  };
  return {
    table<T>(name: string, schema: z.ZodType<T>): Table<T> {
      const stored = [...(rows.get(name) ?? [])].map(([key, value]): [string, T] => [key, schema.parse(value)]);
      const values = new Map<string, T>(stored);
      return {
        get: (key) => values.get(key),
        set(key, value) {
          values.set(key, value);
          append(name, key, value);
        },
        delete(key) {
          if (values.delete(key)) append(name, key, null);
        },
        values: () => [...values.values()],
      };
    },
    close: () => closeSync(log),
  };
}

/** A process killed while it wrote leaves half a last line, which was never acknowledged; anything else is damage. */
function readRows(text: string): Map<string, Map<string, unknown>> {
  const rows = new Map<string, Map<string, unknown>>();
  const lines = text.split('\n').slice(0, -1);
  for (const line of lines) {
    const { table, key, value } = Line.parse(JSON.parse(line));
    const entries = rows.get(table) ?? new Map<string, unknown>();
    rows.set(table, entries);
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }
  return rows;
}
