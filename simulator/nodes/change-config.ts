import { parseAllDocuments, stringify } from 'yaml';

/** What a person who edits a config does to it. */

type Change = {
  readonly merge?: Readonly<Record<string, unknown>> | undefined;
  readonly documents?: readonly unknown[] | undefined;
};
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sets keys of the v1alpha1 document, lists as a whole, removes what is undefined, and puts other documents behind it. */
export function withChange(text: string, { merge = {}, documents: more = [] }: Change): string {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return text;
  for (const document of documents) {
    if (document.get('version') !== 'v1alpha1') continue;
    const set = (path: readonly string[], value: unknown): void => {
      if (value === undefined) document.deleteIn(path);
      else if (!isRecord(value)) document.setIn(path, document.createNode(value));
      else for (const [key, part] of Object.entries(value)) set([...path, key], part);
    };
    set([], merge);
  }
  const texts = documents.map((document) => document.toString({ lineWidth: 0, directives: false }));
  return [...texts, ...more.map((document) => stringify(document, { lineWidth: 0 }))].join('---\n');
}

/** Sets or removes the static hostname. */
export const withHostname = (text: string, hostname: string | undefined): string =>
  withChange(text, { merge: { machine: { network: { hostname } } } });

/** Sets the list of kernel modules; an empty one changes nothing. */
export const withKernelModules = (text: string, names: readonly string[]): string =>
  names.length === 0
    ? text
    : withChange(text, { merge: { machine: { kernel: { modules: names.map((name) => ({ name })) } } } });
