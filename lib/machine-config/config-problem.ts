/** Why a text is no machine config, or a patch no patch for it. Names a place, never a value. */
export type ConfigProblem = {
  readonly code:
    | 'empty'
    | 'too_large'
    | 'too_deep'
    | 'not_yaml'
    | 'alias'
    | 'tag'
    | 'directive'
    | 'not_a_mapping'
    | 'duplicate_key'
    | 'duplicate_document'
    | 'missing_kind'
    | 'missing_api_version'
    | 'no_main_document'
    | 'incomplete'
    | 'shape'
    | 'nothing_there'
    | 'would_change_nothing'
    | 'not_deletable'
    | 'not_a_patch'
    | 'json_patch_of_many_documents'
    | 'test_failed'
    | 'not_exact';
  /** `v1alpha1`, `KmsgLogConfig remote-log`, or `document 3` while its kind is not known. */
  readonly document: string | undefined;
  /** `machine.network.hostname`; '' is the document itself. */
  readonly path: string;
};

export const problem = (code: ConfigProblem['code'], document?: string, path = ''): ConfigProblem => ({
  code,
  document,
  path,
});

const SAYS: Readonly<Record<ConfigProblem['code'], string>> = {
  empty: 'there is nothing in it',
  too_large: 'it is larger than a machine config can be (1 MiB)',
  too_deep: 'it is nested deeper than 64 levels',
  not_yaml: 'it is not valid YAML',
  alias: 'it uses YAML aliases, which are not read',
  tag: 'it uses YAML tags, which are not read',
  directive: 'it uses YAML directives, which are not read',
  not_a_mapping: 'a mapping is needed here',
  duplicate_key: 'the key stands there twice',
  duplicate_document: 'the document stands there twice',
  missing_kind: 'kind is missing',
  missing_api_version: 'apiVersion is missing',
  no_main_document: 'the v1alpha1 document (machine, cluster) is missing',
  incomplete: 'it is missing, or not what Talos expects there',
  shape: 'the patch has another kind of value there (mapping, list or single value) than the config',
  nothing_there: 'the config has nothing there to delete or to change',
  would_change_nothing:
    'an empty value in a strategic merge patch does not overwrite; delete the key with "$patch: delete"',
  not_deletable:
    '"$patch: delete" works on a document, on a key outside of lists, or on a list entry that begins with a key and a value',
  not_a_patch: 'it is neither a strategic merge patch nor a JSON patch (RFC 6902)',
  json_patch_of_many_documents:
    'a JSON patch works on a config of one document only, and this one has more; write a strategic merge patch',
  test_failed: 'the test of the JSON patch does not hold',
  not_exact: 'the result would not say exactly what was meant; nothing was written',
};

/** One sentence without a full stop, to be put behind "The stored config: ". */
export function describeConfigProblem({ code, document, path }: ConfigProblem): string {
  const at = [document, path].filter(Boolean).join(', ');
  return at === '' ? SAYS[code] : `${at}: ${SAYS[code]}`;
}
