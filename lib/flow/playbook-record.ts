import type { StoredFinding } from '../incidents/event.ts';
import type { IncidentEvent } from '../incidents/state.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import { PLAYBOOK_FAILED } from '../playbooks/spoken.ts';
import type { Ledger } from '../store/ledger-types.ts';
import { suggesting } from './gather.ts';

/**
 * What the record says of one playbook. Medic cannot know whether a diagnosis was right; it knows how the actions ended
 * that the playbook suggested (shown or only observed) in the diagnosis before somebody asked for them.
 */
export type PlaybookRecord = {
  /** Incidents in which it found something, at whatever stage. */
  readonly incidents: number;
  /** Plans for an action that it suggested, by how they ended. `refused`: by a gate, a dry run or Talos. */
  readonly verified: number;
  readonly unverified: number;
  readonly failed: number;
  readonly refused: number;
  /** Of the incidents, those that were closed without any action that it suggested having been carried out. */
  readonly closedWithout: number;
  /** Incidents in which it broke off. */
  readonly brokeOff: number;
};

const NOTHING: PlaybookRecord = {
  incidents: 0,
  verified: 0,
  unverified: 0,
  failed: 0,
  refused: 0,
  closedWithout: 0,
  brokeOff: 0,
};

/** By the name of the playbook. Findings of before their playbooks were kept count for none. */
export async function playbookRecords(
  { events }: Pick<Ledger, 'events'>,
  incidents: readonly string[],
): Promise<ReadonlyMap<string, PlaybookRecord>> {
  const records = new Map<string, PlaybookRecord>();
  for (const id of incidents) {
    const told: IncidentEvent[] = [];
    for await (const { body } of events(incidentStream(id))) told.push(incidentKind.parseEvent(JSON.parse(body)));
    for (const [playbook, more] of ofIncident(told)) records.set(playbook, sum(records.get(playbook) ?? NOTHING, more));
  }
  return records;
}

const sum = (a: PlaybookRecord, b: PlaybookRecord): PlaybookRecord => ({
  incidents: a.incidents + b.incidents,
  verified: a.verified + b.verified,
  unverified: a.unverified + b.unverified,
  failed: a.failed + b.failed,
  refused: a.refused + b.refused,
  closedWithout: a.closedWithout + b.closedWithout,
  brokeOff: a.brokeOff + b.brokeOff,
});

type Ended = 'verified' | 'unverified' | 'failed' | 'refused';
/** A plan that was asked for: who had suggested it, and how it ended. */
type Asked = { readonly by: ReadonlySet<string>; ended: Ended | undefined };

function ofIncident(events: readonly IncidentEvent[]): ReadonlyMap<string, PlaybookRecord> {
  const spoke = new Set<string>();
  const broke = new Set<string>();
  const plans = new Map<string, Asked>();
  let latest: readonly StoredFinding[] = [];
  for (const event of events) {
    if (event.type === 'diagnosis_finished') {
      latest = [...event.data.findings, ...(event.data.observed ?? [])];
      for (const { playbook, code } of latest) {
        if (playbook !== undefined) (code === PLAYBOOK_FAILED ? broke : spoke).add(playbook);
      }
    }
    if (event.type === 'plan_requested') {
      const by = suggesting(latest, event.data).flatMap(({ playbook }) => playbook ?? []);
      plans.set(event.data.planId, { by: new Set(by), ended: undefined });
    }
    const ended = endOf(event);
    const plan = ended && plans.get(ended.planId);
    if (plan) plan.ended = ended.how;
  }
  const isClosed = events.findLast(({ type }) => type === 'incident_closed' || type === 'incident_reopened');
  return new Map(
    [...spoke, ...broke].map((playbook) => {
      const own = [...plans.values()].filter(({ by }) => by.has(playbook));
      const how = (wanted: Ended) => own.filter(({ ended }) => ended === wanted).length;
      const wasCarriedOut = how('verified') + how('unverified') + how('failed') > 0;
      const isWithout = isClosed?.type === 'incident_closed' && spoke.has(playbook) && !wasCarriedOut;
      return [
        playbook,
        {
          incidents: spoke.has(playbook) ? 1 : 0,
          verified: how('verified'),
          unverified: how('unverified'),
          failed: how('failed'),
          refused: how('refused'),
          closedWithout: isWithout ? 1 : 0,
          brokeOff: broke.has(playbook) ? 1 : 0,
        },
      ];
    }),
  );
}

function endOf(event: IncidentEvent): { readonly planId: string; readonly how: Ended } | undefined {
  if (event.type === 'verdict_reached') return { planId: event.data.planId, how: event.data.verdict };
  return event.type === 'plan_refused' ? { planId: event.data.planId, how: 'refused' } : undefined;
}
