import type { EventType, IncidentEvent } from '../../incidents/event.ts';
import { type Html, html } from './html.ts';
import { between, clock, timeTag } from './time.ts';
import type { ReadRecord } from './timeline.ts';
import { type Tone, toneOf } from './words.ts';

const STATIONS: readonly { readonly type: EventType; readonly label: string; readonly which: 'first' | 'last' }[] = [
  { type: 'alert_fired', label: 'Alert', which: 'first' },
  { type: 'diagnosis_finished', label: 'Diagnosed', which: 'first' },
  { type: 'plan_submitted', label: 'Confirmed', which: 'last' },
  { type: 'plan_approved', label: 'Approved', which: 'last' },
  { type: 'execution_started', label: 'Started', which: 'last' },
  { type: 'verdict_reached', label: 'Verdict', which: 'last' },
  { type: 'incident_closed', label: 'Closed', which: 'last' },
];

/** The stations of the story with the time from the one before: where it took long is seen at a glance. */
export function milestones(records: readonly ReadRecord[]): Html | undefined {
  const events = records.flatMap(({ event }) => (event === undefined ? [] : [event]));
  const reached = STATIONS.flatMap(({ type, label, which }) => {
    const event =
      which === 'first' ? events.find((one) => one.type === type) : events.findLast((one) => one.type === type);
    return event === undefined ? [] : [{ label, event }];
  });
  if (reached.length < 2) return undefined;
  return html`<ol class="path" aria-label="Milestones">${reached.map(({ label, event }, index) => {
    const before = reached[index - 1]?.event;
    const took = before && before.at <= event.at ? html`<span>+${between(before.at, event.at)}</span>` : undefined;
    return html`<li class="${toneAt(event)}"><b>${word(label, event)}</b><span>${timeTag(event.at, clock(event.at))}</span>${took}</li>`;
  })}</ol>`;
}

const word = (label: string, event: IncidentEvent): string =>
  event.type === 'verdict_reached' ? capital(event.data.verdict) : label;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function toneAt(event: IncidentEvent): Tone {
  if (event.type === 'verdict_reached') return toneOf(event.data.verdict);
  if (event.type === 'alert_fired') return 'bad';
  return event.type === 'incident_closed' ? 'good' : 'plain';
}
