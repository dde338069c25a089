import type { EventData } from '../../incidents/event.ts';
import type { FoundOn } from '../../incidents/patrol-report.ts';
import { type Detail, type EventText, row } from './event-text.ts';

/** A patrol as one row per kind of finding, with its nodes, and what was and was not looked at. */
export function describePatrol(patrol: EventData<'patrol_reported'>): EventText {
  const { groups, fresh, gone, nodes, readings, tookMs, notReached, notLooked } = patrol;
  const details: readonly Detail[] = [
    ...groups.map(({ code, summary, confidence, nodes: on }) =>
      row(code, `${on.filter((node) => node !== '').join(', ') || 'the cluster'}: ${summary} (${confidence})`),
    ),
    ...(fresh.length > 0 ? [row('New', pairs(fresh))] : []),
    ...(gone.length > 0 ? [row('Gone', pairs(gone))] : []),
    ...notReached.map(({ node, because }) => row(`Not reached: ${node}`, because)),
    ...(notLooked.length > 0 ? [row('Not looked at', notLooked.join(', '))] : []),
    row('Looked at', `${nodes} nodes, ${readings} readings, ${(tookMs / 1000).toFixed(1)} s`),
  ];
  const kinds = `${groups.length} kind${groups.length === 1 ? '' : 's'}`;
  return { title: `Patrol: ${kinds} of findings`, tone: groups.length > 0 ? 'wait' : 'good', details };
}

const pairs = (found: readonly FoundOn[]): string =>
  found.map(({ code, node }) => (node === '' ? code : `${code} on ${node}`)).join(', ');
