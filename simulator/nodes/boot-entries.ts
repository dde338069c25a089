import { activeConfigOf } from './active-config.ts';
import { entryOf, incompatibility, installerOf } from './installer-images.ts';
import { machineConditions } from './machine-status.ts';
import { bootOf, controller, talos } from './record.ts';
import type { BootEntry, ClusterState, ExtensionLayer, NodeState, Physical } from './state.ts';
import { minorOf } from './version.ts';

/** The two slots of the boot loader: an installer writes the one that does not run, and makes it the default. */

/** Key of META with the label to fall back to. Source: pkg/machinery/meta/constants.go, Upgrade. */
const UPGRADE = '0x06';

const runningEntry = ({ version, kernelArgs, extensions, bootLabel = 'A' }: Physical): BootEntry => ({
  version,
  kernelArgs,
  extensions,
  label: bootLabel,
});
const otherLabel = (label: 'A' | 'B') => (label === 'A' ? 'B' : 'A');

/** Runs an installer; the text of its failure, undefined when the next boot is the new one. */
export function install(cluster: ClusterState, node: NodeState, at: number, image: string): string | undefined {
  const { physical } = node;
  const found = installerOf(cluster.factory, image);
  if (!found.ok) return `image ${JSON.stringify(image)}: not found`;
  const installer = found.value;
  const problem = incompatibility(physical.version, installer.version);
  if (problem !== undefined) {
    talos(node, at, `installer: ${problem}`);
    return problem;
  }
  const { label } = runningEntry(physical);
  const entry = entryOf(cluster, physical, installer);
  const extensions = [...layersOfConfig(node, installer.version), ...entry.extensions];
  physical.next = { ...entry, extensions, label: otherLabel(label) };
  delete physical.previous; // it was in the slot that is written
  physical.metaKeys = { ...physical.metaKeys, [UPGRADE]: label };
  physical.isUpgradeUnconfirmed = true;
  talos(node, at, `installer: installation of ${installer.version} complete`);
  return undefined;
}

/** Up to 1.9 the installer adds what the machine config lists. Source: cmd/installer, overlays and extensions. */
function layersOfConfig(node: NodeState, version: string): ExtensionLayer[] {
  if (minorOf(version) >= 10) return [];
  const images = activeConfigOf(node)?.installedExtensions ?? [];
  return images.flatMap((image) => {
    const [, name, tag] = /([^/:@]+):([^/:@]+)$/.exec(image) ?? [];
    return name && tag ? [{ name, version: tag, image, bakedInBy: 'installer' as const }] : [];
  });
}

/** The boot loader starts its default. */
export function takeNextEntry(physical: Physical): void {
  const { next } = physical;
  if (next === undefined) return;
  physical.previous = runningEntry(physical);
  delete physical.next;
  physical.version = next.version;
  physical.kernelArgs = next.kernelArgs;
  physical.extensions = next.extensions;
  physical.bootLabel = next.label;
}

/** Makes the other slot the default; false when there is nothing in it. Source: bootloader/grub/revert.go. */
export function revertEntry(physical: Physical): boolean {
  if (physical.next !== undefined) {
    physical.previous = physical.next;
    delete physical.next;
    return true;
  }
  if (physical.previous === undefined) return false;
  physical.next = physical.previous;
  return true;
}

function forgetUpgrade(physical: Physical): void {
  delete physical.metaKeys?.[UPGRADE];
  delete physical.isUpgradeUnconfirmed;
}

/** After a fatal failure, as long as the upgrade is unconfirmed. Source: internal/app/machined/revert.go. */
export function fallBack(node: NodeState, at: number): void {
  const { physical } = node;
  const label = physical.metaKeys?.[UPGRADE];
  if (label === undefined) return;
  talos(node, at, `reverting failed upgrade, switching to ${JSON.stringify(label)}`);
  revertEntry(physical);
  forgetUpgrade(physical);
}

/** Once per boot, when the machine is running and ready. Source: drop_upgrade_fallback.go. */
export function confirmUpgrade(cluster: ClusterState, node: NodeState, at: number): void {
  const { physical } = node;
  if (physical.isUpgradeUnconfirmed !== true || physical.next !== undefined) return;
  if (bootOf(node).stage !== 'running' || !machineConditions(cluster, node).ready) return;
  talos(node, at, 'removing fallback entry', controller('runtime.DropUpgradeFallbackController'));
  forgetUpgrade(physical);
}
