/** How many nodes of which role: `cp-1` and so on, `w-1` and so on. */
export type Topology = { readonly controlPlanes: number; readonly workers: number };

export const DEFAULT_TOPOLOGY: Topology = { controlPlanes: 3, workers: 3 };
export const MAX_CONTROL_PLANES = 7;
export const MAX_WORKERS = 60;

const named = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}-${n + 1}`);

/** Control planes first. */
export const nodeNames = ({ controlPlanes, workers }: Topology): readonly string[] => [
  ...named('cp', controlPlanes),
  ...named('w', workers),
];

/** `cp-1 to cp-3 and w-1 to w-3` */
export function describeNames({ controlPlanes, workers }: Topology): string {
  const range = (prefix: string, count: number) => (count === 1 ? `${prefix}-1` : `${prefix}-1 to ${prefix}-${count}`);
  const parts = [range('cp', controlPlanes), ...(workers === 0 ? [] : [range('w', workers)])];
  return parts.join(' and ');
}

const FIRST_HOST = { cp: 10, w: 20 } as const;

/** Last octet of the node's address: 11 to 17 and 21 to 80, the same in every topology. */
export function hostOf(name: string): number {
  const [prefix, n] = name.split('-');
  return FIRST_HOST[prefix === 'cp' ? 'cp' : 'w'] + Number(n);
}

export function topologyOf(nodes: readonly { readonly name: string }[]): Topology {
  const controlPlanes = nodes.filter(({ name }) => name.startsWith('cp-')).length;
  return { controlPlanes, workers: nodes.length - controlPlanes };
}
