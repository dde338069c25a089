import { parseInstallerImage } from '../../lib/factory/installer-image.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { type Built, build } from '../factory/build.ts';
import { type FactoryState, registriesOf } from '../factory/factory-state.ts';
import { ALL_VERSIONS, digestOf } from '../factory/offered.ts';
import type { BootEntry, ClusterState, ExtensionLayer, Physical } from './state.ts';
import { minorOf } from './version.ts';

/** An installer: what it brings, or only a version where no factory made it. */
export type Installer = { readonly version: string; readonly digest: string; readonly built: Built | undefined };

/** Not published any more from 1.14 on. */
const PLAIN = /^ghcr\.io\/siderolabs\/installer:(v[\d.]+)$/;

/**
 * What an image reference is the installer of, or what the container runtime says when it asks the registry for it.
 * Source: containerd, core/remotes/docker.
 */
export function pullInstaller(factory: FactoryState, image: string): Result<Installer, string> {
  const { fault, of = 'images' } = factory.fault ?? {};
  const at = manifestUrl(factory, image);
  if (at === undefined || of !== 'images') return installerOf(factory, image);
  if (fault === 'down') {
    const { host } = new URL(at);
    return unresolved(`failed to do request: Head "${at}": dial tcp ${host}: connect: connection refused`);
  }
  if (fault === 'fail') return unresolved(unexpected(at, 500));
  if (fault === 'refuse') return unresolved(unexpected(at, 400));
  return installerOf(factory, image);
}

/** As above, where the image is on the node already. */
export function installerOf(factory: FactoryState, image: string): Result<Installer, string> {
  const asked = askedOf(factory, image);
  if (asked === undefined) return plainInstaller(image);
  const built = build(factory, asked);
  if (built.ok) {
    const { version, digest } = built.value;
    return ok({ version, digest, built: built.value });
  }
  if (built.error.status === 404) return notFound(image);
  return unresolved(unexpected(manifestUrl(factory, image) ?? '', built.error.status));
}

function plainInstaller(image: string): Result<Installer, string> {
  const version = PLAIN.exec(image)?.[1] ?? '';
  if (!ALL_VERSIONS.includes(version) || minorOf(version) > 13) return notFound(image);
  return ok({ version, digest: digestOf(image), built: undefined });
}

const unresolved = (text: string) => err(`failed to resolve image: ${text}`);
const notFound = (image: string) => unresolved(`${image}: not found`);
const STATUS = { 400: 'Bad Request', 500: 'Internal Server Error' } as const;
const unexpected = (url: string, status: 400 | 500): string =>
  `unexpected status from HEAD request to ${url}: ${status} ${STATUS[status]}`;

/** undefined: not an image of the factory. A digest says more than a tag. */
function askedOf(factory: FactoryState, image: string): Parameters<typeof build>[1] | undefined {
  const named = parseInstallerImage(image);
  if (named?.schematic === undefined || !registriesOf(factory).includes(named.registry)) return undefined;
  const [, name = ''] = image.split('/');
  return { name, schematic: named.schematic, reference: named.digest ?? named.tag ?? 'latest' };
}

function manifestUrl(factory: FactoryState, image: string): string | undefined {
  const asked = askedOf(factory, image);
  const [host = ''] = image.split('/');
  const scheme = host.startsWith('127.') ? 'http' : 'https';
  return asked && `${scheme}://${host}/v2/${asked.name}/${asked.schematic}/manifests/${asked.reference}`;
}

/** `name@sha256:…` of `name:tag`; a name with a digest stays as it is. */
export const pinned = (image: string, { digest }: Installer): string =>
  image.includes('@') ? image : `${image.replace(/:[^:/]*$/, '')}@${digest}`;

/**
 * What boots after this installer. Without a schematic there are no extensions. Kernel arguments are in the image from
 * 1.10 on; before, the machine keeps those that its config has.
 */
export function entryOf(
  { factory }: Pick<ClusterState, 'factory'>,
  physical: Physical,
  { version, built }: Installer,
): Omit<BootEntry, 'label'> {
  const kernelArgs = minorOf(version) < 10 ? physical.kernelArgs : (built?.kernelArgs ?? []);
  const layers = built?.extensions.map(({ layer, ref }) => layerFor(physical, { ...layer, image: ref })) ?? [];
  const schematic = built === undefined ? [] : [schematicLayer(factory.schematics, built.schematic)];
  return { version, extensions: [...layers, ...schematic], kernelArgs: [...kernelArgs] };
}

/** The factory's own record in an image. */
export const schematicLayer = (schematics: FactoryState['schematics'], id: string): ExtensionLayer => ({
  name: 'schematic',
  version: id,
  image: '',
  info: schematics[id] ?? '',
});

/** A fault of an extension stays in the same build of it, and in every build before the one that mends it. */
function layerFor({ extensions }: Physical, layer: ExtensionLayer): ExtensionLayer {
  const before = extensions.find(({ name, bakedInBy }) => name === layer.name && bakedInBy !== 'installer');
  const isSame = before !== undefined && (before.until !== undefined || before.version === layer.version);
  return isSame ? { ...before, ...layer } : layer;
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
