const MAX_KEPT = 64;

/** Remembers what a text was read as: every node asks for its config again and again. Forgets all when it is full. */
export function kept<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const fresh = read(text);
    if (known.size >= MAX_KEPT) known.clear();
    known.set(text, fresh);
    return fresh;
  };
}
