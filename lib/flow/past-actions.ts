import * as z from 'zod';
import { ActionName } from '../approvals/action-name.ts';
import type { Plan } from '../approvals/plan.ts';
import type { PastAction } from '../safety/facts.ts';
import { MOST_REPEATS } from '../safety/limits.ts';
import type { Write } from '../store/ledger-types.ts';
import type { Deps } from './deps.ts';
import { pastActionsKey } from './keys.ts';

/** One item per node and action, in the order of time. */
const Times = z.array(z.object({ at: z.string(), planId: z.string() }));
const KEEP = MOST_REPEATS;

/** Plans that sent a call to the node; `except`: the plan that is asked about. */
export async function readPastActions(
  { items }: Pick<Deps, 'items'>,
  cluster: string,
  node: string,
  except: string,
): Promise<readonly PastAction[]> {
  const found = await items.query(pastActionsKey(cluster, node, '').pk);
  return found.flatMap(({ sk, attributes }) => {
    const action = ActionName.parse(sk);
    const times = timesIn(attributes['times']).filter(({ planId }) => planId !== except);
    return times.map(({ at }) => ({ action, at }));
  });
}

/** Counts the plan once, with the intent of its first call: what was not sent was not done. */
export async function countPlan(
  { items }: Pick<Deps, 'items'>,
  { cluster, node, action, id }: Plan,
  at: string,
): Promise<readonly Write[]> {
  const key = pastActionsKey(cluster, node, action);
  const before = (await items.get(key))?.attributes['times'];
  const times = timesIn(before);
  if (times.some(({ planId }) => planId === id)) return [];
  const attributes = { times: JSON.stringify([...times, { at, planId: id }].slice(-KEEP)) };
  const when =
    before === undefined ? ({ is: 'absent' } as const) : ({ is: 'equal', equals: { times: before } } as const);
  return [{ do: 'put', key, attributes, when }];
}

const timesIn = (text: string | number | undefined) => Times.parse(JSON.parse(String(text ?? '[]')));
