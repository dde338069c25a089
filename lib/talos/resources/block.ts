import * as z from 'zod';
import { Bytes, resourceKind, Said, Text } from '../cosi.ts';

/**
 * Disks and what is on them. Their keys are in snake_case where Talos writes them so. Source: siderolabs/talos,
 * pkg/machinery/resources/block.
 */
export const volumeStatus = resourceKind(
  'VolumeStatuses.block.talos.dev',
  z.object({
    phase: z
      .enum(['waiting', 'failed', 'missing', 'located', 'provisioned', 'prepared', 'ready', 'closed', 'unknown'])
      .catch('unknown'),
    location: Text,
    parentLocation: Text,
    partitionUUID: Text,
    filesystem: Text,
    size: Bytes,
    errorMessage: Said,
  }),
  (spec, id) => ({
    id,
    phase: spec.phase,
    location: spec.location,
    parentLocation: spec.parentLocation,
    partitionUuid: spec.partitionUUID,
    filesystem: spec.filesystem,
    sizeBytes: spec.size,
    errorMessage: spec.errorMessage,
  }),
);

export const discoveredVolume = resourceKind(
  'DiscoveredVolumes.block.talos.dev',
  z.object({
    type: Text,
    dev_path: Text,
    parent: Text,
    name: Text,
    partition_label: Text,
    partition_uuid: Text,
    size: Bytes,
  }),
  (spec, id) => ({
    id,
    type: spec.type,
    devPath: spec.dev_path,
    parent: spec.parent,
    name: spec.name,
    partitionLabel: spec.partition_label,
    partitionUuid: spec.partition_uuid,
    sizeBytes: spec.size,
  }),
);

export const disk = resourceKind(
  'Disks.block.talos.dev',
  z.object({ dev_path: Text, model: Text, serial: Text, wwid: Text, transport: Text, size: Bytes }),
  (spec, id) => ({
    id,
    devPath: spec.dev_path,
    model: spec.model,
    serial: spec.serial,
    wwid: spec.wwid,
    transport: spec.transport,
    sizeBytes: spec.size,
  }),
);

export const SYSTEM_DISK_ID = 'system-disk';
export const systemDisk = resourceKind(
  'SystemDisks.block.talos.dev',
  z.object({ diskID: Text, devPath: Text }),
  ({ diskID, devPath }) => ({ diskId: diskID, devPath }),
);
