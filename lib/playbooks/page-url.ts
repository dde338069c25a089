import { BUILT_IN_CODES } from './built-in.ts';

/** A page of a team's own playbook: somewhere else, or Markdown that Medic shows. */
export type OwnPage = { readonly address: string } | { readonly markdown: string };
export type OwnPages = ReadonlyMap<string, OwnPage>;
export type PageOf = (finding: { readonly code: string; readonly playbook?: string | undefined }) => string | undefined;

/** Where a finding is explained; nothing is linked where there is no page. `base`: address of Medic, '' for its own pages. */
export const pageUrl =
  (base: string, own: OwnPages): PageOf =>
  ({ code, playbook = '' }) => {
    if (BUILT_IN_CODES.includes(code)) return `${base}/playbooks/${code}`;
    const page = own.get(playbook);
    if (page === undefined) return undefined;
    return 'address' in page ? page.address : `${base}/playbooks/${playbook}`;
  };
