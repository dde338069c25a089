import type { Message } from '../lib/queue/queue.ts';

/** One message: look at this stream, this step. `planId` is '' for steps of the incident itself. */
export type Job = (message: Message) => Promise<void>;
export type JobStep = (stream: string, planId: string) => Promise<void>;

/** Calls the step that the message names; a step that the function does not have is a bug of `dueWork`. */
export const jobHandler =
  (steps: Readonly<Record<string, JobStep>>): Job =>
  async ({ step, subject }) => {
    const [name = '', planId = ''] = step.split(':');
    const run = steps[name];
    if (run === undefined) throw new Error(`no function does step ${name}`);
    await run(subject, planId);
  };
