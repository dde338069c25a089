import { dueWork } from './due-work.ts';
import { IncidentEventSchema, type NewEvent } from './event.ts';
import { fold } from './fold.ts';
import type { IncidentEvent, IncidentState } from './state.ts';
import { withWholeTexts } from './whole-text.ts';

export const incidentStream = (id: string): string => `INCIDENT#${id}`;
export const incidentIdOf = (stream: string): string | undefined =>
  stream.startsWith('INCIDENT#') ? stream.slice('INCIDENT#'.length) : undefined;

/** Incidents as a stream of the ledger (lib/store/ledger-types.ts). The head is our own record, written by `encode`. */
export const incidentKind = {
  fold,
  stamp: (event: NewEvent, seq: number, at: string): IncidentEvent => ({ ...withWholeTexts(event), seq, at }),
  parseEvent: (body: unknown): IncidentEvent => withoutUndefined(IncidentEventSchema.parse(body)),
  encode: (state: IncidentState): string => JSON.stringify(state),
  decode: (text: string): IncidentState => JSON.parse(text),
  indexes: (state: IncidentState) => ({
    list: ['INCIDENT', `${state.openedAt}#${state.id}`] as const,
    ...(needsSweep(state) ? { open: 'INCIDENT' } : {}),
  }),
};

/** A closed incident stays with the sweep until its card says so and no plan of it is left over. */
const needsSweep = (state: IncidentState): boolean =>
  state.status !== 'closed' || dueWork(state, state.openedAt).length > 0;

/** zod gives `undefined` for absent optionals; the event type has them absent. */
function withoutUndefined(event: unknown): IncidentEvent {
  return JSON.parse(JSON.stringify(event));
}
