import { stringify } from 'yaml';
import { plainText } from '../evidence/plain-text.ts';
import type { ConfigDocument, ConfigMapping, ConfigValue, MachineConfig } from './machine-config.ts';
import { isShownValue, valueText } from './shown-value.ts';

const SECRET = '(secret)';

/** A config for people to read: every key, the values that are no secrets, no comments. It is not to be applied. */
export const redactedText = ({ documents }: MachineConfig): string =>
  documents.map((document) => stringify(shown(document), { lineWidth: 0 })).join('---\n');

function shown({ id, content }: ConfigDocument): ConfigValue {
  const isList = (value: ConfigValue): value is readonly ConfigValue[] => Array.isArray(value);
  const isMapping = (value: ConfigValue): value is ConfigMapping =>
    typeof value === 'object' && value !== null && !isList(value);
  const redacted = (value: ConfigValue, keys: readonly string[]): ConfigValue => {
    if (isMapping(value)) {
      const entries = Object.entries(value).map(([key, below]) => [plainText(key), redacted(below, [...keys, key])]);
      return Object.fromEntries(entries);
    }
    if (isList(value)) return value.map((entry) => redacted(entry, [...keys, '[]']));
    if (!isShownValue(id.kind, keys, value)) return SECRET;
    return typeof value === 'string' ? valueText(value) : value;
  };
  return redacted(content, []);
}
