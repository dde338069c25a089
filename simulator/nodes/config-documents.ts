import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import { kept } from './kept.ts';

/** The YAML documents of a machine config, parsed once for all who read it. `contentOf` builds nothing of more than 100 aliases. */
export const configDocuments = kept(
  (text): { readonly documents: readonly Document[]; readonly lines: LineCounter } => {
    const lines = new LineCounter();
    const parsed = parseAllDocuments(text, { prettyErrors: false, lineCounter: lines });
    return { documents: Array.isArray(parsed) ? parsed : [], lines };
  },
);

export const contentOf = (document: Document): unknown => document.toJS({ maxAliasCount: 100 });
