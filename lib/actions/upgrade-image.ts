import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { type ChangedSchematic, changeSchematic, type SchematicChange } from '../factory/change-schematic.ts';
import { isSameExtension } from '../factory/extension-names.ts';
import { describeFactoryError } from '../factory/factory-error.ts';
import type { ImageFactory } from '../factory/image-factory.ts';
import { installerImage } from '../factory/installer-image.ts';
import { notInSchematic, runningSchematic, schematicNames } from '../factory/running-schematic.ts';
import { extensionsOf, type Schematic } from '../factory/schematic.ts';
import { err, ok, type Result } from '../result.ts';

/** Everything that an upgrade plan says about the image that it installs. */
export type UpgradeImage = {
  /** Named by its digest where the factory says it, else by its tag. */
  readonly image: string;
  readonly schematic: string;
  /** Names as the schematic has them. */
  readonly extensions: readonly string[];
  readonly changed: ChangedSchematic;
};

/**
 * Which image it is to be: the schematic of the one that runs, changed as asked, stored at the factory, and built by it.
 * Nothing is dropped that nobody asked to drop. The error is one sentence; nothing was touched on the node.
 */
export async function upgradeImage(
  factory: ImageFactory,
  evidence: Evidence,
  version: string,
  change: SchematicChange,
): Promise<Result<UpgradeImage, string>> {
  const { readings } = evidence;
  const platform = readValue(readings.platformMetadata)?.platform ?? readValue(readings.version)?.platform;
  const secureBoot = readValue(readings.securityState)?.secureBoot;
  if (platform === undefined) return err('The node did not say on which platform it runs.');
  if (secureBoot === undefined)
    return err('The node did not say whether it booted by SecureBoot, so its installer is not known.');
  const known = await schematicNow(factory, evidence, version, change);
  if (!known.ok) return known;
  const changed = changeSchematic(known.value.schematic, known.value.change);
  if (changed.notThere.length > 0)
    return err(`${changed.notThere.join(', ')} is to be removed, and the image of the node does not have it.`);
  const stored = await factory.create(changed.schematic);
  if (!stored.ok) return err(describeFactoryError(stored.error));
  const { id, schematic } = stored.value;
  const named = installerImage({ registry: factory.registry, platform, secureBoot, schematic: id, version });
  if (!named.ok) return named;
  const built = await factory.installer(named.value);
  if (!built.ok) return err(describeFactoryError(built.error));
  const image = built.value.digest === undefined ? named.value : `${named.value}@${built.value.digest}`;
  return ok({ image, schematic: id, extensions: extensionsOf(schematic), changed });
}

/** A schematic, and what is left to change in it. */
type ToChange = { readonly schematic: Schematic; readonly change: SchematicChange };

/** What the running image was made from. Of an image that no factory made: what the factory calls its extensions. */
async function schematicNow(
  factory: ImageFactory,
  evidence: Evidence,
  version: string,
  change: SchematicChange,
): Promise<Result<ToChange, string>> {
  const isRemoved = (name: string) => change.removeExtensions?.some((other) => isSameExtension(name, other)) === true;
  const running = runningSchematic(evidence);
  if (running.kind === 'unknown') return err(running.because);
  if (running.kind === 'schematic') {
    const known = await factory.schematic(running.id);
    if (!known.ok) return err(describeFactoryError(known.error));
    const layers = readValue(evidence.readings.extensions) ?? [];
    const lost = notInSchematic(known.value, layers).filter((name) => !isRemoved(name));
    if (lost.length === 0) return ok({ schematic: known.value, change });
    return err(`The image has ${lost.join(', ')}, which its schematic does not name: an upgrade would drop it.`);
  }
  const kept = running.extensions.filter((name) => !isRemoved(name));
  const left = { ...change, removeExtensions: [] };
  if (kept.length === 0) return ok({ schematic: {}, change: left });
  const offered = await factory.extensions(version);
  if (!offered.ok) return err(describeFactoryError(offered.error));
  const { names, missing } = schematicNames(kept, offered.value);
  if (missing.length > 0)
    return err(`Image Factory has no ${missing.join(', ')} for Talos ${version}: an upgrade would drop it.`);
  return ok({ schematic: changeSchematic({}, { addExtensions: names }).schematic, change: left });
}
