import { maskConsole } from '../audit/mask-console.ts';
import { type AuditSource, verifyStream } from '../audit/verify.ts';
import type { IncidentState } from '../incidents/state.ts';
import { incidentIdOf, incidentKind, incidentStream } from '../incidents/stream.ts';
import type { Items, Ledger, StoredEvent } from '../store/ledger-types.ts';

type Reading = { readonly ledger: Ledger; readonly items: Items; readonly audit: AuditSource };

/** Newest first. */
export async function listIncidents(
  { ledger, items }: Omit<Reading, 'audit'>,
  limit: number,
): Promise<readonly IncidentState[]> {
  const streams = await items.listed('INCIDENT', limit);
  const states = await Promise.all(
    streams.filter((stream) => incidentIdOf(stream)).map((stream) => ledger.read(incidentKind, stream)),
  );
  return states.filter((state) => state !== undefined);
}

export type IncidentRecord = {
  readonly state: IncidentState;
  readonly events: readonly StoredEvent[];
  readonly chain:
    | { readonly ok: true; readonly events: number }
    | { readonly ok: false; readonly seq: number; readonly problem: string };
};

/**
 * Everything that is on record about one incident, as people and programs may read it, with the verdict on its chain.
 * The chain is verified as stored; the start of a boot's key, which approvers type from the console, is masked.
 */
export async function readIncident({ ledger, audit }: Reading, id: string): Promise<IncidentRecord | undefined> {
  const stream = incidentStream(id);
  const state = await ledger.read(incidentKind, stream);
  if (state === undefined) return undefined;
  const events: StoredEvent[] = [];
  for await (const event of ledger.events(stream)) events.push({ ...event, body: maskConsole(event.body) });
  const verdict = await verifyStream(stream, audit.records(stream), () => audit.head(stream));
  const chain = verdict.ok
    ? { ok: true as const, events: events.length }
    : { ok: false as const, seq: verdict.seq, problem: verdict.problem };
  return { state: incidentKind.decode(maskConsole(incidentKind.encode(state))), events, chain };
}
