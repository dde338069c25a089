import type { Readings } from '../../evidence/evidence.ts';
import { kernelModulesOf } from '../../versions/rules.ts';
import { readKernelModuleFiles } from '../readings/kernel-modules.ts';
import { readSequences } from '../readings/sequences.ts';
import { readKernelLog } from '../readings/text.ts';
import * as cluster from '../resources/cluster.ts';
import * as kernel from '../resources/kernel.ts';
import * as runtime from '../resources/runtime.ts';
import { resources } from '../sweep.ts';
import { type Asked, all, always, call, configured, one, type Question, type Take } from './question.ts';

/** Which machine it is, how far it is, and what was booted. */
export const machine: readonly Question[] = [
  {
    asks: 'How far is the machine, and what does it wait for?',
    ...always,
    ...one(runtime.machineStatus, runtime.MACHINE_STATUS_ID, (machineStatus) => ({ machineStatus })),
  },
  {
    asks: 'Which machine is it (UUID, serial number)?',
    ...always,
    ...one(runtime.systemInformation, runtime.SYSTEM_INFORMATION_ID, (systemInformation) => ({ systemInformation })),
  },
  {
    asks: 'What does the platform say about it?',
    ...always,
    ...one(runtime.platformMetadata, runtime.PLATFORM_METADATA_ID, (platformMetadata) => ({ platformMetadata })),
  },
  {
    asks: 'Which node identity has it?',
    ...configured,
    ...one(cluster.identity, cluster.IDENTITY_ID, (identity) => ({ identity })),
  },
  {
    asks: 'Is it a control plane or a worker?',
    ...configured,
    ...one(runtime.machineType, runtime.MACHINE_TYPE_ID, (machineType) => ({ machineType })),
  },
  {
    asks: 'Whom does its API serve (everybody, in maintenance mode)?',
    ...always,
    ...one(runtime.apiServiceConfig, runtime.API_SERVICE_ID, (apiService) => ({ apiService })),
  },
  {
    asks: 'Which boot is it (boot id)?',
    ...always,
    ...one(runtime.bootId, runtime.BOOT_ID_ID, (bootId) => ({ bootId })),
  },
  {
    asks: 'Which sequences have run (boot, reboot, reset ...)?',
    ...always,
    ...call('machine.MachineService/Events', readSequences, (sequences) => ({ sequences })),
  },
  {
    asks: 'What does the kernel say (also of processes killed for lack of memory)?',
    ...always,
    ...call('machine.MachineService/Dmesg', readKernelLog, (kernelLog) => ({ kernelLog })),
  },
  {
    asks: 'Which kernel arguments was it booted with?',
    ...always,
    ...one(kernel.cmdline, kernel.CMDLINE_ID, (kernelCmdline) => ({ kernelCmdline })),
  },
  {
    asks: 'Which kernel modules should be loaded?',
    ...configured,
    ...all(kernel.moduleSpec, (kernelModuleSpecs) => ({ kernelModuleSpecs })),
  },
  {
    asks: 'Which kernel modules are loaded?',
    ...always,
    sources: [kernel.moduleStatus.type, kernel.loadedModule.type, 'machine.MachineService/List'],
    take: readKernelModules,
  },
  {
    asks: 'Which system extensions are in its image?',
    ...always,
    ...all(runtime.extensionStatus, (extensions) => ({ extensions })),
  },
  {
    asks: 'From which schematic of Image Factory is its image?',
    ...always,
    ...one(runtime.imageSchematic, runtime.IMAGE_SCHEMATIC_ID, (imageSchematic) => ({ imageSchematic })),
  },
  {
    asks: 'Does it boot with Secure Boot, and from a UKI?',
    ...always,
    ...one(runtime.securityState, runtime.SECURITY_STATE_ID, (securityState) => ({ securityState })),
  },
  {
    asks: 'Is an upgrade not confirmed yet (META key 0x06), or one staged (0x07)?',
    ...always,
    ...all(runtime.metaKey, (metaKeys) => ({ metaKeys })),
  },
  {
    asks: 'What does Talos itself warn of?',
    ...configured,
    ...all(runtime.diagnostic, (diagnostics) => ({ diagnostics })),
  },
];

async function readKernelModules(take: Take, { version }: Asked): Promise<Readings> {
  const kind = {
    kernel_module_statuses: kernel.moduleStatus,
    loaded_kernel_modules: kernel.loadedModule,
    sys_module: undefined,
  }[kernelModulesOf(version)];
  if (kind !== undefined) {
    const kernelModules = await take(kind.type, resources(kind));
    // the version may be an older guess
    if (kernelModules.ok || kernelModules.error.code !== 'not_supported_by_version') return { kernelModules };
  }
  return { kernelModules: await take('machine.MachineService/List', readKernelModuleFiles) };
}
