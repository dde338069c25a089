import { plainText } from '../evidence/plain-text.ts';
import { redactText } from '../evidence/redact.ts';
import type { ConfigValue } from './machine-config.ts';
import { isShownPath } from './shown-paths.ts';

/** Whether people may see this value: its path is on the list, and it does not look like a secret after all. */
export const isShownValue = (kind: string, keys: readonly string[], value: ConfigValue | undefined): boolean =>
  isShownPath(kind, keys) && (value === undefined || redactText(valueText(value)).redacted === 0);

/** On one line, and harmless. A list or mapping comes here only when it is empty. */
export function valueText(value: ConfigValue): string {
  if (typeof value === 'object') return value === null ? 'null' : JSON.stringify(value);
  return plainText(String(value), { maxLength: 120 });
}
