import { isMap, isScalar, isSeq } from 'yaml';
import type { ConfigValue } from './machine-config.ts';

/** What a node of the tree says, by the core schema of YAML 1.2. The tree has no aliases, tags or other surprises. */
export function readValue(node: unknown): ConfigValue {
  if (isMap(node)) {
    return Object.fromEntries(node.items.map(({ key, value }) => [keyText(key), readValue(value)]));
  }
  if (isSeq(node)) return node.items.map(readValue);
  return isScalar(node) ? readScalar(String(node.value ?? ''), node.type === 'PLAIN' || node.type === undefined) : null;
}

export const keyText = (key: unknown): string => (isScalar(key) ? String(key.value ?? '') : String(key));

/** `0644` is eight's or ten's depending on the reader: it stays text, and so does what a number cannot hold exactly. */
function readScalar(text: string, isPlain: boolean): ConfigValue {
  if (!isPlain) return text;
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  return /^-?(?:0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}
