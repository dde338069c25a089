import { createHash } from 'node:crypto';
import type { BootEntry, ClusterState, Physical } from './state.ts';
import { minorOf } from './version.ts';

/** Installer images that exist, as far as this world goes. */
export type Installer = { readonly version: string; readonly schematic: string | undefined };

const VERSION = '(v1\\.(?:[89]|1[0-4])\\.\\d+)';
const PLATFORM =
  'akamai|aws|azure|cloudstack|digitalocean|equinixMetal|exoscale|gcp|hcloud|metal|nocloud|opennebula|openstack|oracle|scaleway|upcloud|vmware|vultr';
/** From 1.10 on an image per platform. Source: image-factory, internal/frontend/http/registry.go. */
const BY_PLATFORM = new RegExp(
  `^factory\\.talos\\.dev/(?:${PLATFORM})-installer(?:-secureboot)?/([0-9a-f]{64}):${VERSION}$`,
);
const FOR_ALL = new RegExp(`^factory\\.talos\\.dev/installer(?:-secureboot)?/([0-9a-f]{64}):${VERSION}$`);
/** Not published any more from 1.14 on. */
const PLAIN = new RegExp(`^ghcr\\.io/siderolabs/installer:${VERSION}$`);

/** What an image reference is the installer of; undefined when no registry has it. */
export function installerOf(image: string): Installer | undefined {
  const platform = BY_PLATFORM.exec(image);
  if (platform) return minorOf(platform[2] ?? '') >= 10 ? installer(platform[2], platform[1]) : undefined;
  const all = FOR_ALL.exec(image);
  if (all) return installer(all[2], all[1]);
  const plain = PLAIN.exec(image);
  return plain && minorOf(plain[1] ?? '') <= 13 ? installer(plain[1], undefined) : undefined;
}
const installer = (version = '', schematic: string | undefined): Installer => ({ version, schematic });

/** `name@sha256:…` of `name:tag`. */
export const pinned = (image: string): string =>
  `${image.slice(0, image.lastIndexOf(':'))}@sha256:${createHash('sha256').update(image).digest('hex')}`;

const schematicOf = ({ extensions }: Physical): string | undefined =>
  extensions.find(({ name }) => name === 'schematic')?.version;

/**
 * What boots after this installer. The schematic of now means the same extensions and kernel arguments; of another one
 * they are as the cluster's state says, none where it says nothing. Without a schematic there are none.
 */
export function entryOf(
  cluster: ClusterState,
  physical: Physical,
  { version, schematic }: Installer,
): Omit<BootEntry, 'label'> {
  if (schematic === undefined) return { version, extensions: [], kernelArgs: [] };
  if (schematic === schematicOf(physical)) {
    return { version, extensions: [...physical.extensions], kernelArgs: [...physical.kernelArgs] };
  }
  const known = cluster.schematics?.[schematic];
  const extensions = [...(known?.extensions ?? []), { name: 'schematic', version: schematic, image: '' }];
  return { version, extensions, kernelArgs: [...(known?.kernelArgs ?? [])] };
}

/** Oldest host, and the first that is too new, by the minor to install. Source: pkg/machinery/compatibility. */
const HOSTS: Readonly<Record<number, readonly [oldest: number, tooNew: number]>> = {
  8: [5, 10],
  9: [8, 11],
  10: [8, 12],
  11: [9, 13],
  12: [10, 14],
  13: [11, 15],
  14: [12, 16],
};

/** Why the installer gives up on this host. The API does not look. */
export function incompatibility(host: string, target: string): string | undefined {
  const [oldest, tooNew] = HOSTS[minorOf(target)] ?? [0, 0];
  const [from, to] = [host.slice(1), target.slice(1)];
  if (minorOf(host) < oldest) return `host version ${from} is too old to upgrade to Talos ${to}`;
  if (minorOf(host) >= tooNew) return `host version ${from} is too new to downgrade to Talos ${to}`;
  return undefined;
}
