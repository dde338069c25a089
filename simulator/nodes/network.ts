import type { ClusterState, Cut } from './state.ts';

/** Who talks to whom: a node by its name, `medic` (whoever calls from outside), the `discovery` service. */
const OUTSIDE: ReadonlySet<string> = new Set(['medic', 'discovery']);

export const APID_PORT = 50_000;
export const ETCD_PEER_PORT = 2_380;
const KUBERNETES_PORT = 6_443;
const HTTPS_PORT = 443;
const KUBESPAN_PORT = 51_820;

/** `all`: every node. */
const isMeant = (party: string, name: string): boolean => party === name || (party === 'all' && !OUTSIDE.has(name));

/** What keeps two parties apart, in either direction (a cut, or an address that is gone); undefined where they reach each other. */
export function cutBetween({ network, nodes }: ClusterState, a: string, b: string, port: number): Cut | undefined {
  if (a === b) return undefined;
  const since = nodes[a]?.boot?.addressLostAt ?? nodes[b]?.boot?.addressLostAt;
  if (since !== undefined) return { between: [a, b], since };
  return network.cuts.find(({ between: [one, other], port: only = port }) => {
    const isBetween = (isMeant(one, a) && isMeant(other, b)) || (isMeant(one, b) && isMeant(other, a));
    return isBetween && only === port;
  });
}

type Named = { readonly name: string };
export const reachesApid = (cluster: ClusterState, from: Named, to: Named): boolean =>
  cutBetween(cluster, from.name, to.name, APID_PORT) === undefined;
export const reachesEtcd = (cluster: ClusterState, from: Named, to: Named): boolean =>
  cutBetween(cluster, from.name, to.name, ETCD_PEER_PORT) === undefined;
export const reachesKubernetes = (cluster: ClusterState, from: Named, to: Named): boolean =>
  cutBetween(cluster, from.name, to.name, KUBERNETES_PORT) === undefined;
export const discoveryCutOf = (cluster: ClusterState, { name }: Named): Cut | undefined =>
  cutBetween(cluster, name, 'discovery', HTTPS_PORT);
export const kubespanCutOf = (cluster: ClusterState, from: Named, to: Named): Cut | undefined =>
  cutBetween(cluster, from.name, to.name, KUBESPAN_PORT);
export const isReachedByMedic = (cluster: ClusterState, { name }: Named): boolean =>
  cutBetween(cluster, 'medic', name, APID_PORT) === undefined;

/** Those that were there already keep their age. */
export function setCuts(cluster: ClusterState, cuts: readonly Omit<Cut, 'since'>[], now: number): void {
  const old = cluster.network.cuts;
  const isSame = (a: Omit<Cut, 'since'>, b: Omit<Cut, 'since'>) =>
    a.port === b.port && a.between.toSorted().join() === b.between.toSorted().join();
  cluster.network.cuts = cuts.map((cut) => ({
    ...cut,
    since: old.find((known) => isSame(known, cut))?.since ?? now,
  }));
}
