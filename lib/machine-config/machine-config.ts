import type { Document } from 'yaml';

/** Talos knows a document by these three. `kind` is `v1alpha1` for the one with `machine` and `cluster`. */
export type DocumentId = { readonly apiVersion: string; readonly kind: string; readonly name: string };

/** Text, whole number, truth, nothing, or built from them. Other numbers stay as they are written. */
export type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | ConfigMapping;
export type ConfigMapping = { readonly [key: string]: ConfigValue };

export type ConfigDocument = {
  readonly id: DocumentId;
  /** As people call it: `v1alpha1`, `KmsgLogConfig remote-log`. */
  readonly title: string;
  readonly content: ConfigMapping;
  /** Every scalar is its source text, so that writing it again changes nothing. Never changed: patches work on a clone. */
  readonly tree: Document;
  /** With its leading `---` and comments, as written. */
  readonly source: string;
};

/** A machine config, parsed once. `text` is what is sent, byte for byte. */
export type MachineConfig = { readonly text: string; readonly documents: readonly ConfigDocument[] };

export const MAIN = 'v1alpha1';

export const isMain = ({ id }: ConfigDocument): boolean => id.kind === MAIN;
export const sameDocument = (a: DocumentId, b: DocumentId): boolean =>
  a.apiVersion === b.apiVersion && a.kind === b.kind && a.name === b.name;
export const titleOf = ({ kind, name }: DocumentId): string => (name === '' ? kind : `${kind} ${name}`);
