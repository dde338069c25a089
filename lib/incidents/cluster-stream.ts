import * as z from 'zod';
import { type ClusterEvent, ClusterEventSchema, type NewClusterEvent } from './cluster-event.ts';
import { PatrolReport } from './patrol-report.ts';
import { withWholeTexts } from './whole-text.ts';

const Asker = z.object({ user: z.string(), channel: z.string() });
export type Asker = z.infer<typeof Asker>;

/** What is due for a cluster and what its patrols know, folded from its stream. */
const ClusterStateSchema = z.object({
  seq: z.int(),
  /** Who waits for a patrol that has not begun, for the one that goes on, and for an answer. */
  wanted: z.array(Asker).default([]),
  asking: z.array(Asker).default([]),
  unanswered: z.array(Asker).default([]),
  /** Of the last patrol; without `endedAt` it goes on, or whoever ran it is dead. */
  startedAt: z.string().default(''),
  endedAt: z.string().default(''),
  /** Why the last one could not look; empty: it could. */
  failed: z.string().default(''),
  /** Of the last one that could look: `seq` of its event, and whether the incident shows it. */
  report: z.object({ seq: z.int(), at: z.string(), isTold: z.boolean(), said: PatrolReport }).optional(),
  /** Where the report is told, if an incident tells it. */
  incident: z.string().default(''),
});
export type ClusterState = z.infer<typeof ClusterStateSchema>;

const EMPTY: ClusterState = {
  seq: 0,
  wanted: [],
  asking: [],
  unanswered: [],
  startedAt: '',
  endedAt: '',
  failed: '',
  incident: '',
};

function changeOf(state: ClusterState, event: ClusterEvent): Partial<ClusterState> {
  switch (event.type) {
    case 'patrol_wanted':
      return { wanted: [...others(state.wanted, event), { user: event.actor.id, channel: event.data.channel }] };
    case 'patrol_started':
      return { startedAt: event.at, endedAt: '', asking: [...state.asking, ...state.wanted], wanted: [] };
    case 'patrol_finished':
      return { ...ended(state, event), failed: '', report: reportOf(event) };
    case 'patrol_failed':
      return { ...ended(state, event), failed: event.data.because };
    case 'patrol_told':
      return { ...(state.report && { report: { ...state.report, isTold: true } }), incident: event.data.incident };
    case 'patrol_answered': {
      const isIt = ({ user, channel }: Asker) => user === event.data.user && channel === event.data.channel;
      return { unanswered: state.unanswered.filter((asker) => !isIt(asker)) };
    }
    default:
      return {};
  }
}

/** Asking twice is asking once. */
const others = (askers: readonly Asker[], { actor, data }: ClusterEvent & { type: 'patrol_wanted' }): Asker[] =>
  askers.filter(({ user, channel }) => user !== actor.id || channel !== data.channel);

const ended = ({ asking, unanswered }: ClusterState, { at }: ClusterEvent) => ({
  endedAt: at,
  asking: [],
  unanswered: [...unanswered, ...asking],
});
const reportOf = ({ seq, at, data }: ClusterEvent & { type: 'patrol_finished' }) => ({
  seq,
  at,
  isTold: false,
  said: data,
});

export const clusterStream = (name: string): string => `CLUSTER#${name}`;
export const clusterOfStream = (stream: string): string | undefined =>
  stream.startsWith('CLUSTER#') ? stream.slice('CLUSTER#'.length) : undefined;

/** Clusters as a stream of the ledger. Heads of before there were patrols hold their `seq` alone. */
export const clusterKind = {
  fold: (state: ClusterState | undefined, event: ClusterEvent): ClusterState => ({
    ...(state ?? EMPTY),
    ...changeOf(state ?? EMPTY, event),
    seq: event.seq,
  }),
  stamp: (event: NewClusterEvent, seq: number, at: string): ClusterEvent => ({ ...withWholeTexts(event), seq, at }),
  parseEvent: (body: unknown): ClusterEvent => ClusterEventSchema.parse(body),
  encode: (state: ClusterState): string => JSON.stringify(state),
  decode: (text: string): ClusterState => ClusterStateSchema.parse(JSON.parse(text)),
};
