import { err, ok, type Result } from '../result.ts';
import { isAtLeast, parseMinor } from '../versions/talos-version.ts';

/**
 * Names of installer images. From 1.10 on there is one per platform, because the kernel arguments of the platform are in
 * the image. Source: siderolabs/image-factory, internal/frontend/http/ui.go and registry.go.
 */
export type InstallerWanted = {
  /** Of the factory. */
  readonly registry: string;
  /** As the node names it: PlatformMetadata. */
  readonly platform: string;
  readonly secureBoot: boolean;
  readonly schematic: string;
  /** Version to install, `v1.13.9`. */
  readonly version: string;
};

const SCHEMATIC_ID = /^[0-9a-f]{64}$/;
export const isSchematicId = (text: string): boolean => SCHEMATIC_ID.test(text);

/** The error is one sentence. */
export function installerImage(wanted: InstallerWanted): Result<string, string> {
  const { registry, platform, secureBoot, schematic, version } = wanted;
  if (!isSchematicId(schematic)) return err('The id of the schematic is not one of Image Factory.');
  if (!version.startsWith('v') || parseMinor(version) === undefined) {
    return err(`"${version}" is no version of Talos.`);
  }
  const suffix = secureBoot ? '-secureboot' : '';
  if (!isAtLeast(version, '1.10')) return ok(`${registry}/installer${suffix}/${schematic}:${version}`);
  if (platform === 'container') return err('The node runs in a container, which no installer can upgrade.');
  // a registry takes no capitals, and there is no other name for such a platform (equinixMetal)
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(platform)) {
    return err(`There is no installer image for the platform "${platform}".`);
  }
  return ok(`${registry}/${platform}-installer${suffix}/${schematic}:${version}`);
}

/** What the name of an image says about it. Without a schematic it carries no extensions. */
export type InstallerImage = {
  readonly registry: string;
  /** undefined: for all platforms, or metal. */
  readonly platform: string | undefined;
  readonly secureBoot: boolean;
  readonly schematic: string | undefined;
  readonly tag: string | undefined;
  /** `sha256:…` */
  readonly digest: string | undefined;
};

const REFERENCE = /^([^/@]+)\/([^@]+?)(?::([A-Za-z0-9_][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;
const NAME = /^(?:([a-z0-9-]+)-)?installer(-secureboot)?$/;

/** undefined: not the name of an installer image. */
export function parseInstallerImage(reference: string): InstallerImage | undefined {
  const [, registry = '', path = '', tag, digest] = REFERENCE.exec(reference) ?? [];
  if (!/[.:]/.test(registry) && registry !== 'localhost') return undefined;
  const parts = path.split('/');
  const schematic = isSchematicId(parts.at(-1) ?? '') ? parts.pop() : undefined;
  const name = NAME.exec(parts.at(-1) ?? '');
  if (name === null) return undefined;
  return { registry, platform: name[1], secureBoot: name[2] !== undefined, schematic, tag, digest };
}

/** Whether the kernel arguments of a schematic are in the installer; else the machine config has them. */
export const bringsKernelArgs = (version: string, secureBoot: boolean): boolean =>
  secureBoot || isAtLeast(version, '1.10');
