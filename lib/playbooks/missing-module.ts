import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { isAtLeast, parseMinor } from '../versions/talos-version.ts';
import { cite, present, quote } from './cite.ts';
import type { Citation, Facts } from './finding.ts';

/** The kernel module that makes a device file, and what was read of it. undefined in a field: not known. */
export type DeviceModule = {
  readonly name: string;
  readonly isInImage: boolean | undefined;
  readonly isConfigured: boolean | undefined;
  readonly isLoaded: boolean | undefined;
};

/** Device files whose module an extension brings without loading it. Source: siderolabs/extensions, zfs. */
const MODULE_OF_DEVICE: Readonly<Record<string, string>> = { '/dev/zfs': 'zfs' };

const kernelName = (name: string): string => name.replaceAll('-', '_');

/** undefined: no module is known to make this file. Elsewhere an extension of the same name as the device is a hint. */
export function deviceModule({ readings }: Evidence, path: string): DeviceModule | undefined {
  const extensions = readValue(readings.extensions);
  const device = /^\/dev\/([a-z0-9_-]{2,32})$/.exec(path)?.[1];
  const isNamed = (wanted: string) => extensions?.some(({ name }) => kernelName(name) === kernelName(wanted));
  const known = MODULE_OF_DEVICE[path];
  const name = known ?? (device !== undefined && isNamed(device) ? kernelName(device) : undefined);
  if (name === undefined) return undefined;
  return {
    name,
    isInImage: isNamed(name),
    isConfigured: readValue(readings.kernelModuleSpecs)?.some((spec) => spec.name === name),
    isLoaded: isLoaded(readings, name),
  };
}

/** A list that was cut says nothing about what it lacks. */
function isLoaded({ kernelModules }: Evidence['readings'], name: string): boolean | undefined {
  const isThere = readValue(kernelModules)?.some((module) => module.name === name);
  return isThere === false && kernelModules?.cut !== undefined ? undefined : isThere;
}

/** The clause that follows "because". undefined: the module is not what is missing, or nobody knows. */
export function whyModuleIsMissing({ name, isInImage, isConfigured, isLoaded }: DeviceModule): string | undefined {
  if (isLoaded !== false) return undefined;
  if (isConfigured) return `the kernel module ${name} is configured but could not be loaded`;
  if (isInImage === undefined) return `the kernel module ${name} is not loaded`;
  return isInImage
    ? `the kernel module ${name} is in the image but not loaded`
    : `the kernel module ${name} is neither loaded nor among the extensions of the image`;
}

export function moduleCitations({ name, isInImage, isConfigured, isLoaded }: DeviceModule): readonly Citation[] {
  return present([
    isLoaded === undefined
      ? undefined
      : cite('kernelModules', `The kernel module ${name} is ${isLoaded ? '' : 'not '}loaded.`),
    isConfigured === undefined
      ? undefined
      : cite('kernelModuleSpecs', `The machine config ${isConfigured ? 'asks' : 'does not ask'} for ${name}.`),
    isInImage ? cite('extensions', `The extension ${name} is in the image.`) : undefined,
  ]);
}

/** KernelModuleConfig exists from 1.14 on, where the other form is deprecated. Source: siderolabs/talos, config types. */
export function howToLoad(name: string, { readings }: Evidence, { inventory }: Facts): string {
  const tag = readValue(readings.version)?.tag ?? inventory?.version;
  const module = quote(name);
  const list = `name: ${module} under machine.kernel.modules`;
  const document = `a KernelModuleConfig document with name: ${module}`;
  if (parseMinor(tag) === undefined) return `${list} (from Talos 1.14 on ${document})`;
  return isAtLeast(tag, '1.14') ? document : list;
}
