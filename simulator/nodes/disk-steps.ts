import { decodeProblem } from './decode-config.ts';
import { readMachineConfig } from './read-machine-config.ts';
import { bootOf, controller, kernel, talos, volume } from './record.ts';
import type { ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';
import { takeEffect } from './take-effect.ts';
import { looksElsewhere } from './user-data.ts';
import { minorOf } from './version.ts';

/** Kernel lines of the disk behind its controller, and of its partitions. */
export function diskAttaches(cluster: ClusterState, node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  boot.isDiskAttached = true;
  const disk = node.physical.hardware.disks.find(({ isSystem }) => isSystem);
  if (disk === undefined) return [];
  kernel(node, at, `scsi 0:2:0:0: Direct-Access     ${disk.model}  4.30 PQ: 0 ANSI: 5`, 'notice');
  kernel(node, at, `sd 0:2:0:0: [${disk.name}] ${disk.sizeBytes / 512} 512-byte logical blocks`, 'notice');
  const numbers = partitionNumbers(node).map(({ n }) => partitionName(disk.name, n));
  kernel(node, at, numbers.length === 0 ? ` ${disk.name}:` : ` ${disk.name}: ${numbers.join(' ')}`);
  kernel(node, at, `sd 0:2:0:0: [${disk.name}] Attached SCSI disk`, 'notice');
  if (boot.givenConfig !== undefined) return [after(500, { kind: 'takes_config' })];
  if (boot.stateLookup === 'missed') {
    const partitions = node.physical.disk.partitions;
    for (const id of ['META', 'STATE'] as const) {
      if (partitions?.[id]) volume(node, at + 200, id, 'located', 'provisioned', 'prepared', 'ready');
    }
    return [];
  }
  return boot.isSettled ? lookForState(cluster, node, at) : [];
}

/** `sda5`, `nvme0n1p5`. */
export const partitionName = (disk: string, n: number): string => (/\d$/.test(disk) ? `${disk}p${n}` : `${disk}${n}`);

export type Partition = { n: number; label: 'EFI' | 'BIOS' | 'BOOT' | 'META' | 'STATE' | 'EPHEMERAL' };
/** Partition numbers of a Talos disk with GRUB; a removed one leaves a hole. */
export function partitionNumbers(node: NodeState): readonly Partition[] {
  const { partitions } = node.physical.disk;
  if (partitions === undefined) return [];
  const boot: Partition[] = [
    { n: 1, label: 'EFI' },
    { n: 2, label: 'BIOS' },
    { n: 3, label: 'BOOT' },
  ];
  if (partitions.META) boot.push({ n: 4, label: 'META' });
  if (partitions.STATE) boot.push({ n: 5, label: 'STATE' });
  if (partitions.EPHEMERAL) boot.push({ n: 6, label: 'EPHEMERAL' });
  return boot;
}

export function devicesSettle(cluster: ClusterState, node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  boot.isSettled = true;
  volume(node, at, 'META', 'waiting');
  volume(node, at, 'STATE', 'waiting');
  return boot.isDiskAttached ? lookForState(cluster, node, at) : [];
}

/** The disk is there and udev has settled: STATE is either on it or not. */
function lookForState(cluster: ClusterState, node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  if (boot.stateLookup !== 'open') return [];
  const { partitions, config } = node.physical.disk;
  if (partitions?.META) volume(node, at, 'META', 'located', 'provisioned', 'prepared', 'ready');
  else volume(node, at, 'META', 'missing');
  if (!partitions?.STATE) return stateIsMissing(node, at);
  volume(node, at, 'STATE', 'located', 'provisioned', 'prepared', 'ready');
  boot.stateLookup = 'found';
  if (config === undefined) return looksElsewhere(node, at);
  if (isPartial(config)) return [after(800, { kind: 'enters_maintenance' })];
  if (decodeProblem(config, minorOf(node.physical.version)) !== undefined) return configIsUnreadable(node, at, 0);
  takeEffect(cluster, node, config);
  const fields = controller('config.AcquireController', { sources: ['state'] });
  talos(node, at + 300, 'machine config loaded successfully', fields);
  return [after(500, { kind: 'boot_continues' })];
}

function isPartial(config: string): boolean {
  const read = readMachineConfig(config);
  return 'problem' in read && read.problem.kind === 'partial';
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

/**
 * This version cannot read what a newer one stored. The controller fails, pauses and fails again, for as long as the
 * machine is on; without a config nobody listens at the port, not even in maintenance mode. Source: config/acquire.go.
 */
export function configIsUnreadable(node: NodeState, at: number, tries: number): Next[] {
  const minor = minorOf(node.physical.version);
  const problem = decodeProblem(node.physical.disk.config ?? '', minor) ?? '';
  const error = `failed to load ${minor >= 12 ? '"config.yaml"' : 'config'} from STATE: ${problem}`;
  talos(node, at, 'controller failed', controller('config.AcquireController', { error }));
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
  return [after(pauseMs, { kind: 'config_is_unreadable', tries: tries + 1 })];
}

function stateIsMissing(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  if (boot.stateLookup !== 'open') return [];
  boot.stateLookup = 'missed';
  volume(node, at, 'STATE', 'missing');
  return looksElsewhere(node, at);
}

export function stateWindowCloses(node: NodeState, at: number): Next[] {
  if (bootOf(node).stateLookup === 'open') volume(node, at, 'META', 'missing');
  return stateIsMissing(node, at);
}
