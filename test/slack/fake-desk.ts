import type { Desk, DeskAnswer, FieldError } from '../../lib/slack/desk.ts';
import * as story from './stories.ts';

/** Remembers what it was asked; says yes unless told otherwise. */
export function fakeDesk(change: Partial<Desk> = {}) {
  const asked: unknown[][] = [];
  const yes: DeskAnswer<void> = { ok: true, value: undefined };
  const remember = <T>(name: string, args: readonly unknown[], answer: T): T => {
    asked.push([name, ...args]);
    return answer;
  };
  const desk: Desk = {
    requestPlan: async (...args) =>
      remember('requestPlan', args, {
        ok: true,
        value: { planId: 'plan-1', externalId: 'ext-1', state: story.stateAfter(...story.preparing) },
      }),
    review: async (...args) => remember('review', args, { ok: true, value: toReview('approve') }),
    submit: async (...args) => remember('submit', args, yes),
    approve: async (...args) => remember('approve', args, yes),
    deny: async (...args) => remember('deny', args, yes),
    renew: async (...args) =>
      remember('renew', args, {
        ok: true,
        value: { planId: 'plan-2', externalId: 'ext-2', state: story.stateAfter(...story.expired) },
      }),
    cancelStart: async (...args) => remember('cancelStart', args, yes),
    diagnoseAgain: async (...args) => remember('diagnoseAgain', args, yes),
    diagnoseNode: async (...args) => remember('diagnoseNode', args, yes),
    check: async (...args) => remember('check', args, { ok: true, value: { cluster: 'demo', nodes: 6 } }),
    close: async (...args) => remember('close', args, yes),
    command: async (...args) => remember('command', args, { ok: true, value: 'Anna froze prod: <!channel> no' }),
    look: async (...args) => remember('look', args, story.stateAfter(...story.preparing)),
    ...change,
  };
  return { desk, asked };
}

export const toReview = (may: 'submit' | 'approve' | 'read', because = '') => ({
  state: story.stateAfter(...(may === 'submit' ? story.ready : story.awaiting)),
  plan: { plan: story.planOf(), hash: story.HASH },
  may,
  because,
  whoCan: 'Who can: <@UAPP>, <@UOTHER>.',
});

export const no = (because: string): { readonly ok: false; readonly error: { readonly because: string } } => ({
  ok: false,
  error: { because },
});
export const wrong = (field: FieldError['field'], says: string): FieldError => ({ ok: false, field, says });
