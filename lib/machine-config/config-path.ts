import { plainText } from '../evidence/plain-text.ts';

/** `["machine", "nodeLabels", "a.b/c"]` is `machine.nodeLabels."a.b/c"`; what is in brackets is an entry of a list. */
export function pathText(keys: readonly string[]): string {
  return keys.reduce((path, key) => {
    const isEntry = key.startsWith('[') && key.endsWith(']');
    const shown =
      isEntry || PLAIN.test(key) ? plainText(key, { maxLength: 80 }) : `"${plainText(key, { maxLength: 80 })}"`;
    return path === '' || isEntry ? `${path}${shown}` : `${path}.${shown}`;
  }, '');
}
const PLAIN = /^[A-Za-z0-9_$-]+$/;
