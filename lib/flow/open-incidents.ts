import * as z from 'zod';
import type { EventData } from '../incidents/event.ts';
import type { IncidentState } from '../incidents/state.ts';
import type { IllNode } from '../safety/storm.ts';
import type { Attributes, Write } from '../store/ledger-types.ts';
import type { Deps } from './deps.ts';
import { openIncidentKey } from './keys.ts';

/** What the pointer to an open incident says beside its id: enough for gates, without reading every incident. */
const Pointer = z.object({
  incident: z.string(),
  openedAt: z.string().default(''),
  health: z.enum(['healthy', 'unhealthy', 'unknown']).default('unknown'),
  /** First of the looks in a row that found the node silent. */
  silentSince: z.string().optional(),
});
export type OpenIncident = IllNode & { readonly incident: string; readonly silentSince: string | undefined };

export async function readOpenIncidents(
  { items }: Pick<Deps, 'items'>,
  cluster: string,
): Promise<readonly OpenIncident[]> {
  const found = await items.query(openIncidentKey(cluster, '').pk, { skPrefix: NODE });
  return found.map(({ sk, attributes }) => toOpenIncident(sk.slice(NODE.length), attributes));
}
const NODE = 'NODE#';

function toOpenIncident(node: string, attributes: Attributes): OpenIncident {
  const { incident, openedAt, health, silentSince } = Pointer.parse(attributes);
  return { node, incident, openedAt, health, silentSince };
}

/** What a diagnosis adds to the pointer of its incident; nothing where the pointer is another's by now. */
export async function notePointer(
  { items }: Pick<Deps, 'items'>,
  { cluster, node, id, openedAt }: IncidentState,
  { health, reach }: Pick<EventData<'diagnosis_finished'>, 'health' | 'reach'>,
  lookedAt: string,
): Promise<readonly Write[]> {
  const key = openIncidentKey(cluster, `${NODE}${node}`);
  const before = (await items.get(key))?.attributes;
  if (before?.['incident'] !== id) return [];
  const silentSince = reach === 'silent' ? (toOpenIncident(node, before).silentSince ?? lookedAt) : undefined;
  const attributes = { incident: id, openedAt, health, ...(silentSince === undefined ? {} : { silentSince }) };
  return [{ do: 'put', key, attributes, when: { is: 'equal', equals: { incident: id } } }];
}
