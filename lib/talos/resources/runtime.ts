import * as z from 'zod';
import { Flag, list, resourceKind, Said, Text } from '../cosi.ts';

/** Resources about the machine itself. Types, namespaces and keys: siderolabs/talos, pkg/machinery/resources. */
export const MACHINE_STATUS_ID = 'machine';
export const machineStatus = resourceKind(
  'MachineStatuses.runtime.talos.dev',
  z.object({
    stage: z
      .enum([
        'unknown',
        'booting',
        'installing',
        'maintenance',
        'running',
        'rebooting',
        'shutting down',
        'resetting',
        'upgrading',
      ])
      .catch('unknown'),
    status: z.object({ ready: Flag, unmetConditions: list(z.object({ name: Text, reason: Said })) }),
  }),
  ({ stage, status }) => ({ stage, ready: status.ready, unmetConditions: status.unmetConditions }),
);

export const MACHINE_TYPE_ID = 'machine-type';
/** The spec is the word itself. */
export const machineType = resourceKind('MachineTypes.config.talos.dev', z.string().max(64), (type) => type);

export const VERSION_ID = 'version';
/** Tells the version where the Version call is not offered: in maintenance mode. */
export const talosVersion = resourceKind(
  'Versions.runtime.talos.dev',
  z.object({ version: z.string().regex(/^v?\d{1,4}\.\d{1,4}\./) }),
  ({ version }) => ({ tag: version.startsWith('v') ? version : `v${version}`, platform: '', mode: '' }),
);

export const BOOT_ID_ID = 'boot-id';
export const bootId = resourceKind(
  'BootIDs.runtime.talos.dev',
  z.object({ bootID: z.string().min(1).max(128) }),
  (spec) => spec.bootID,
);

export const PLATFORM_METADATA_ID = 'platformmetadata';
export const platformMetadata = resourceKind(
  'PlatformMetadatas.talos.dev',
  z.object({ platform: Text, hostname: Text, instanceId: Text }),
  (spec) => spec,
);

export const extensionStatus = resourceKind(
  'ExtensionStatuses.runtime.talos.dev',
  z.object({ image: Text, metadata: z.object({ name: Text, version: Text }) }),
  ({ image, metadata }, id) => ({ id, name: metadata.name, version: metadata.version, image }),
);

export const SYSTEM_INFORMATION_ID = 'systeminformation';
/** `serialnumber` is written in lower case by Talos itself. */
export const systemInformation = resourceKind(
  'SystemInformations.hardware.talos.dev',
  z.object({ uuid: Text, serialnumber: Text, manufacturer: Text, productName: Text }),
  ({ uuid, serialnumber, manufacturer, productName }) => ({
    uuid,
    serialNumber: serialnumber,
    manufacturer,
    productName,
  }),
);

export const API_SERVICE_ID = 'apid';
/** In maintenance mode both are true: anybody may ask, and nobody is an admin. */
export const apiServiceConfig = resourceKind(
  'APIServiceConfigs.runtime.talos.dev',
  z.object({ readonlyRoleMode: Flag, skipVerifyingClientCert: Flag }),
  ({ readonlyRoleMode, skipVerifyingClientCert }) => ({
    isReadOnly: readonlyRoleMode,
    takesAnyClient: skipVerifyingClientCert,
  }),
);

export const IMAGE_SCHEMATIC_ID = 'image-factory-schematic';
export const imageSchematic = resourceKind(
  'ImageFactorySchematics.runtime.talos.dev',
  z.object({ schematicId: Text, flavor: Text, apiUrl: Text }),
  (spec) => spec,
);

export const SECURITY_STATE_ID = 'securitystate';
/** `bootedWithUKI` from 1.10 on; before, nothing says it. */
export const securityState = resourceKind(
  'SecurityStates.talos.dev',
  z.object({ secureBoot: Flag, bootedWithUKI: z.boolean().nullish() }),
  ({ secureBoot, bootedWithUKI }) => ({ secureBoot, bootedWithUki: bootedWithUKI ?? undefined }),
);

/** Only which keys are set (`0x06`): values may be a whole network config. Source: pkg/machinery/meta/constants.go. */
export const metaKey = resourceKind('MetaKeys.runtime.talos.dev', z.unknown(), (_, id) => id);

export const diagnostic = resourceKind(
  'Diagnostics.runtime.talos.dev',
  z.object({ message: Said, details: list(Said) }),
  ({ message, details }, id) => ({ id, message, details }),
);
