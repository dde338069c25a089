import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';

/** Where in the author's file a stack began, as `file:line:column`; the file alone where that cannot be said. */
export function placeIn(stack: string, sourceMap: string, file: string): string {
  const found = /own\.js:(\d+):(\d+)/.exec(stack);
  if (found === null) return file;
  const entry = new SourceMap(JSON.parse(sourceMap)).findEntry(Number(found[1]) - 1, Number(found[2]) - 1);
  if (!('originalSource' in entry)) return file;
  const source = resolve(dirname(file), entry.originalSource);
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
