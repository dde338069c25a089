import { isDeepStrictEqual } from 'node:util';
import { isMap, isSeq } from 'yaml';
import { err, ok, type Result } from '../result.ts';
import { isNestedBeyondReason } from '../yaml/nesting.ts';
import { type ConfigProblem, problem } from './config-problem.ts';
import { type DeleteSelector, deleteSelected, takeSelectors } from './delete-selectors.ts';
import { type JsonOperation, readJsonPatch, runJsonPatch } from './json-patch.ts';
import { type ConfigDocument, MAIN, type MachineConfig, sameDocument } from './machine-config.ts';
import { MAX_CONFIG_CHARS, readDocument, treesOf, unfitTree } from './parse-config.ts';
import { readValue } from './read-value.ts';
import { mergeMapping } from './strategic-merge.ts';
import { type Draft, writeConfig } from './write-config.ts';

/** As talosctl takes it: parts of a machine config to merge, or a list of operations (RFC 6902), in YAML or JSON. */
export type ConfigPatch =
  | { readonly kind: 'strategic'; readonly parts: readonly PatchPart[] }
  | { readonly kind: 'json'; readonly operations: readonly JsonOperation[] };

type PatchPart = {
  readonly document: ConfigDocument;
  readonly selectors: readonly DeleteSelector[];
  /** Nothing to merge is left beside the selectors. */
  readonly isEmpty: boolean;
};

export function parsePatch(text: string): Result<ConfigPatch, ConfigProblem> {
  if (text.length > MAX_CONFIG_CHARS) return err(problem('too_large'));
  if (isNestedBeyondReason(text)) return err(problem('too_deep'));
  const trees = treesOf(text);
  const [only] = trees;
  if (only !== undefined && trees.length === 1 && isSeq(only.tree.contents)) {
    const unfit = unfitTree(only.tree, 'patch');
    if (unfit !== undefined) return err(unfit);
    const operations = readJsonPatch(only.tree.contents);
    return operations.ok ? ok({ kind: 'json', operations: operations.value }) : operations;
  }
  const parts: PatchPart[] = [];
  for (const [n, { tree, source }] of trees.entries()) {
    const document = readDocument(tree, source, `patch document ${n + 1}`);
    if (!document.ok) return document;
    if (document.value === undefined || !isMap(tree.contents)) continue;
    const taken = takeSelectors(tree.contents, document.value.title);
    if (!taken.ok) return taken;
    parts.push({ document: document.value, ...taken.value });
  }
  return parts.length === 0 ? err(problem('empty')) : ok({ kind: 'strategic', parts });
}

/** The whole config with the patch in it: Talos itself merges nothing. A patch that changes nothing changes no byte. */
export function applyPatch(config: MachineConfig, patch: ConfigPatch): Result<MachineConfig, ConfigProblem> {
  return patch.kind === 'json' ? applyOperations(config, patch.operations) : applyParts(config, patch.parts);
}

/** Source: siderolabs/talos, pkg/machinery/config/configpatcher/json6902.go: one document only, on every version. */
function applyOperations(
  config: MachineConfig,
  operations: readonly JsonOperation[],
): Result<MachineConfig, ConfigProblem> {
  const [only, ...more] = config.documents;
  if (only === undefined || more.length > 0) return err(problem('json_patch_of_many_documents'));
  const tree = only.tree.clone();
  const wrong = runJsonPatch(tree, operations);
  return wrong === undefined ? finish(config, [{ tree, source: undefined }]) : err(wrong);
}

/** Source: siderolabs/talos, pkg/machinery/config/configpatcher/strategic.go. */
function applyParts(config: MachineConfig, parts: readonly PatchPart[]): Result<MachineConfig, ConfigProblem> {
  const drafts: (Draft & Pick<ConfigDocument, 'id'>)[] = config.documents.map(({ id, tree, source }) => ({
    id,
    tree,
    source,
  }));
  for (const { document, selectors, isEmpty } of parts) {
    const { id, title } = document;
    const isWholeDocument = selectors.some(({ path }) => path.length === 0);
    const at = drafts.findIndex((draft) => sameDocument(draft.id, id));
    const found = drafts[at];
    if (isWholeDocument) {
      if (id.kind === MAIN) return err(problem('not_deletable', title));
      if (found !== undefined) drafts.splice(at, 1);
      continue;
    }
    if (found === undefined) {
      if (selectors.length > 0) return err(problem('nothing_there', title));
      drafts.push({ id, tree: document.tree.clone(), source: undefined });
      continue;
    }
    const tree = found.tree.clone();
    if (!isMap(tree.contents) || !isMap(document.tree.contents)) return err(problem('not_a_mapping', title));
    for (const selector of selectors) {
      const wrong = deleteSelected(tree.contents, selector, title);
      if (wrong !== undefined) return err(wrong);
    }
    const wrong = isEmpty ? undefined : mergeMapping(tree.contents, document.tree.contents, { id, path: [] });
    if (wrong !== undefined) return err(wrong);
    drafts[at] = { id, tree, source: undefined };
  }
  return finish(config, drafts);
}

/** A document that says what it said before keeps its text. */
function finish(config: MachineConfig, drafts: readonly Draft[]): Result<MachineConfig, ConfigProblem> {
  const kept = drafts.map((draft) => {
    const same = config.documents.find(({ content }) => isDeepStrictEqual(readValue(draft.tree.contents), content));
    return same === undefined ? draft : { tree: same.tree, source: same.source };
  });
  const isUnchanged =
    kept.length === config.documents.length && kept.every(({ source }, n) => source === config.documents[n]?.source);
  return isUnchanged ? ok(config) : writeConfig(kept);
}
