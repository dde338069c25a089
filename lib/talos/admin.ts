import { configs } from './acting/apply-config.ts';
import { etcdMembership } from './acting/etcd.ts';
import { configReader } from './acting/read-config.ts';
import { resets } from './acting/reset.ts';
import { upgrades } from './acting/upgrade.ts';
import type { TalosAdmin } from './orders.ts';
import type { ClusterAccess } from './talos.ts';

/** With the `os:admin` identity, or with none to a node in maintenance mode. */
export const createAdmin = (access: ClusterAccess): TalosAdmin => ({
  ...configReader(access),
  ...configs(access),
  ...upgrades(access),
  ...resets(access),
  ...etcdMembership(access),
});
