import { earlyServices, serviceIsUp, startService } from './boot-services.ts';
import { updateHostname } from './hostname.ts';
import { uuidFrom } from './identity.ts';
import { kernelCmdline, perBoot, settleMs } from './physical.ts';
import { bootOf, controller, kernel, phase, phaseDone, sequence, service, stage, talos, volume } from './record.ts';
import type { Boot, ClusterState, NodeState } from './state.ts';
import type { Next, Step } from './step.ts';
import { minorOf } from './version.ts';

/**
 * How long after the start of the kernel a machine looks for STATE before it concludes that it has none; udev reports
 * "settled" by then. `talos.device.settle_time` is added. Milliseconds of the machine's own time.
 */
export const STATE_WINDOW_MS = 10_000;
const DEVICES_SETTLE_MS = 3_000;

const after = (afterMs: number, step: Step): Next => ({ afterMs, step });

function newBoot(node: NodeState, at: number, seed: string): Boot {
  const number = node.bootCount;
  return {
    number,
    id: uuidFrom('boot', seed, node.name, String(number), String(at)),
    startedAt: at,
    stage: 'booting',
    stageRevision: 1,
    stageAt: at,
    api: 'none',
    certificate: undefined,
    certificateFor: 'maintenance',
    sequence: undefined,
    isDiskAttached: false,
    isSettled: false,
    stateLookup: 'open',
    givenConfig: undefined,
    activeConfig: undefined,
    hasMetadata: false,
    isNetworkReady: false,
    hostname: { hostname: '', domainname: '', layer: 'default' },
    hostnameRevision: 0,
    nodename: undefined,
    etcdName: undefined,
    volumes: {},
    services: {},
    kernelLog: [],
    events: [],
    eventCount: 0,
    pid: 1200,
  };
}

/** The clock of the machine starts here: this moment is `boot_time`. */
export function kernelStarts(cluster: ClusterState, node: NodeState, at: number): Next[] {
  const { physical } = node;
  node.boot = newBoot(node, at, cluster.seed);
  node.bootCount += 1;
  const n = node.boot.number;
  const linux = minorOf(physical.version) >= 12 ? '6.18.8' : '6.6.60';
  kernel(node, at, `Linux version ${linux}-talos (@buildkitsandbox) #1 SMP Talos`, 'notice');
  kernel(node, at, `Command line: ${kernelCmdline(physical)}`);
  const { manufacturer, productName } = physical.hardware;
  kernel(node, at, `DMI: ${manufacturer} ${productName}`);
  const settle = settleMs(physical);
  const attach = perBoot(physical.disk.attachesAfterMs, n);
  const steps = [
    after(1_000, { kind: 'initializes' }),
    after(attach, { kind: 'disk_attaches' }),
    after(DEVICES_SETTLE_MS + settle, { kind: 'devices_settle' }),
    after(STATE_WINDOW_MS + settle, { kind: 'state_window_closes' }),
  ];
  if (physical.metadata === undefined) return steps;
  const arrives = perBoot(physical.metadata.arrivesAfterMs, n);
  for (let retry = 5_000; retry < Math.min(arrives, 60_000); retry += 10_000) {
    steps.push(after(retry, { kind: 'metadata_is_asked_for' }));
  }
  return [...steps, after(arrives, { kind: 'metadata_arrives' })];
}

export function initializes(node: NodeState, at: number): Next[] {
  sequence(node, at, 'initialize', 'START');
  talos(node, at, `booting Talos ${node.physical.version}`);
  phase(node, at, 'systemRequirements', 'enforceKSPPRequirements', '1/4');
  phaseDone(node, at, 'systemRequirements', 'enforceKSPPRequirements', '1/4');
  for (const id of earlyServices(node)) {
    startService(node, at, id);
    serviceIsUp(node, at, id);
  }
  updateHostname(node, at + 300);
  return [];
}

const METADATA_URL = 'http://169.254.169.254/hetzner/v1/metadata/hostname';
export function metadataIsAskedFor(node: NodeState, at: number): Next[] {
  const cause = `Get "${METADATA_URL}": dial tcp 169.254.169.254:80: connect: network is unreachable`;
  talos(node, at, `retrying error: failed to download config from "${METADATA_URL}": ${cause}`);
  return [];
}

export function metadataArrives(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  boot.hasMetadata = true;
  const { metadata } = node.physical;
  if (metadata === undefined) return [];
  const isRenamed = updateHostname(node, at);
  return isRenamed && boot.nodename !== undefined ? [after(4_000, { kind: 'nodename_follows' })] : [];
}

/** Kernel lines of the disk behind its controller, and of its partitions. */
export function diskAttaches(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  boot.isDiskAttached = true;
  const disk = node.physical.hardware.disks.find(({ isSystem }) => isSystem);
  if (disk === undefined) return [];
  kernel(node, at, `scsi 0:2:0:0: Direct-Access     ${disk.model}  4.30 PQ: 0 ANSI: 5`, 'notice');
  kernel(node, at, `sd 0:2:0:0: [${disk.name}] ${disk.sizeBytes / 512} 512-byte logical blocks`, 'notice');
  const numbers = partitionNumbers(node).map(({ n }) => `${disk.name}${n}`);
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
  return boot.isSettled ? lookForState(node, at) : [];
}

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

export function devicesSettle(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  boot.isSettled = true;
  volume(node, at, 'META', 'waiting');
  volume(node, at, 'STATE', 'waiting');
  return boot.isDiskAttached ? lookForState(node, at) : [];
}

/** The disk is there and udev has settled: STATE is either on it or not. */
function lookForState(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  if (boot.stateLookup !== 'open') return [];
  const { partitions, config } = node.physical.disk;
  if (partitions?.META) volume(node, at, 'META', 'located', 'provisioned', 'prepared', 'ready');
  else volume(node, at, 'META', 'missing');
  if (!partitions?.STATE) return stateIsMissing(node, at);
  volume(node, at, 'STATE', 'located', 'provisioned', 'prepared', 'ready');
  boot.stateLookup = 'found';
  if (config === undefined) return [after(800, { kind: 'enters_maintenance' })];
  boot.activeConfig = config;
  const fields = controller('config.AcquireController', { sources: ['state'] });
  talos(node, at + 300, 'machine config loaded successfully', fields);
  return [after(500, { kind: 'boot_continues' })];
}

function stateIsMissing(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  if (boot.stateLookup !== 'open') return [];
  boot.stateLookup = 'missed';
  volume(node, at, 'STATE', 'missing');
  return [after(800, { kind: 'enters_maintenance' })];
}

export function stateWindowCloses(node: NodeState, at: number): Next[] {
  if (bootOf(node).stateLookup === 'open') volume(node, at, 'META', 'missing');
  return stateIsMissing(node, at);
}

export function entersMaintenance(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  talos(node, at, 'entering maintenance service', controller('config.AcquireController'));
  boot.api = 'maintenance';
  stage(node, at, 'maintenance', true);
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
export function takesConfig(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  const { disk } = node.physical;
  if (boot.givenConfig === undefined) return [];
  if (boot.api === 'maintenance') {
    boot.api = 'none';
    if (boot.services['apid']) service(node, at, 'apid', 'Finished', 'Service finished successfully');
    const fields = controller('config.AcquireController', { sources: ['maintenance'] });
    talos(node, at, 'machine config loaded successfully', fields);
    stage(node, at, 'booting', false);
  }
  if (!boot.isDiskAttached) return [];
  if (disk.partitions === undefined) {
    stage(node, at, 'installing', false);
    sequence(node, at, 'install', 'START');
    return [after(30_000, { kind: 'installs' })];
  }
  if (!disk.partitions.STATE) {
    disk.partitions.STATE = true;
    disk.partitionUuids.STATE = uuidFrom('STATE', boot.id);
    disk.nodeId = undefined;
  }
  disk.config = boot.givenConfig;
  boot.activeConfig = boot.givenConfig;
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
