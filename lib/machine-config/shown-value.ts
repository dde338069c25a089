import { plainText } from '../evidence/plain-text.ts';
import { redactText } from '../evidence/redact.ts';
import type { ConfigValue } from './machine-config.ts';
import { isShownPath } from './shown-paths.ts';

/** Keys by which somebody hides a secret where none belongs, such as the sysctl `net.ipv4.tcp_fastopen_key`. */
const NAMES_A_SECRET = /key|secret|token|passw|credential|auth/i;

/** Whether people may see this value: its path is on the list, and neither its key nor itself looks like a secret. */
export function isShownValue(kind: string, keys: readonly string[], value: ConfigValue | undefined): boolean {
  if (!isShownPath(kind, keys)) return false;
  if (value === undefined || typeof value === 'boolean') return true;
  return !NAMES_A_SECRET.test(keys.at(-1) ?? '') && redactText(valueText(value)).redacted === 0;
}

/** On one line, and harmless. A list or mapping comes here only when it is empty. */
export function valueText(value: ConfigValue): string {
  if (typeof value === 'object') return value === null ? 'null' : JSON.stringify(value);
  return plainText(String(value), { maxLength: 120 });
}
