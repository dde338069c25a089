import * as z from 'zod';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const Risk = z.enum(['R1', 'R2', 'R3']);
const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'takes a time from 00:00 to 23:59');
const TimeZone = z.string().refine(isTimeZone, 'takes an IANA time zone such as Europe/Berlin');
/** A count, or a share of the others in percent (`50%`). */
const Least = z.union([z.int().min(0), z.string().regex(/^(100|\d{1,2})%$/, 'takes a count, or a share such as 50%')]);

/** So many executions of an action on a node are kept. */
export const MOST_REPEATS = 20;
const Repeats = z.int().min(1).max(MOST_REPEATS);

/** When actions of this risk may begin, by a clock on a wall. `to` before `from`: until the next morning. */
export const ChangeWindow = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .default([...DAYS])
      .describe('days on which it begins, mon to sun; default all'),
    from: TimeOfDay.describe('time of day at which it begins, such as "22:00"; quote it'),
    to: TimeOfDay.describe('time of day at which it ends; before "from": the next morning; quote it'),
    timeZone: TimeZone.describe('the clock that from and to are read on, such as Europe/Berlin'),
    riskAtLeast: Risk.default('R2').describe('actions of less risk may begin at any time; default R2'),
  })
  .refine(({ from, to }) => from !== to, 'begins and ends at the same time');
export type ChangeWindow = Readonly<z.infer<typeof ChangeWindow>>;

/** What a team decides about when Medic may act in a cluster; keys of the cluster in the config. Defaults are our own. */
export const Limits = z.strictObject({
  minHealthy: z
    .strictObject({
      controlplane: Least.optional().describe(
        'how many other control planes; where nothing is said, the gate of the quorum decides',
      ),
      worker: Least.default('50%').describe('how many other workers, a count or a share; default 50%'),
    })
    .prefault({})
    .describe('how many of the other nodes of its role must be well before one is stopped'),
  singleControlPlane: z
    .enum(['allow', 'refuse'])
    .default('refuse')
    .describe('whether the only control plane of a cluster may be stopped at all; default refuse'),
  storm: z
    .strictObject({
      nodes: z.int().min(2).default(3).describe('so many nodes; default 3'),
      withinMinutes: z.int().min(1).default(10).describe('so many minutes; default 10'),
      coolDownMinutes: z.int().min(0).default(15).describe('no action for so long after it; default 15'),
    })
    .prefault({})
    .describe('so many nodes that fall ill within so long are one trouble, and no matter for actions on single nodes'),
  repeat: z
    .strictObject({
      R1: Repeats.default(5).describe('of mild actions; default 5'),
      R2: Repeats.default(2).describe('of disruptive actions; default 2'),
      R3: Repeats.default(1).describe('of destructive actions; default 1'),
      withinHours: z.int().min(0).max(168).default(6).describe('within so many hours; default 6, and 0 is no limit'),
    })
    .prefault({})
    .describe('how often one action may be carried out on one node: what did not help twice needs a person'),
  changeWindows: z
    .array(ChangeWindow)
    .max(20)
    .default([])
    .describe('when actions may begin; default none, which is at any time'),
});
export type Limits = Readonly<z.infer<typeof Limits>>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
