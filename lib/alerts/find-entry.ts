import { isIP } from 'node:net';
import type { ClusterConfig } from '../config/config.ts';
import type { InventoryEntry } from '../inventory/entry.ts';

export type Target =
  | { readonly found: 'entry'; readonly entry: InventoryEntry; readonly by: string }
  | { readonly found: 'none'; readonly because: string }
  | { readonly found: 'several'; readonly names: readonly string[]; readonly because: string };

/**
 * Which node an alert is about. Labels only select among what the inventory knows; they are never dialled.
 * The first label of the cluster's list that matches exactly one entry decides.
 */
export function findEntry(
  labels: Readonly<Record<string, string>>,
  entries: readonly InventoryEntry[],
  config: Pick<ClusterConfig, 'targetLabels' | 'exporterJobs'>,
): Target {
  const tried: string[] = [];
  for (const rule of config.targetLabels) {
    const isAddress = rule.startsWith('address:');
    const label = isAddress ? rule.slice('address:'.length) : rule;
    const value = labels[label];
    if (value === undefined || value === '') continue;
    if (label === 'instance' && config.exporterJobs.includes(labels['job'] ?? '')) continue;
    const wanted = isAddress ? hostOf(value) : value;
    const matches = entries.filter((entry) => isCalled(entry, wanted));
    const [match] = matches;
    if (match && matches.length === 1) return { found: 'entry', entry: match, by: label };
    if (matches.length > 1) {
      return { found: 'several', names: matches.map(({ name }) => name), because: `label ${label} fits several nodes` };
    }
    tried.push(label);
  }
  const because =
    tried.length > 0 ? `no node of the inventory is named by ${tried.join(', ')}` : 'no label names a node';
  return { found: 'none', because };
}

const isCalled = (entry: InventoryEntry, wanted: string): boolean =>
  entry.name === wanted || entry.hostname === wanted || entry.addresses.map(spelled).includes(spelled(wanted));

/** IPv6 has many spellings of one address; the URL parser knows the canonical one. */
const spelled = (text: string): string =>
  isIP(text) === 6 ? new URL(`http://[${text.replace(/%.*$/, '')}]`).hostname : text;

/** `10.0.0.1:9100` -> `10.0.0.1`, `[fd00::1]:9100` -> `fd00::1`. */
function hostOf(instance: string): string {
  const bracketed = /^\[([0-9a-fA-F:.]{2,45})\](?::\d{1,5})?$/.exec(instance)?.[1];
  if (bracketed !== undefined) return bracketed;
  return isIP(instance) === 0 ? instance.replace(/:\d{1,5}$/, '') : instance;
}
