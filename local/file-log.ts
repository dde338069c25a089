import { appendFile } from 'node:fs';
import type { Log } from '../lib/log.ts';

/** Decisions go to a file: the terminal of `npm start` stays one screen. */
export const fileLog =
  (file: string, now: () => Date): Log =>
  (decision, about = {}) => {
    appendFile(file, `${JSON.stringify({ at: now().toISOString(), decision, ...about })}\n`, () => {});
  };
