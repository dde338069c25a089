import { plainText } from '../evidence/plain-text.ts';
import { redactText } from '../evidence/redact.ts';
import { pathText } from './config-path.ts';
import { type Difference, diffValues } from './diff-values.ts';
import { type ConfigDocument, type ConfigValue, type MachineConfig, sameDocument } from './machine-config.ts';
import { isShownPath } from './shown-paths.ts';

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
    const [old, fresh] = shownTexts(before, after);
    const isShown = kind === 'reordered' || (isShownPath(id.kind, keys) && isHarmless(old) && isHarmless(fresh));
    return {
      document: title,
      documentKind: id.kind,
      keys,
      path: pathText(keys),
      kind,
      values: isShown ? 'shown' : 'secret',
      before: isShown ? old : undefined,
      after: isShown ? fresh : undefined,
    };
  };

/** Where both would look the same, `"1"` and `1`, with quotes. */
function shownTexts(before: ConfigValue | undefined, after: ConfigValue | undefined) {
  const texts = [shownText(before), shownText(after)] as const;
  return texts[0] === texts[1] ? ([JSON.stringify(before), JSON.stringify(after)] as const) : texts;
}

/** A list or mapping comes here only when it is empty. */
function shownText(value: ConfigValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object') return value === null ? 'null' : JSON.stringify(value);
  return plainText(String(value), { maxLength: 120 });
}
/** Also where nobody expects one: what looks like a secret is one. */
const isHarmless = (text: string | undefined): boolean => text === undefined || redactText(text).redacted === 0;
