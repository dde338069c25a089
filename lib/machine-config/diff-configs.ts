import { pathText } from './config-path.ts';
import { type Difference, diffValues } from './diff-values.ts';
import { type ConfigDocument, type ConfigValue, MAIN, type MachineConfig, sameDocument } from './machine-config.ts';
import { isShownValue, valueText } from './shown-value.ts';

/** One place in which two configs differ, without any value that could be a secret. */
export type ConfigChange = {
  /** `v1alpha1`, `KmsgLogConfig remote-log`. */
  readonly document: string;
  readonly documentKind: string;
  /** Entries of lists in brackets: `[interface=eth0]`, `[2]`, or `[]` where the entry is the value itself. */
  readonly keys: readonly string[];
  /** The same as text; '' is the whole document. */
  readonly path: string;
  /** `reordered`: the same entries of a list in another order. */
  readonly kind: 'added' | 'removed' | 'changed' | 'reordered';
  /** `secret`: both values stay where they are, and `before` and `after` are undefined. */
  readonly values: 'shown' | 'secret';
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/** `machine.type`, or `KmsgLogConfig remote-log: url`. */
export const placeOf = ({ document, path }: ConfigChange): string =>
  document === MAIN ? path : [document, path].filter(Boolean).join(': ');

export function diffConfigs(before: MachineConfig, after: MachineConfig): readonly ConfigChange[] {
  const twin = (config: MachineConfig, { id }: ConfigDocument) =>
    config.documents.find((one) => sameDocument(one.id, id));
  const gone = before.documents.filter((document) => twin(after, document) === undefined);
  return [
    ...after.documents.flatMap((document) => {
      const old = twin(before, document);
      if (old === undefined) return wholeDocument(document, 'added');
      return diffValues(document.id.kind, old.content, document.content).map(withoutSecrets(document));
    }),
    ...gone.flatMap((document) => wholeDocument(document, 'removed')),
  ];
}

/** The document itself, and then what is in it beside its name. */
function wholeDocument(document: ConfigDocument, kind: 'added' | 'removed'): readonly ConfigChange[] {
  const { apiVersion: _apiVersion, kind: _kind, name: _name, ...content } = document.content;
  const [before, after] = kind === 'added' ? [{}, content] : [content, {}];
  const itself: ConfigChange = {
    document: document.title,
    documentKind: document.id.kind,
    keys: [],
    path: '',
    kind,
    values: 'shown',
    before: undefined,
    after: undefined,
  };
  return [itself, ...diffValues(document.id.kind, before, after).map(withoutSecrets(document))];
}

const withoutSecrets =
  ({ id, title }: ConfigDocument) =>
  ({ keys, kind, before, after }: Difference): ConfigChange => {
    const isShown = kind === 'reordered' || [before, after].every((value) => isShownValue(id.kind, keys, value));
    const [old, fresh] = isShown ? textsOf(before, after) : [];
    return {
      document: title,
      documentKind: id.kind,
      keys,
      path: pathText(keys),
      kind,
      values: isShown ? 'shown' : 'secret',
      before: old,
      after: fresh,
    };
  };

/** Where both would look the same, `"1"` and `1`, with quotes. */
function textsOf(before: ConfigValue | undefined, after: ConfigValue | undefined) {
  const [old, fresh] = [before, after].map((value) => (value === undefined ? undefined : valueText(value)));
  return old === fresh ? [JSON.stringify(before), JSON.stringify(after)] : [old, fresh];
}
