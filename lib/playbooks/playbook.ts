// What an author of a playbook imports as `talos-medic/playbook`: the contract, and the few words to write one with.
import type { Playbook as BuiltIn } from './finding.ts';

export type { Evidence, PeerEvidence, Readings } from '../evidence/evidence.ts';
// biome-ignore lint/performance/noBarrelFile: this file is the contract, and nothing else imports it
export { type Reading, readValue } from '../evidence/reading.ts';
export { cite, list, quote } from './cite.ts';
export type { Citation, Facts, Finding } from './finding.ts';

/**
 * `name` is that of the file, in kebab-case; the codes of its findings are the name in snake_case, or begin with it.
 * `page`: what "What is this?" on the card leads to, an address or a Markdown file beside it (`./name.md`).
 */
export type Playbook = BuiltIn & { readonly page?: string };
