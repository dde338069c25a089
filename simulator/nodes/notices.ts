import { discoveryNotices } from './discovery.ts';
import { etcdNotices } from './etcd-health.ts';
import type { ClusterState } from './state.ts';
import type { Noticed } from './step.ts';

/** What nodes notice of each other and of the network. To be asked after every change, whoever made it. */
export const notices = (cluster: ClusterState, at: number): readonly Noticed[] => [
  ...etcdNotices(cluster, at),
  ...discoveryNotices(cluster),
];
