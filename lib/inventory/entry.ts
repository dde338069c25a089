export type NodeRole = 'controlplane' | 'worker';

/**
 * Hardware facts that survive a wipe of the disk, and the Talos node id, which does not survive one of STATE.
 * Two hardware facts must agree before a machine counts as proven; placeholder UUIDs do not count.
 */
export type CompositeIdentity = {
  readonly uuid: string | undefined;
  readonly serialNumber: string | undefined;
  /** Permanent MAC addresses, lower case, sorted. */
  readonly macs: readonly string[];
  readonly systemDiskWwid: string | undefined;
  readonly nodeId: string | undefined;
};

/**
 * What is known of a node before it is ill: learned while it is well, never from an alert. An open incident teaches boots
 * only (docs/adr/0008-what-an-incident-teaches.md).
 */
export type InventoryEntry = {
  readonly cluster: string;
  readonly name: string;
  readonly role: NodeRole;
  /** Addresses that may be dialled, the first one first. */
  readonly addresses: readonly string[];
  readonly hostname: string;
  readonly identity: CompositeIdentity;
  /** `v1.8.4`; undefined when the node never told. */
  readonly version: string | undefined;
  readonly schematic: string | undefined;
  readonly statePartitionUuid: string | undefined;
  /** Last 20 boots, oldest first: boot time in Unix seconds as the node says it. */
  readonly boots: readonly { readonly bootTimeS: number; readonly seenAt: string }[];
  /** Name under which etcd last ran on it; control planes only. */
  readonly etcdName: string | undefined;
  /** How it is while it is well; undefined: it was never seen running and ready with all of it readable. */
  readonly baseline: Baseline | undefined;
  readonly seenAt: string;
};

/** Sorted. `extensions` as `name version`; `kernelModules` with `_` where people write `-`, those of the kernel itself left out. */
export type Baseline = {
  readonly services: readonly string[];
  readonly extensions: readonly string[];
  readonly kernelModules: readonly string[];
  readonly timeServers: readonly string[];
  readonly seenAt: string;
};
