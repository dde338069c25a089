const CONTEXT_LINES = 3;

type Line = { readonly kind: ' ' | '-' | '+'; readonly text: string };

/** Longest common subsequence; configs have some hundred lines. */
function linesOf(old: readonly string[], fresh: readonly string[]): readonly Line[] {
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      const row = common[i];
      if (row) row[j] = old[i] === fresh[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      lines.push({ kind: ' ', text: old[i] ?? '' });
      [i, j] = [i + 1, j + 1];
    } else if (i < old.length && (j === fresh.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: '-', text: old[i] ?? '' });
      i += 1;
    } else {
      lines.push({ kind: '+', text: fresh[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}

/** A unified diff of two texts, '' where they are the same. */
export function textDiff(before: string, after: string): string {
  if (before === after) return '';
  const lines = linesOf(before.split('\n'), after.split('\n'));
  const isNear = (n: number) =>
    lines.slice(Math.max(0, n - CONTEXT_LINES), n + CONTEXT_LINES + 1).some(({ kind }) => kind !== ' ');
  const out = ['--- a', '+++ b'];
  let [oldLine, freshLine, isOpen] = [1, 1, false];
  for (const [n, { kind, text }] of lines.entries()) {
    if (isNear(n)) {
      if (!isOpen) out.push(`@@ -${oldLine} +${freshLine} @@`);
      out.push(`${kind}${text}`);
    }
    isOpen = isNear(n);
    if (kind !== '+') oldLine += 1;
    if (kind !== '-') freshLine += 1;
  }
  return `${out.join('\n')}\n`;
}
