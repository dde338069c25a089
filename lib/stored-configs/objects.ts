/**
 * Where backups lie, in three rights: a bucket gives each to another role. Names are paths of parts without `..`, in
 * which letters, digits and `._-@` stand.
 */
export interface ObjectSink {
  /** Durable when it resolves. Never replaces what has this name already. */
  put(name: string, content: Uint8Array): Promise<void>;
}
export interface ObjectNames {
  /** All names below a folder (`prod/w-1`), in order. */
  below(folder: string): Promise<readonly string[]>;
}
export interface ObjectShelf extends ObjectNames {
  /** undefined: there is none. */
  get(name: string): Promise<Uint8Array | undefined>;
}

/** Nothing that leads elsewhere, and the longest that every store takes. */
export const isObjectName = (name: string): boolean =>
  name.length <= 900 && name.split('/').every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._@-]{0,254}$/.test(part));
