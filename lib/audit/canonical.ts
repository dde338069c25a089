import canonicalize from 'canonicalize';

/**
 * RFC 8785 canonical JSON of an audit event. Leaves are strings and safe integers only, so that every reader, in any
 * language, sees the same bytes; `undefined` members of objects are dropped.
 * Throws a `TypeError` that names the path of anything else: such an event is a bug and must not be stored.
 */
export function canonicalJson(event: object): string {
  refuseOthers(event, '$');
  const text = canonicalize(event);
  if (text === undefined) throw new TypeError('$ has no JSON form');
  return text;
}

/** A surrogate without its other half: it has no UTF-8 form. (`isWellFormed` is not in ES2023's types.) */
const HALF_PAIR = /\p{Surrogate}/u;

function refuseOthers(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (HALF_PAIR.test(value)) throw new TypeError(`${path} holds half of a surrogate pair`);
    return;
  }
  if (Number.isSafeInteger(value)) return;
  if (Array.isArray(value)) {
    for (const [index, member] of value.entries()) refuseOthers(member, `${path}[${index}]`);
    return;
  }
  if (!isPlainObject(value)) {
    throw new TypeError(`${path} is ${nameOf(value)}: audit events hold strings and safe integers only`);
  }
  for (const [key, member] of Object.entries(value)) {
    if (HALF_PAIR.test(key)) throw new TypeError(`${path} has a key with half of a surrogate pair`);
    if (member !== undefined) refuseOthers(member, `${path}.${key}`);
  }
}

/** Dates and other objects with a `toJSON` would be stored as something else than what was written. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return 'no plain object';
  return `${typeof value} ${String(value)}`;
}
