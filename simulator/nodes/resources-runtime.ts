import { urlOf } from '../factory/factory-state.ts';
import { hasExtensionModules } from './kernel-modules.ts';
import { machineConditions } from './machine-status.ts';
import { kernelCmdline, roleOf } from './physical.ts';
import { bootOf } from './record.ts';
import { one, type ResourceSource } from './resource.ts';
import { minorOf } from './version.ts';

const machineStatus: ResourceSource = ({ cluster, node }) => {
  const boot = bootOf(node);
  const { ready, unmetConditions } = machineConditions(cluster, node);
  const spec = { stage: boot.stage, status: { ready, unmetConditions } };
  const owner = 'runtime.MachineStatusController';
  return [one('runtime', 'machine', spec, { version: boot.stageRevision, updatedAt: boot.stageAt, owner })];
};

/** A YAML string scalar whose value is the whole multi-document config. */
const machineConfigs: ResourceSource = ({ node }) => {
  const { activeConfig } = bootOf(node);
  const { config } = node.physical.disk;
  if (activeConfig === undefined) return [];
  const active = one('config', 'v1alpha1', activeConfig);
  return minorOf(node.physical.version) >= 10
    ? [active, one('config', 'persistent', config ?? activeConfig)]
    : [active];
};

const machineType: ResourceSource = ({ node }) =>
  bootOf(node).activeConfig === undefined ? [] : [one('config', 'machine-type', roleOf(node.name))];

/** What the imager adds where extensions bring kernel modules along. */
const MODULES_DEP = {
  image: 'modules.dep.sqsh',
  metadata: {
    name: 'modules.dep',
    version: '',
    author: 'Talos Machinery',
    description: 'Combined modules.dep for all extensions',
    compatibility: { talos: { version: '' } },
  },
};

const extensions: ResourceSource = ({ node }) => [
  ...node.physical.extensions.map(({ name, version, image, bakedInBy, info }, n) => {
    const layer = `${String(n).padStart(3, '0')}.${image.replaceAll(/[:/]/g, '-')}`;
    return one('runtime', bakedInBy === 'installer' ? layer : String(n), {
      image: image === '' ? `${n}.sqsh` : `${layer}.sqsh`,
      metadata: {
        name,
        version,
        author: name === 'schematic' ? 'Image Factory' : 'Sidero Labs',
        description: '',
        compatibility: { talos: { version: '>= v1.8.0' } },
        ...(info === undefined ? {} : { extraInfo: info }),
      },
    });
  }),
  ...(hasExtensionModules(node) ? [one('runtime', 'modules.dep', MODULES_DEP)] : []),
];

const schematic: ResourceSource = ({ cluster, node }) => {
  const found = node.physical.extensions.find(({ name }) => name === 'schematic');
  const spec = { schematicId: found?.version, flavor: node.physical.platform, apiUrl: urlOf(cluster.factory) };
  return found ? [one('runtime', 'image-factory-schematic', spec)] : [];
};

const platformMetadata: ResourceSource = ({ node }) => {
  const { platform, metadata, hardware } = node.physical;
  if (metadata === undefined) return [one('runtime', 'platformmetadata', { platform: 'metal' })];
  if (!bootOf(node).hasMetadata) return [];
  const spec = {
    platform,
    hostname: metadata.hostname,
    region: 'eu-central',
    zone: 'fsn1-dc14',
    instanceId: hardware.serialNumber,
    providerId: `hcloud://${hardware.serialNumber}`,
  };
  return [one('runtime', 'platformmetadata', spec, { owner: 'network.PlatformConfigController' })];
};

const services: ResourceSource = ({ node }) =>
  Object.entries(bootOf(node).services)
    .filter(([, { state }]) => state === 'Running')
    .map(([id, { health, events }]) => {
      const spec = { running: true, healthy: health.healthy, unknown: health.unknown };
      return one('runtime', id, spec, { version: events.length, updatedAt: events.at(-1)?.at ?? 0 });
    });

const apiServiceConfig: ResourceSource = ({ node }) => {
  const isMaintenance = bootOf(node).api === 'maintenance';
  const spec = {
    listenAddress: ':50000',
    nodeRoutingDisabled: isMaintenance,
    readonlyRoleMode: isMaintenance,
    skipVerifyingClientCert: isMaintenance,
  };
  return [one('runtime', 'apid', spec)];
};

const maintenanceConfig: ResourceSource = ({ node }) => {
  if (bootOf(node).api !== 'maintenance' || minorOf(node.physical.version) >= 13) return [];
  return [one('runtime', 'maintenance', { listenAddress: ':50000', reachableAddresses: [node.address] })];
};

export const runtimeResources: Readonly<Record<string, ResourceSource>> = {
  'MachineStatuses.runtime.talos.dev': machineStatus,
  'MachineConfigs.config.talos.dev': machineConfigs,
  'MachineTypes.config.talos.dev': machineType,
  'ExtensionStatuses.runtime.talos.dev': extensions,
  'ImageFactorySchematics.runtime.talos.dev': schematic,
  'KernelCmdlines.runtime.talos.dev': ({ node }) => [
    one('runtime', 'cmdline', { cmdline: kernelCmdline(node.physical) }),
  ],
  'Versions.runtime.talos.dev': ({ node }) => [
    one('runtime', 'version', {
      version: node.physical.version,
      ...(minorOf(node.physical.version) >= 13 ? { name: 'Talos' } : {}),
    }),
  ],
  'BootIDs.runtime.talos.dev': ({ node }) => [one('runtime', 'boot-id', { bootID: bootOf(node).id })],
  'PlatformMetadatas.talos.dev': platformMetadata,
  'APIServiceConfigs.runtime.talos.dev': apiServiceConfig,
  'MaintenanceServiceConfigs.runtime.talos.dev': maintenanceConfig,
  'DevicesStatuses.runtime.talos.dev': ({ node }) => [one('runtime', 'devices', { ready: bootOf(node).isSettled })],
  'Services.v1alpha1.talos.dev': services,
  'SystemInformations.hardware.talos.dev': ({ node }) => {
    const { manufacturer, productName, serialNumber, uuid } = node.physical.hardware;
    // in lower case: pkg/machinery/resources/hardware/system_information.go
    const spec = { manufacturer, productName, version: '1.0', serialnumber: serialNumber, uuid };
    return [one('hardware', 'systeminformation', { ...spec, wakeUpType: 'Power Switch', skuNumber: '' })];
  },
};
