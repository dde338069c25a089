import { takeNextEntry } from './boot-entries.ts';
import { earlyServices, serviceIsUp, startService } from './boot-services.ts';
import { updateHostname } from './hostname.ts';
import { uuidFrom } from './identity.ts';
import { kernelCmdline, perBoot, settleMs } from './physical.ts';
import { bootOf, kernel, phase, phaseDone, sequence, talos } from './record.ts';
import { signsOfBoot } from './sign-steps.ts';
import type { Boot, ClusterState, NodeState } from './state.ts';
import { after, type Next } from './step.ts';
import { minorOf } from './version.ts';

/**
 * How long after the start of the kernel a machine looks for STATE before it concludes that it has none; udev reports
 * "settled" by then. `talos.device.settle_time` is added. Milliseconds of the machine's own time.
 */
export const STATE_WINDOW_MS = 10_000;
const DEVICES_SETTLE_MS = 3_000;

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
  if (physical.disk.isUnbootable) return []; // stays at the firmware
  takeNextEntry(physical);
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
    ...signsOfBoot(node),
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
