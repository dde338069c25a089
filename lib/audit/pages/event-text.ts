import type { Tone } from './words.ts';

export type Detail = { readonly label: string; readonly text: string };
/** `quiet`: bookkeeping that a reader may skip. Texts are as stored: whoever shows them escapes them. */
export type EventText = { readonly title: string; readonly details: readonly Detail[]; readonly tone: Tone };

export const row = (label: string, text: string): Detail => ({ label, text });
