import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';

export type ExtensionLayer = { readonly id: string; readonly name: string; readonly version: string };

/** Layers that are no extension: Image Factory's own record, and the index of kernel modules. */
const NOT_EXTENSIONS: ReadonlySet<string> = new Set(['schematic', 'modules.dep', '']);
export const isExtensionLayer = ({ name }: Pick<ExtensionLayer, 'name'>): boolean => !NOT_EXTENSIONS.has(name);

/** Services that are not called like their extension. Source: siderolabs/extensions. */
const EXTENSION_OF_SERVICE: Readonly<Record<string, string>> = {
  'ext-iscsid': 'iscsi-tools',
  'ext-zfs-service': 'zfs',
  'ext-zpool-importer': 'zfs',
};

/** The extension that a service belongs to, if it is in the image. */
export function extensionOf({ readings }: Evidence, serviceId: string): ExtensionLayer | undefined {
  const wanted = EXTENSION_OF_SERVICE[serviceId] ?? serviceId.replace(/^ext-/, '');
  return readValue(readings.extensions)?.find(({ name }) => name === wanted);
}
