import type { ConfigChange } from './diff-configs.ts';
import { MAIN } from './machine-config.ts';

/** One line per change, for a plan and for a terminal: `machine.network.hostname: w-1 -> w-2`. At most `maxLines`. */
export function sayChanges(changes: readonly ConfigChange[], maxLines: number): readonly string[] {
  if (changes.length === 0) return ['No difference.'];
  const lines = changes.map(sayChange);
  if (lines.length <= maxLines) return lines;
  return [...lines.slice(0, maxLines - 1), `and ${lines.length - maxLines + 1} more changes`];
}

export function sayChange({ document, path, kind, values, before, after }: ConfigChange): string {
  if (path === '') return `${document}: the document is ${kind}`;
  const place = document === MAIN ? path : `${document}: ${path}`;
  if (kind === 'reordered') return `${place}: the same entries in another order`;
  if (values === 'secret') return `${place}: secret, ${kind}`;
  if (kind === 'added') return `${place}: added, ${quoted(after)}`;
  return kind === 'removed'
    ? `${place}: removed, was ${quoted(before)}`
    : `${place}: ${quoted(before)} -> ${quoted(after)}`;
}
const quoted = (text: string | undefined): string => (text === undefined || text === '' ? '""' : text);
