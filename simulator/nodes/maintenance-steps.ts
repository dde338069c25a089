import { install } from './boot-entries.ts';
import { serviceIsUp, startService } from './boot-services.ts';
import { uuidFrom } from './identity.ts';
import { bootOf, controller, event, sequence, service, stage, talos, volume } from './record.ts';
import { sequenceFails } from './sequence-steps.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';
import { takeEffect } from './take-effect.ts';
import { minorOf } from './version.ts';

const INSTALL_MS = 30_000;
const API_RETURNS_MS = 2_000;

export function entersMaintenance(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  talos(node, at, 'entering maintenance service', controller('config.AcquireController'));
  boot.api = 'maintenance';
  event(node, at, { type: 'TaskEvent', message: { task: 'runningMaintenance', action: 'START' } });
  stage(node, at, 'maintenance');
  if (minorOf(node.physical.version) >= 13) {
    startService(node, at, 'apid');
    serviceIsUp(node, at, 'apid');
  }
  return [];
}

/**
 * The address hint and the fingerprint of the console. The certificate takes a moment to make, so the lines are put
 * where they belong in time.
 */
export function printsMaintenanceHint(node: NodeState, at: number, spki: string): void {
  const boot = bootOf(node);
  const later = boot.kernelLog.filter((line) => line.at > at);
  boot.kernelLog = boot.kernelLog.filter((line) => line.at <= at);
  const by = controller('runtime.MaintenanceServiceController');
  talos(node, at, 'this machine is reachable at:', by);
  talos(node, at, `\t${node.address}`, by);
  talos(node, at, 'server certificate fingerprint:', by);
  talos(node, at, `\t${spki}`, by);
  talos(node, at, 'upload configuration using talosctl:', by);
  talos(node, at, `\ttalosctl apply-config --insecure --nodes ${node.address} --file <config.yaml>`, by);
  boot.kernelLog.push(...later);
}

/** A config came while the machine was in maintenance. It needs the disk to go on. */
export function takesConfig(cluster: ClusterState, node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  const { disk } = node.physical;
  if (boot.givenConfig === undefined) return [];
  if (boot.api === 'maintenance') {
    boot.api = 'none';
    if (boot.services['apid']) service(node, at, 'apid', 'Finished', 'Service finished successfully');
    const fields = controller('config.AcquireController', { sources: ['maintenance'] });
    talos(node, at, 'machine config loaded successfully', fields);
    event(node, at, { type: 'TaskEvent', message: { task: 'runningMaintenance', action: 'STOP' } });
    stage(node, at, 'booting');
  }
  if (!boot.isDiskAttached) return [];
  takeEffect(cluster, node, boot.givenConfig);
  if (disk.partitions === undefined) {
    stage(node, at, 'installing');
    if (boot.sequence === 'initialize') sequence(node, at, 'initialize', 'STOP');
    sequence(node, at, 'install', 'START');
    const installed = after(INSTALL_MS, { kind: 'installs' });
    // from 1.13 on apid runs all the time, and has its certificate once there is a config
    return minorOf(node.physical.version) >= 13
      ? [after(API_RETURNS_MS, { kind: 'api_starts' }), installed]
      : [installed];
  }
  if (!disk.partitions.STATE) {
    disk.partitions.STATE = true;
    disk.partitionUuids.STATE = uuidFrom('STATE', boot.id);
    disk.nodeId = undefined;
  }
  disk.config = boot.givenConfig;
  boot.givenConfig = undefined;
  boot.stateLookup = 'found';
  volume(node, at, 'STATE', 'located', 'provisioned', 'prepared', 'ready');
  return [after(500, { kind: 'boot_continues' })];
}

export function installs(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  const { disk } = node.physical;
  disk.partitions = { META: true, STATE: true, EPHEMERAL: true };
  for (const id of ['META', 'STATE', 'EPHEMERAL'] as const) disk.partitionUuids[id] = uuidFrom(id, boot.id);
  disk.config = boot.givenConfig;
  disk.nodeId = undefined;
  sequence(node, at, 'install', 'STOP');
  return [after(500, { kind: 'sequence_starts', actorId: '' })];
}

/** Keys of META: image and options of an upgrade for the next boot. Source: pkg/machinery/meta/constants.go. */
export const STAGED_IMAGE = '0x07';
export const STAGED_OPTIONS = '0x08';

/** An upgrade that was staged is installed before the machine goes on, and needs another boot. */
export function startsStagedUpgrade(node: NodeState, at: number): Next[] | undefined {
  const { metaKeys } = node.physical;
  const image = metaKeys?.[STAGED_IMAGE];
  if (image === undefined) return undefined;
  delete metaKeys?.[STAGED_IMAGE];
  delete metaKeys?.[STAGED_OPTIONS];
  sequence(node, at, 'install', 'START');
  stage(node, at, 'installing');
  return [after(INSTALL_MS, { kind: 'staged_upgrade_installs', image })];
}

export function stagedUpgradeInstalls(cluster: ClusterState, node: NodeState, at: number, image: string): Next[] {
  if (install(cluster, node, at, image) !== undefined) {
    const where = 'error running phase 2 in install sequence: task 1/1: failed';
    return sequenceFails(node, at, `${where}, task "install" failed: exit code 1`);
  }
  sequence(node, at, 'install', 'STOP');
  return [after(500, { kind: 'sequence_starts', actorId: '' })];
}
