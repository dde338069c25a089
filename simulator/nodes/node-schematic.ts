import { type Schematic, schematicId, schematicYaml } from '../../lib/factory/schematic.ts';
import type { FactoryPart } from '../factory/factory-schema.ts';
import { extensionsFor } from '../factory/offered.ts';
import type { Extension } from './machine-schema.ts';
import type { NodePart } from './scenario-schema.ts';
import type { ClusterState, ExtensionLayer } from './state.ts';

/** The images that nodes run when they are put in place: all of them by the factory, each from its schematic. */

type Role = 'controlplane' | 'worker';
const USUAL: Readonly<Record<Role, readonly string[]>> = {
  controlplane: ['qemu-guest-agent'],
  worker: ['iscsi-tools', 'util-linux-tools'],
};

const layerOf = (extension: Extension): ExtensionLayer => ({
  ...structuredClone(extension),
  image: `ghcr.io/siderolabs/${extension.name}:${extension.version}`,
});

/** Layers of the image, the record of its schematic last. What the installer added from the config is in no schematic. */
export function layersFor(role: Role, part: NodePart, version: string): ExtensionLayer[] {
  const usual = extensionsFor(version).filter(({ layer }) => USUAL[role].includes(layer.name));
  const extensions: ExtensionLayer[] =
    part.extensions?.map(layerOf) ?? usual.map(({ layer, ref }) => ({ ...layer, image: ref }));
  const built = extensions.filter(({ bakedInBy }) => bakedInBy !== 'installer').map(({ name }) => `siderolabs/${name}`);
  const schematic: Schematic = {
    customization: {
      extraKernelArgs: [...(part.kernelArgs ?? [])],
      systemExtensions: { officialExtensions: built },
    },
  };
  const record = { name: 'schematic', version: schematicId(schematic), image: '', info: schematicYaml(schematic) };
  return [...extensions, record];
}

/** The factory as a scenario has it. What people made there stays, and usually it has built the images of the nodes. */
export function supplyFactory(cluster: ClusterState, part: FactoryPart): void {
  const { versions, lacks, fault, schematics = 'known' } = part;
  const { port, schematics: before } = cluster.factory;
  const known = schematics === 'known' ? { ...before, ...schematicsOf(cluster.nodes) } : {};
  cluster.factory = { port, schematics: known, versions, lacks, fault };
}

const schematicsOf = (nodes: ClusterState['nodes']): Record<string, string> =>
  Object.fromEntries(
    Object.values(nodes)
      .flatMap(({ physical: { extensions, next, previous } }) => [extensions, next?.extensions, previous?.extensions])
      .flatMap((layers = []) => layers)
      .flatMap(({ version, info }) => (info === undefined ? [] : [[version, info]])),
  );
