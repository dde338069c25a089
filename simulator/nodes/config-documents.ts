import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import { kept } from './kept.ts';

/** One YAML document of a machine config. Lines count from 1. */
export type ConfigDocument = {
  readonly error: { readonly line: number; readonly message: string } | undefined;
  line(): number;
  /** Shared by all who read it. Throws where it would be built of more than 100 aliases. */
  content(): unknown;
};

function parseDocuments(text: string): readonly ConfigDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { prettyErrors: false, lineCounter: lines });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  return (Array.isArray(parsed) ? parsed : []).map((document: Document) => {
    const [error] = document.errors;
    return {
      error: error && { line: lineAt(error.pos[0]), message: error.message },
      line: () => lineAt(document.contents?.range?.[0] ?? 0),
      content: once((): unknown => document.toJS({ maxAliasCount: 100 })),
    };
  });
}

/** The documents of a machine config, parsed once for all who read it. */
export const configDocuments = kept(parseDocuments);

/** Of a text that was written from these contents: only who asks for a line has to parse it. */
export function keepContents(text: string, contents: readonly unknown[]): void {
  const parsed = once(() => parseDocuments(text));
  const documents = contents.map((content, n) => {
    return { error: undefined, line: () => parsed()[n]?.line() ?? 1, content: () => content };
  });
  configDocuments.keep(text, documents);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
