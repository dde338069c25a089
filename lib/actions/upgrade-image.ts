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
 * Nothing is dropped that nobody asked to drop: what is `listed` for the installer to add is in the new image too. The
 * error is one sentence; nothing was touched on the node.
 */
export async function upgradeImage(
  factory: ImageFactory,
  evidence: Evidence,
  version: string,
  change: SchematicChange,
  listed: readonly string[] = [],
): Promise<Result<UpgradeImage, string>> {
  const { readings } = evidence;
  const platform = readValue(readings.platformMetadata)?.platform ?? readValue(readings.version)?.platform;
  const secureBoot = readValue(readings.securityState)?.secureBoot;
  if (platform === undefined) return err('The node did not say on which platform it runs.');
  if (secureBoot === undefined)
    return err('The node did not say whether it booted by SecureBoot, so its installer is not known.');
  const known = await schematicNow(factory, evidence, version, change, listed);
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

/** What the running image was made from. What no schematic names has to be had from the factory under its name there. */
async function schematicNow(
  factory: ImageFactory,
  evidence: Evidence,
  version: string,
  change: SchematicChange,
  listed: readonly string[],
): Promise<Result<ToChange, string>> {
  const { addExtensions = [], removeExtensions = [] } = change;
  const running = runningSchematic(evidence);
  if (running.kind === 'unknown') return err(running.because);
  const known = running.kind === 'schematic' ? await factory.schematic(running.id) : ok({});
  if (!known.ok) return err(describeFactoryError(known.error));
  const schematic = known.value;
  const unnamed = notInSchematic(schematic, readValue(evidence.readings.extensions) ?? []);
  const lost = unnamed.filter((name) => !isAmong(name, [...removeExtensions, ...addExtensions, ...listed]));
  if (running.kind === 'schematic' && lost.length > 0)
    return err(`The image has ${lost.join(', ')}, which its schematic does not name: an upgrade would drop it.`);
  const unlisted = running.kind === 'plain' ? running.extensions : [];
  const kept = [...unlisted, ...listed].filter((name) => !isAmong(name, removeExtensions));
  const named = extensionsOf(schematic);
  // what is only listed, or in an image without a schematic, is removed by not being kept
  const isThere = (name: string) => isAmong(name, named) || !isAmong(name, [...unnamed, ...listed]);
  const left = { ...change, removeExtensions: removeExtensions.filter(isThere) };
  if (kept.length === 0) return ok({ schematic, change: left });
  const offered = await factory.extensions(version);
  if (!offered.ok) return err(describeFactoryError(offered.error));
  const { names, missing } = schematicNames(kept, offered.value);
  if (missing.length > 0)
    return err(`Image Factory has no ${missing.join(', ')} for Talos ${version}: an upgrade would drop it.`);
  return ok({ schematic: withExtensions(schematic, names), change: left });
}

const isAmong = (name: string, names: readonly string[]): boolean =>
  names.some((other) => isSameExtension(name, other));

/** As the running image has them: each of its own that is there twice stays so, because that is what is changed. */
function withExtensions(schematic: Schematic, names: readonly string[]): Schematic {
  const named = extensionsOf(schematic);
  const { customization } = schematic;
  const officialExtensions = [...named, ...names.filter((name) => !isAmong(name, named))];
  const systemExtensions = { ...customization?.systemExtensions, officialExtensions };
  return { ...schematic, customization: { ...customization, systemExtensions } };
}
