import * as z from 'zod';
import type { InventoryEntry as Entry } from './entry.ts';

const optional = z.string().optional();
const names = z.array(z.string());
const Baseline = z.object({
  services: names,
  extensions: names,
  kernelModules: names,
  timeServers: names,
  seenAt: z.string(),
});
/** The parser of stored entries; undefined members are absent in JSON. */
export const InventoryEntry = z
  .object({
    cluster: z.string(),
    name: z.string(),
    role: z.enum(['controlplane', 'worker']),
    addresses: z.array(z.string()).min(1),
    hostname: z.string(),
    identity: z
      .object({
        uuid: optional,
        serialNumber: optional,
        macs: z.array(z.string()),
        systemDiskWwid: optional,
        nodeId: optional,
      })
      .transform((identity) => ({
        uuid: identity.uuid,
        serialNumber: identity.serialNumber,
        macs: identity.macs,
        systemDiskWwid: identity.systemDiskWwid,
        nodeId: identity.nodeId,
      })),
    version: optional,
    schematic: optional,
    statePartitionUuid: optional,
    boots: z.array(z.object({ bootTimeS: z.int(), seenAt: z.string() })),
    etcdName: optional,
    baseline: Baseline.optional(),
    seenAt: z.string(),
  })
  .transform(
    (entry): Entry => ({
      ...entry,
      version: entry.version,
      schematic: entry.schematic,
      statePartitionUuid: entry.statePartitionUuid,
      etcdName: entry.etcdName,
      baseline: entry.baseline,
    }),
  );
