import * as z from 'zod';
import { list, resourceKind, Text } from '../cosi.ts';

/** Membership: discovery and etcd as the node itself sees them. */
export const member = resourceKind(
  'Members.cluster.talos.dev',
  z.object({ nodeId: Text, hostname: Text, addresses: list(Text), machineType: Text, operatingSystem: Text }),
  (spec, id) => ({ id, ...spec }),
);

/** Whoever told the discovery registries about itself, also without a name yet. Entries outlive their node by 30 min. */
export const affiliate = resourceKind(
  'Affiliates.cluster.talos.dev',
  z.object({ nodeId: Text, hostname: Text, nodename: Text, addresses: list(Text), machineType: Text }),
  (spec, id) => ({ id, ...spec }),
);

export const IDENTITY_ID = 'local';
export const identity = resourceKind('Identities.cluster.talos.dev', z.object({ nodeId: Text }), (spec) => spec);

export const CLUSTER_INFO_ID = 'current';
export const clusterInfo = resourceKind(
  'Infos.cluster.talos.dev',
  z.object({ clusterId: Text, clusterName: Text }),
  (spec) => spec,
);

export const ETCD_SPEC_ID = 'etcd';
/** A list since Talos 1.13; the last one wins, as for every flag of etcd. */
const ExtraArgs = z.record(z.string(), z.union([Text, z.array(Text)])).nullish();
const QUOTA = 'quota-backend-bytes';

/** `name` is the hostname as it was when etcd started. */
export const etcdSpec = resourceKind(
  'EtcdSpecs.etcd.talos.dev',
  z.object({ name: Text, extraArgs: ExtraArgs }),
  ({ name, extraArgs }) => {
    const quota = Number([extraArgs?.[QUOTA] ?? ''].flat().at(-1));
    return Number.isSafeInteger(quota) && quota > 0 ? { name, quotaBytes: quota } : { name };
  },
);

export const ETCD_LOCAL_MEMBER_ID = 'local';
/** Talos writes the id in hex here and as a number everywhere else; ours is decimal. */
export const etcdLocalMember = resourceKind(
  'EtcdMembers.etcd.talos.dev',
  z.object({ memberID: z.string().regex(/^[0-9a-fA-F]{1,16}$/) }),
  ({ memberID }) => ({ memberId: BigInt(`0x${memberID}`).toString() }),
);
