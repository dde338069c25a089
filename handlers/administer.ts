import type { Acting } from '../lib/flow/acting.ts';
import { operateHandler } from './operate.ts';

/** Holds os:admin and may read stored configs. The same steps, other actions and other rights. */
export const administerHandler = (deps: Acting) => operateHandler(deps);
