import { etcdUpkeep } from './acting/etcd.ts';
import { etcdSnapshots } from './acting/etcd-snapshot.ts';
import { restarts } from './acting/restart.ts';
import { imagePulls } from './acting/upgrade.ts';
import type { TalosOperator } from './orders.ts';
import type { ClusterAccess } from './talos.ts';

/** With the `os:operator` identity. */
export const createOperator = (access: ClusterAccess): TalosOperator => ({
  ...restarts(access),
  ...imagePulls(access),
  ...etcdUpkeep(access),
  ...etcdSnapshots(access),
});
