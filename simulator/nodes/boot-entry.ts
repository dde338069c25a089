import type { BootEntry, Physical } from './state.ts';
import { minorOf } from './version.ts';

/** What an installer image holds: a Talos, and the extensions of its schematic; without one there are none. */
export type Installer = { readonly version: string; readonly schematic: string | undefined };

const FACTORY = /^factory\.talos\.dev\/(?:[a-z]+-)?installer(?:-secureboot)?\/([0-9a-f]{64}):(v\d+\.\d+\.\d+[\w.-]*)/;
const PLAIN = /^ghcr\.io\/siderolabs\/installer:(v\d+\.\d+\.\d+[\w.-]*)/;

/** undefined: no registry has such an image. The plain installer is not published any more from 1.14 on. */
export function findInstaller(image: string): Installer | undefined {
  const made = FACTORY.exec(image);
  if (made?.[1] !== undefined && made[2] !== undefined) return { version: made[2], schematic: made[1] };
  const plain = PLAIN.exec(image)?.[1];
  return plain === undefined || minorOf(plain) >= 14 ? undefined : { version: plain, schematic: undefined };
}

const schematicOf = ({ extensions }: Physical): string | undefined =>
  extensions.find(({ name }) => name === 'schematic')?.version;

/** The same schematic is the same list; of another one nothing is known but its name. */
function extensionsOf(physical: Physical, { schematic }: Installer): BootEntry['extensions'] {
  if (schematic === undefined) return [];
  if (schematic === schematicOf(physical)) return physical.extensions;
  return [{ name: 'schematic', version: schematic, image: '' }];
}

/** How far an installer goes. Source: pkg/machinery/compatibility. */
export function refusedBy({ version }: Installer, host: string): string | undefined {
  const [from, to] = [minorOf(host), minorOf(version)];
  if (from < to - 3) return `host version ${host.slice(1)} is too old to upgrade to Talos ${version.slice(1)}`;
  if (from > to + 1) return `host version ${host.slice(1)} is too new to downgrade to Talos ${version.slice(1)}`;
  return undefined;
}

/** Writes the other boot entry; it is booted next time. */
export function install(physical: Physical, installer: Installer): void {
  physical.nextEntry = {
    version: installer.version,
    extensions: [...extensionsOf(physical, installer)],
    kernelArgs: [...physical.kernelArgs],
  };
}

/** META key of the upgrade that no good boot has confirmed yet: the entry to fall back to. */
const UNCONFIRMED = '0x06';

/** The boot loader takes the new entry, and remembers the old one. */
export function bootNextEntry(physical: Physical): void {
  const next = physical.nextEntry;
  if (next === undefined) return;
  const { version, extensions, kernelArgs } = physical;
  Object.assign(physical, next);
  physical.previousEntry = { version, extensions, kernelArgs };
  physical.nextEntry = undefined;
  physical.metaKeys = { ...physical.metaKeys, [UNCONFIRMED]: 'A' };
  physical.isUnconfirmed = true;
}

/** After the first good boot the new entry stays. */
export function confirmEntry(physical: Physical): void {
  if (physical.isUnconfirmed !== true) return;
  physical.isUnconfirmed = false;
  const { [UNCONFIRMED]: _, ...others } = physical.metaKeys ?? {};
  physical.metaKeys = others;
}

/** Back to the entry before; false: there is none. */
export function rollBackEntry(physical: Physical): boolean {
  const { previousEntry, version, extensions, kernelArgs } = physical;
  if (previousEntry === undefined) return false;
  Object.assign(physical, previousEntry);
  physical.previousEntry = { version, extensions, kernelArgs };
  confirmEntry(physical);
  return true;
}
