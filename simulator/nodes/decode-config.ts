import { stringify } from 'yaml';
import { configDocuments } from './config-documents.ts';
import { isKind, keysAt, keysOfDocument } from './config-words.ts';
import { keptByMinor } from './kept.ts';

/** Talos decodes strictly: what this version does not know is refused. Source: configloader/internal/decoder. */

type Values = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The part of a mapping that nobody knows, as a tree. */
function unknownIn(value: Values, path: string, minor: number): Values {
  const known = keysAt(path, minor);
  if (known === undefined) return {};
  const found = Object.entries(value).flatMap(([key, below]): [string, unknown][] => {
    if (!known.has(key)) return [[key, below]];
    const deeper = isMapping(below) ? unknownIn(below, path === '' ? key : `${path}.${key}`, minor) : {};
    return Object.keys(deeper).length === 0 ? [] : [[key, deeper]];
  });
  return Object.fromEntries(found);
}

function unknownInDocument(value: Values, kind: string, minor: number): Values {
  const known = keysOfDocument(kind, minor);
  return Object.fromEntries(Object.entries(value).filter(([key]) => known !== undefined && !known.has(key)));
}

const ROOT_KEYS = ['machine', 'cluster', 'debug', 'persist'];
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const isRoot = (value: Values): boolean =>
  textOf(value['kind']) === '' && (ROOT_KEYS.some((key) => key in value) || value['apiVersion'] === 'v1alpha1');

function problemIn(value: Values, minor: number): string | undefined {
  const [kind, version] = [textOf(value['kind']), textOf(value['apiVersion'])];
  let unknown: Values;
  if (isRoot(value)) unknown = unknownIn(value, '', minor);
  else {
    if (kind === '') return 'missing kind';
    if (version === '') return 'missing apiVersion';
    if (version !== 'v1alpha1' || !isKind(kind, minor)) return `"${kind}" "${version}": not registered`;
    unknown = unknownInDocument(value, kind, minor);
  }
  if (Object.keys(unknown).length === 0) return undefined;
  return `unknown keys found during decoding:\n${stringify(unknown, { indent: 4, lineWidth: 0 })}`;
}

/** Why Talos of this minor cannot read the config; undefined when it can. */
export const decodeProblem = keptByMinor((text, minor): string | undefined => {
  const seen = new Set<string>();
  for (const document of configDocuments(text)) {
    const { error } = document;
    if (error) return `decode error: yaml: line ${error.line}: ${error.message}`;
    const value = document.content();
    if (value === null) continue;
    if (!isMapping(value)) {
      return minor >= 12 ? `expected a YAML document at line ${document.line()}` : 'expected a mapping node';
    }
    const kind = textOf(value['kind']) === '' ? 'v1alpha1' : textOf(value['kind']);
    const id = `${textOf(value['apiVersion'])}/${kind}/${textOf(value['name'])}`;
    const at = () => (minor >= 12 ? ` (line ${document.line()})` : '');
    if (seen.has(id)) return `duplicate document ${id} is not allowed${at()}`;
    seen.add(id);
    const problem = problemIn(value, minor);
    if (problem !== undefined) return minor >= 12 ? `error decoding document ${id}${at()}: ${problem}` : problem;
  }
  return seen.size === 0 ? 'config not found' : undefined;
});
