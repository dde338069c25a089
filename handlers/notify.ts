import { answerPatrol } from '../lib/flow/answer-patrol.ts';
import { type Notifying, notify } from '../lib/flow/notify.ts';
import { jobHandler } from './job.ts';

/** Talks to Slack, and to nothing else. */
export const notifyHandler = (deps: Notifying) =>
  jobHandler({ card: (stream) => notify(deps, stream), answer: (stream) => answerPatrol(deps, stream) });
