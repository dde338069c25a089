/**
 * `machine.sysctls.*` against the keys of a path: `*` is any one key, `[]` any entry of a list, a final `**` whatever is
 * below. The keys of a path may hold dots themselves, so it is never compared as text.
 */
export type PathPattern = readonly string[];

export const pathPattern = (text: string): PathPattern => text.replaceAll('[]', '.[]').split('.');

const isEntry = (key: string) => key.startsWith('[') && key.endsWith(']');

export function matchesPath(pattern: PathPattern, keys: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === '**';
  const wanted = isOpen ? pattern.slice(0, -1) : pattern;
  if (isOpen ? keys.length < wanted.length : keys.length !== wanted.length) return false;
  return wanted.every((part, n) => matchesKey(part, keys[n] ?? ''));
}

function matchesKey(part: string, key: string): boolean {
  if (part === '[]') return isEntry(key);
  return part === '*' ? !isEntry(key) : part === key;
}
