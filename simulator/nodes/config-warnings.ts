import { readMachineConfig } from './read-machine-config.ts';

const PAGE_UP_TO_1_12 = 'https://www.talos.dev/latest/talos-guides/install/boot-assets/';
const PAGE = 'https://docs.siderolabs.com/talos/latest/platform-specific-installations/boot-assets';

/** What Talos has to say to a config that it takes. Source: v1alpha1_validation.go. */
export function warningsOf(text: string, minor: number): readonly string[] {
  const read = readMachineConfig(text);
  if (!('config' in read) || !read.config.hasInstallExtensions) return [];
  return [`.machine.install.extensions is deprecated, please see ${minor >= 13 ? PAGE : PAGE_UP_TO_1_12}`];
}
