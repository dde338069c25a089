/** Some of each of the nodes that a cluster can have. */
const MAX_KEPT = 256;

/** `keep`: what a text would be read as is known already. */
type Kept<T> = ((text: string) => T) & { readonly keep: (text: string, value: T) => void };

/** Remembers what a text was read as: every node asks for its config again and again. Forgets the oldest when it is full. */
export function kept<T>(read: (text: string) => T, most = MAX_KEPT): Kept<T> {
  const known = new Map<string, { readonly value: T }>();
  const keep = (text: string, value: T) => {
    const [oldest] = known.keys();
    if (known.size >= most && oldest !== undefined) known.delete(oldest);
    known.set(text, { value });
  };
  const recall = (text: string): T => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const fresh = read(text);
    keep(text, fresh);
    return fresh;
  };
  return Object.assign(recall, { keep });
}

/** The same where it depends on the version of Talos too. */
export function keptByMinor<T>(read: (text: string, minor: number) => T): (text: string, minor: number) => T {
  const byMinor = new Map<number, (text: string) => T>();
  return (text, minor) => {
    const known = byMinor.get(minor) ?? kept((one) => read(one, minor));
    byMinor.set(minor, known);
    return known(text);
  };
}
