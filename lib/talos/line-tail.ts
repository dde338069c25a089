const MAX_LINE_CHARS = 4096;

/** Keeps the last lines of a text that comes in pieces: within a number of lines and of characters, whatever comes. */
export class LineTail {
  readonly #maxLines: number;
  readonly #maxChars: number;
  readonly #decoder = new TextDecoder(); // a chunk can end in the middle of a character
  #lines: string[] = [];
  #first = 0;
  #chars = 0;
  #seen = 0;
  #long = 0;
  #open = '';

  constructor(maxLines: number, maxChars: number) {
    this.#maxLines = maxLines;
    this.#maxChars = maxChars;
  }

  /** A chunk of bytes at an arbitrary boundary. */
  write(chunk: Uint8Array): void {
    const pieces = this.#decoder.decode(chunk, { stream: true }).split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      this.push(this.#open + piece);
      this.#open = '';
    }
    // One character more than a line may have, so that a longer one is still seen to be longer.
    this.#open = (this.#open + last).slice(0, MAX_LINE_CHARS + 1);
  }

  push(line: string): void {
    const isLong = line.length > MAX_LINE_CHARS;
    const kept = isLong ? `${line.slice(0, MAX_LINE_CHARS)}…` : line;
    if (isLong) this.#long += 1;
    this.#seen += 1;
    this.#lines.push(kept);
    this.#chars += kept.length;
    while (this.#lines.length - this.#first > this.#maxLines || this.#chars > this.#maxChars) {
      this.#chars -= this.#lines[this.#first]?.length ?? 0;
      this.#first += 1;
    }
    if (this.#first > this.#maxLines) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The lines, and in words what is missing. */
  end(): { readonly lines: readonly string[]; readonly notes: readonly string[] } {
    const rest = this.#open + this.#decoder.decode();
    this.#open = '';
    if (rest !== '') this.push(rest);
    const lines = this.#lines.slice(this.#first);
    return {
      lines,
      notes: [
        ...(lines.length < this.#seen ? [`the last ${lines.length} of ${this.#seen} lines`] : []),
        ...(this.#long > 0 ? [`${this.#long} lines cut at ${MAX_LINE_CHARS} characters`] : []),
      ],
    };
  }
}
