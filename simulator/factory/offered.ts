import { createHash } from 'node:crypto';
import { isBefore, minorOf } from '../nodes/version.ts';

/** What the simulated factory has to build images from: releases of Talos, and extensions for each of them. */

const LAST_PATCH: Readonly<Record<number, number>> = { 8: 4, 9: 6, 10: 9, 11: 6, 12: 12, 13: 10, 14: 1 };

/** Oldest first. */
export const ALL_VERSIONS: readonly string[] = Object.entries(LAST_PATCH).flatMap(([minor, last]) =>
  Array.from({ length: last + 1 }, (_, patch) => `v1.${minor}.${patch}`),
);

type Known = {
  readonly name: string;
  /** As its manifest says it, since a minor of Talos. */
  readonly versions: Readonly<Record<number, string>>;
  /** Kernel modules are built for each release. */
  readonly isModule?: true;
  readonly description: string;
};
const KNOWN: readonly Known[] = [
  { name: 'amd-ucode', versions: { 8: '20241110', 11: '20250917' }, description: 'AMD microcode' },
  { name: 'btrfs', versions: { 8: 'v1.0.0' }, isModule: true, description: 'Module of the btrfs file system' },
  { name: 'drbd', versions: { 8: 'v9.2.12', 12: 'v9.2.16' }, isModule: true, description: 'Modules of DRBD' },
  { name: 'gasket-driver', versions: { 8: '97aeba5' }, isModule: true, description: 'Driver of Coral TPUs' },
  { name: 'gvisor', versions: { 8: '20240826.0', 11: '20250929.0' }, description: 'Sandboxed containers' },
  { name: 'intel-ucode', versions: { 8: '20241112', 11: '20250812' }, description: 'Intel microcode' },
  { name: 'iscsi-tools', versions: { 8: 'v0.1.6', 11: 'v0.2.0' }, description: 'iscsid and iscsiadm' },
  { name: 'lldpd', versions: { 8: '1.0.19', 11: '1.0.20' }, description: 'Link layer discovery' },
  {
    name: 'nut-client',
    versions: { 8: '2.8.2', 11: '2.8.4' },
    description: 'Client of uninterruptible power supplies',
  },
  { name: 'qemu-guest-agent', versions: { 8: '9.1.0', 10: '10.0.2' }, description: 'Agent for QEMU guests' },
  { name: 'tailscale', versions: { 8: '1.78.1', 11: '1.92.3' }, description: 'Tailscale' },
  { name: 'thunderbolt', versions: { 8: 'v1.0.0' }, isModule: true, description: 'Modules for Thunderbolt' },
  { name: 'util-linux-tools', versions: { 8: '2.40.2', 11: '2.41.2' }, description: 'nsenter, fstrim and others' },
  { name: 'zfs', versions: { 8: 'v2.2.6', 12: 'v2.4.1' }, isModule: true, description: 'Modules and tools of ZFS' },
];

/** `layer`: as ExtensionStatuses name it. */
export type Offered = {
  readonly name: string;
  readonly ref: string;
  readonly digest: string;
  readonly author: string;
  readonly description: string;
  readonly layer: { readonly name: string; readonly version: string };
};

/** The official extensions for a release. */
export function extensionsFor(talos: string): readonly Offered[] {
  return KNOWN.map(({ name, versions, isModule, description }) => {
    const [, version = ''] = Object.entries(versions).findLast(([since]) => Number(since) <= minorOf(talos)) ?? [];
    const tag = isModule ? `${version.replace(/^v/, '')}-${talos}` : version;
    const ref = `ghcr.io/siderolabs/${name}:${tag}`;
    const digest = digestOf(ref);
    const layer = { name, version };
    return { name: `siderolabs/${name}`, ref, digest, author: 'Sidero Labs', description, layer };
  });
}

export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export const newest = (versions: readonly string[]): string =>
  versions.reduce((best, version) => (best === '' || isBefore(best, version) ? version : best), '');
