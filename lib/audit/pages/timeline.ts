import type { IncidentEvent } from '../../incidents/event.ts';
import { incidentKind } from '../../incidents/stream.ts';
import { describeEvent } from './describe-event.ts';
import { row } from './event-text.ts';
import { type Html, html } from './html.ts';
import { facts, more } from './parts.ts';
import { between, clock, timeTag } from './time.ts';

/** One stored event: `body` is the canonical JSON that was hashed. */
export type AuditRecord = { readonly seq: number; readonly body: string; readonly hash: string };
export type ChainStatus =
  | { readonly ok: true; readonly events: number }
  | { readonly ok: false; readonly seq: number; readonly problem: string };

/** A record and what could be read of it: one that was tampered with may be anything. */
export type ReadRecord = { readonly record: AuditRecord; readonly event: IncidentEvent | undefined };

export function readRecord(record: AuditRecord): ReadRecord {
  try {
    return { record, event: incidentKind.parseEvent(JSON.parse(record.body)) };
  } catch {
    return { record, event: undefined };
  }
}

export const chainNote = (chain: ChainStatus): Html =>
  chain.ok
    ? html`<p class="note good" id="chain">Chain valid: ${chain.events} events</p>`
    : html`<p class="note bad" id="chain">Chain broken at <a href="#event-${chain.seq}">event ${chain.seq}</a>: ${chain.problem}<br>From there on, nothing on this page is proven.</p>`;

/** One entry per event, oldest first; where the chain breaks says so, also when that event is gone. */
export function timeline(records: readonly ReadRecord[], chain: ChainStatus): Html {
  const startedAt = records[0]?.event?.at ?? '';
  const brokenSeq = chain.ok ? undefined : chain.seq;
  const isShown = records.some(({ record }) => record.seq === brokenSeq);
  const gap = isShown || chain.ok ? -1 : records.findIndex(({ record }) => record.seq > chain.seq);
  const gapAt = gap === -1 ? records.length : gap;
  const entries = records.map((one) =>
    entry(one, startedAt, !chain.ok && one.record.seq === brokenSeq ? chain : undefined),
  );
  const missing = chain.ok || isShown ? [] : [missingEntry(chain.seq, chain.problem)];
  return html`<ol class="timeline">${[...entries.slice(0, gapAt), ...missing, ...entries.slice(gapAt)]}</ol>`;
}

type Broken = ChainStatus & { readonly ok: false };

function entry({ record, event }: ReadRecord, startedAt: string, broken: Broken | undefined): Html {
  const text = event && describeEvent(event);
  const problem = broken && html`<p class="bad"><strong>The chain breaks here.</strong> ${broken.problem}</p>`;
  return html`<li id="event-${record.seq}" class="${broken ? 'bad' : (text?.tone ?? 'bad')}">
<p class="when">${event && timeTag(event.at, clock(event.at))}<span>${event && `+${between(startedAt, event.at)}`}</span></p>
<div${broken && BROKEN}>${problem}
<p class="title">${text?.title ?? 'This event cannot be read'}</p>
${more(`${event ? who(event) : 'Unknown'} · event ${record.seq}`, facts([...(text?.details ?? [row('Stored', record.body)]), ...provenance(record, event)], 'small'))}
</div></li>`;
}
const BROKEN = html` class="broken"`;

const missingEntry = (seq: number, problem: string) => html`<li id="event-${seq}" class="bad"><p class="when"></p>
<div class="broken"><p class="bad"><strong>The chain breaks here.</strong> ${problem}</p>
<p class="title">Event ${seq} is not in the record</p></div></li>`;

const who = ({ actor }: IncidentEvent): string =>
  actor.kind === 'alertmanager' ? `Alertmanager, ${actor.name}` : actor.name;

function provenance(record: AuditRecord, event: IncidentEvent | undefined) {
  const read = event && [
    row('Type', event.type),
    row('Time', event.at),
    row('Actor', `${event.actor.kind} ${event.actor.id}${event.actor.team === '' ? '' : ` of ${event.actor.team}`}`),
    ...(event.planHash === undefined ? [] : [row('Plan hash', event.planHash)]),
    ...(event.talosActorId === undefined ? [] : [row('Talos actor id', event.talosActorId)]),
  ];
  return [...(read ?? []), row('Hash', record.hash)];
}
