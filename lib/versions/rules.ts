import { ok, type Result } from '../result.ts';
import { isAtLeast, knownMinor, type Minor } from './talos-version.ts';

/**
 * How a Talos of one line is to be treated, where that is more than whether a call (calls.ts) or a resource
 * (resources.ts) exists. The three tables are the only place that knows versions.
 */
export type VersionRules = {
  readonly minor: Minor;
  /** `first`: a server of its own with resources and hardly a call. `second`: machined, for readers. */
  readonly maintenance: 'first' | 'second';
  /** Where it is said which kernel modules are loaded. Before 1.11 only the file system tells. */
  readonly kernelModules: 'sys_module' | 'loaded_kernel_modules' | 'kernel_module_statuses';
  /** `machine`: one call pulls, checks etcd, drains, installs and reboots. `lifecycle`: pull, install and reboot are ours. */
  readonly upgrade: 'machine' | 'lifecycle';
  /** FORCE has a number that older versions take for DEFAULT. */
  readonly rebootModes: readonly ('default' | 'powercycle' | 'force')[];
  /** Whether an apply in mode AUTO reboots where the change needs it; from 1.14 on nothing applied reboots. */
  readonly autoMayReboot: boolean;
};

/** In maintenance mode machined answers readers itself from here on. Source: internal/app/apid/service.go. */
export const SECOND_MAINTENANCE: Minor = '1.13';

/** Lines that are newer than Medic are read like the newest that it knows: what is new there is not asked. */
export function kernelModulesOf(tag: string | undefined): VersionRules['kernelModules'] {
  if (isAtLeast(tag, '1.14')) return 'kernel_module_statuses';
  return isAtLeast(tag, '1.11') ? 'loaded_kernel_modules' : 'sys_module';
}

/** The rules for changing a node of this version, or why none are known: then it is left alone. */
export function rulesFor(tag: string | undefined): Result<VersionRules, string> {
  const minor = knownMinor(tag);
  if (!minor.ok) return minor;
  return ok({
    minor: minor.value,
    maintenance: isAtLeast(tag, SECOND_MAINTENANCE) ? 'second' : 'first',
    kernelModules: kernelModulesOf(tag),
    upgrade: isAtLeast(tag, '1.13') ? 'lifecycle' : 'machine',
    rebootModes: isAtLeast(tag, '1.12') ? ['default', 'powercycle', 'force'] : ['default', 'powercycle'],
    autoMayReboot: !isAtLeast(tag, '1.14'),
  });
}
