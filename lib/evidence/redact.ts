/**
 * Takes secrets out of text that a node wrote: log lines, messages, errors. What is taken out is replaced by a mark, and
 * counted, so that a reader knows that something is missing. Patterns are linear, and callers cut lines before.
 */
export type Redacted = { readonly text: string; readonly redacted: number };

const MARK = '[redacted]';

/** Longest line that a pattern ever sees. */
export const MAX_LINE_CHARS = 4096;

/** Each keeps its first group (what the secret belongs to) and loses the rest. */
const SECRETS: readonly RegExp[] = [
  /\b(authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|digest|negotiate)\s{1,4})?)[^\s"',]{4,}/gi,
  /\b((?:bearer|basic)\s{1,4})[A-Za-z0-9+/_=.~-]{8,}/gi,
  /\b(x-[a-z0-9-]{0,32}(?:token|key|secret)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',]{4,}/gi,
  /((?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret|credentials?)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;&]{3,}/gi,
  /(\/\/[^\s/:@]{0,128}:)[^\s/@]{1,512}(?=@)/g, // https://user:password@host
  // key=<long base64>, but neither a path nor a digest in hex, which name images and schematics
  /([A-Za-z0-9_-]{1,64}["']?[=:]\s{0,4}["']?)(?![/\s]|[0-9a-f]{40,128}(?![A-Za-z0-9+/]))[A-Za-z0-9+/]{40,}={0,2}/g,
  /()\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/g, // JSON Web Token
  /()\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, // bootstrap and join tokens of Kubernetes and Talos
];
const PEM_BEGIN = /-----BEGIN [A-Z0-9 ]{1,64}-----/;
const PEM_END = /-----END [A-Z0-9 ]{1,64}-----/;

/** Lines of one log, in order: a PEM block may span many of them. A block that never ends takes what looks like it. */
export function redactLines(lines: readonly string[]): {
  readonly lines: readonly string[];
  readonly redacted: number;
} {
  let redacted = 0;
  let inPem = false;
  const kept = lines.map((line) => {
    const cut = line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS)}…` : line;
    if (inPem && looksLikePem(cut)) {
      inPem = !PEM_END.test(cut);
      return MARK;
    }
    inPem = false;
    const begin = PEM_BEGIN.exec(cut);
    if (begin === null) {
      const clean = redactPatterns(cut);
      redacted += clean.redacted;
      return clean.text;
    }
    redacted += 1;
    const end = PEM_END.exec(cut);
    inPem = end === null;
    const before = redactPatterns(cut.slice(0, begin.index));
    const after = end === null ? '' : cut.slice(end.index + end[0].length);
    redacted += before.redacted;
    return `${before.text}${MARK}${redactPatterns(after).text}`;
  });
  return { lines: kept, redacted };
}

/** Text of one or more lines. */
export function redactText(text: string): Redacted {
  const { lines, redacted } = redactLines(text.split('\n'));
  return { text: lines.join('\n'), redacted };
}

/** The body of a block: a line of nothing else, or the long end of a line behind the time stamp of a log. */
const looksLikePem = (line: string): boolean =>
  PEM_END.test(line) || /^\s*[A-Za-z0-9+/=]+\s*$/.test(line) || /[\s|>"][A-Za-z0-9+/=]{16,}["\s]*$/.test(line);

function redactPatterns(text: string): Redacted {
  let redacted = 0;
  let clean = text;
  for (const pattern of SECRETS) {
    clean = clean.replace(pattern, (whole: string, kept: string) => {
      if (whole.endsWith(MARK)) return whole;
      redacted += 1;
      return `${kept}${MARK}`;
    });
  }
  return { text: clean, redacted };
}
