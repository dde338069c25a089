import type { Result } from '../result.ts';
import type { FactoryError } from './factory-error.ts';
import type { Schematic } from './schematic.ts';

/**
 * Image Factory builds the images of Talos with system extensions and kernel arguments. A schematic says which; its id is
 * part of the image's name. Nothing here changes a node: at worst a schematic is stored that nobody uses.
 */
export interface ImageFactory {
  /** `https://factory.talos.dev`: without a path, for people. */
  readonly url: string;
  /** Host, and port where it is not the usual one: the first part of the names of its images. */
  readonly registry: string;
  /** What an id stands for. Source: GET /schematics/:schematic. `not_found`: it does not know the id. */
  schematic(id: string): Promise<Result<Schematic, FactoryError>>;
  /**
   * Stores a schematic; asked for the same one again it answers with the same id. Source: POST /schematics. What it
   * stored is compared with what it was given: `altered` where that is something else.
   * Whether the extensions exist for a version only `installer` finds out.
   */
  create(schematic: Schematic): Promise<Result<{ readonly id: string; readonly schematic: Schematic }, FactoryError>>;
  /** Versions of Talos that it builds (`v1.13.9`), the oldest first. Source: GET /versions. */
  versions(): Promise<Result<readonly string[], FactoryError>>;
  /** Official extensions for a version of Talos. Source: GET /version/:version/extensions/official. */
  extensions(version: string): Promise<Result<readonly OfficialExtension[], FactoryError>>;
  /**
   * Whether there is an installer image of this name (lib/factory/installer-image.ts). Source: its manifest. Asking makes
   * the factory build what it has not built yet: `no_answer` may mean that it still builds, and it goes on doing so.
   * `refused`: it cannot be built, for instance because an extension does not exist for this version.
   * `digest`: `sha256:…` of what the name means now, where the factory says it.
   */
  installer(image: string): Promise<Result<{ readonly digest: string | undefined }, FactoryError>>;
}

/** `name` as in schematics (`siderolabs/iscsi-tools`), `version` the tag of `ref`. */
export type OfficialExtension = {
  readonly name: string;
  readonly version: string;
  /** `ghcr.io/siderolabs/iscsi-tools:v0.2.0` */
  readonly ref: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly author: string;
  readonly description: string;
};
