import { CONSOLE_CHARACTERS } from '../approvals/plan.ts';

const MASK = '•'.repeat(CONSOLE_CHARACTERS);

/** A boot as plans and diagnoses name it, and the request of a step: `spki:…`, `"spki":"…`. */
const NAMED = new RegExp(`(spki"?:\\s?"?)[A-Za-z0-9+/]{${CONSOLE_CHARACTERS}}`, 'g');
const TYPED = /("consoleFingerprint":")[^"]+/g;
/** Any other key in this form, base64 of a SHA-256, for instance in what a person or a node wrote. */
const ANY_KEY = new RegExp(`[A-Za-z0-9+/]{${CONSOLE_CHARACTERS}}([A-Za-z0-9+/]{35}=)`, 'g');

/**
 * A record (JSON text) without the start of any boot's key, which has to come from the console: a record that shows it
 * would let somebody approve who has never seen the node. What is left of a key still tells one boot from another.
 */
export const maskConsole = (json: string): string =>
  json.replace(NAMED, `$1${MASK}`).replace(TYPED, `$1${MASK}`).replace(ANY_KEY, `${MASK}$1`);
