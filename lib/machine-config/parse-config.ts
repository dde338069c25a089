import { Composer, CST, type Document, isMap, isScalar, isSeq, type ParsedNode, Parser } from 'yaml';
import { err, ok, type Result } from '../result.ts';
import { isNestedBeyondReason, unsafeTree } from '../yaml/nesting.ts';
import { pathText } from './config-path.ts';
import { type ConfigProblem, problem } from './config-problem.ts';
import {
  type ConfigDocument,
  type ConfigMapping,
  type DocumentId,
  isMain,
  MAIN,
  type MachineConfig,
  sameDocument,
  titleOf,
} from './machine-config.ts';
import { keyText, readValue } from './read-value.ts';

/** Manifests inside of a config make it large; the parser needs about 1.5 s for this. */
export const MAX_CONFIG_CHARS = 1024 * 1024;

/** Texts only, so that `0644` and `yes` are written again as they were read. Unique keys are looked at in linear time. */
const TREE_OPTIONS = {
  schema: 'failsafe',
  merge: false,
  uniqueKeys: false,
  stringKeys: true,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/** A machine config, or a part of one: some documents of it. What Talos makes of it, only Talos knows (a dry run). */
export function parseDocuments(text: string): Result<MachineConfig, ConfigProblem> {
  if (text.length > MAX_CONFIG_CHARS) return err(problem('too_large'));
  if (isNestedBeyondReason(text)) return err(problem('too_deep'));
  const documents: ConfigDocument[] = [];
  for (const [n, { tree, source }] of treesOf(text).entries()) {
    const read = readDocument(tree, source, `document ${n + 1}`);
    if (!read.ok) return read;
    if (read.value === undefined) continue;
    const { id, title } = read.value;
    if (documents.some((one) => sameDocument(one.id, id))) return err(problem('duplicate_document', title));
    documents.push(read.value);
  }
  return documents.length === 0 ? err(problem('empty')) : ok({ text, documents });
}

/** A whole machine config, with the document that has `machine` and `cluster`. */
export function parseMachineConfig(text: string): Result<MachineConfig, ConfigProblem> {
  const parsed = parseDocuments(text);
  if (!parsed.ok) return parsed;
  return parsed.value.documents.some(isMain) ? parsed : err(problem('no_main_document'));
}

type Tree = { readonly tree: Document.Parsed<ParsedNode>; readonly source: string };

/** Each document with its own text; comments and line breaks in front of it belong to it. */
export function treesOf(text: string): readonly Tree[] {
  const tokens = [...new Parser().parse(text)];
  const trees = [...new Composer(TREE_OPTIONS).compose(tokens)];
  const sources: string[] = [];
  let before = '';
  for (const token of tokens) {
    before += CST.stringify(token);
    if (token.type !== 'document') continue;
    sources.push(before);
    before = '';
  }
  return trees.map((tree, n) => ({ tree, source: sources[n] ?? '' }));
}

/** undefined: an empty document, which Talos skips. */
export function readDocument(
  tree: Tree['tree'],
  source: string,
  place: string,
): Result<ConfigDocument | undefined, ConfigProblem> {
  const unfit = unfitTree(tree, place);
  if (unfit !== undefined) return err(unfit);
  const content = readValue(tree.contents);
  if (content === null) return ok(undefined);
  if (!isMapping(content)) return err(problem('not_a_mapping', place));
  const id = documentId(content);
  if (id.kind === '') return err(problem('missing_kind', place));
  if (id.apiVersion === '' && id.kind !== MAIN) return err(problem('missing_api_version', titleOf(id)));
  return ok({ id, title: titleOf(id), content, tree, source });
}

/** Why no values can be read from it: what the YAML library found, and what it would have let pass. */
export function unfitTree(tree: Tree['tree'], place: string): ConfigProblem | undefined {
  if (tree.errors.length > 0) return problem('not_yaml', place);
  if (tree.directives.yaml.explicit === true || Object.keys(tree.directives.tags).length > 1)
    return problem('directive', place);
  const unsafe = unsafeTree(tree.contents);
  if (unsafe !== undefined) return problem(unsafe, place);
  return unfitNode(tree.contents, [], place);
}

function unfitNode(node: unknown, path: readonly string[], place: string): ConfigProblem | undefined {
  if ((isMap(node) || isSeq(node) || isScalar(node)) && node.tag !== undefined)
    return problem('tag', place, pathText(path));
  if (isSeq(node)) return first(node.items, (item, n) => unfitNode(item, [...path, `[${n}]`], place));
  if (!isMap(node)) return undefined;
  const seen = new Set<string>();
  return first(node.items, ({ key, value }) => {
    const name = keyText(key);
    if (seen.has(name)) return problem('duplicate_key', place, pathText([...path, name]));
    seen.add(name);
    return unfitNode(value, [...path, name], place);
  });
}

function first<T>(
  items: readonly T[],
  look: (item: T, n: number) => ConfigProblem | undefined,
): ConfigProblem | undefined {
  for (const [n, item] of items.entries()) {
    const found = look(item, n);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isMapping = (value: unknown): value is ConfigMapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The main document is known by its keys, as Talos does. Source: siderolabs/talos, configloader/internal/decoder. */
function documentId(content: ConfigMapping): DocumentId {
  const text = (key: string) => (typeof content[key] === 'string' ? content[key] : '');
  const kind = text('kind');
  if (kind === '' && MAIN_KEYS.some((key) => Object.hasOwn(content, key)))
    return { apiVersion: '', kind: MAIN, name: '' };
  return { apiVersion: text('apiVersion'), kind, name: text('name') };
}
const MAIN_KEYS = ['machine', 'cluster', 'debug', 'persist', 'version'];
