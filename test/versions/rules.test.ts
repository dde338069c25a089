import { expect, test } from 'vitest';
import { type CallName, callRules, isOffered, ruleOf } from '../../lib/versions/calls.ts';
import { isReadable, resourceRules } from '../../lib/versions/resources.ts';
import { kernelModulesOf, rulesFor } from '../../lib/versions/rules.ts';

test.for([
  ['v1.8.4', 'first', 'sys_module', 'machine', 2, true],
  ['v1.9.6', 'first', 'sys_module', 'machine', 2, true],
  ['v1.10.7', 'first', 'sys_module', 'machine', 2, true],
  ['v1.11.5', 'first', 'loaded_kernel_modules', 'machine', 2, true],
  ['v1.12.11', 'first', 'loaded_kernel_modules', 'machine', 3, true],
  ['v1.13.9', 'second', 'loaded_kernel_modules', 'lifecycle', 3, true],
  ['v1.14.0-rc.1', 'second', 'kernel_module_statuses', 'lifecycle', 3, false],
] as const)('the rules of %s', ([tag, maintenance, kernelModules, upgrade, rebootModes, autoMayReboot]) => {
  const rules = rulesFor(tag);
  expect(rules).toMatchObject({ ok: true, value: { maintenance, kernelModules, upgrade, autoMayReboot } });
  if (rules.ok) expect(rules.value.rebootModes).toHaveLength(rebootModes);
});

test.for([
  ['v1.15.0', 'v1.15 is newer than v1.14, the newest that Medic knows'],
  ['v1.7.9', 'v1.7 is older than v1.8, the oldest that Medic knows'],
  ['v2.0.1', 'its version is not one of v1.x'],
  ['', 'its version is not one of v1.x'],
  [undefined, 'no version is known'],
] as const)('no rules for changing %s: %s', ([tag, why]) => {
  expect(rulesFor(tag)).toEqual({ ok: false, error: why });
});

test('a newer one is still read as the newest that is known', () => {
  expect(kernelModulesOf('v1.19.0')).toBe('kernel_module_statuses');
  expect(isReadable('BootIDs.runtime.talos.dev', 'v1.19.0')).toBe(true);
  expect(isOffered('machine.MachineService/EtcdStatus', 'v1.19.0', false)).toBe(true);
});

test.for<[CallName, string, boolean, boolean]>([
  ['machine.MachineService/EtcdStatus', 'v1.8.4', false, false],
  ['machine.MachineService/EtcdStatus', 'v1.9.0', false, true],
  ['machine.MachineService/EtcdMemberList', 'v1.8.4', false, true],
  ['machine.ImageService/Pull', 'v1.12.9', false, false],
  ['machine.LifecycleService/Upgrade', 'v1.13.0', false, true],
  ['machine.MachineService/Dmesg', 'v1.12.9', true, false],
  ['machine.MachineService/Dmesg', 'v1.13.0', true, true],
  ['cosi.resource.State/Get', 'v1.8.0', true, true],
  ['machine.MachineService/Reset', 'v1.14.0', true, false],
  ['machine.MachineService/EtcdMemberList', 'v1.14.0', true, false],
])('%s on %s, maintenance %s: %s', ([call, version, isMaintenance, expected]) => {
  expect(isOffered(call, version, isMaintenance)).toBe(expected);
});

test.for([
  ['MachineConfigs.config.talos.dev', 'v1.8.0', false],
  ['MachineConfigs.config.talos.dev', undefined, false],
  ['KubeletSpecs.kubernetes.talos.dev', 'v1.11.0', true],
  ['KubeletSpecs.kubernetes.talos.dev', 'v1.12.0', false],
  ['OOMActions.talos.dev', 'v1.13.0', false],
  ['LoadedKernelModules.runtime.talos.dev', 'v1.10.0', false],
  ['Versions.runtime.talos.dev', undefined, false],
  ['MachineStatuses.runtime.talos.dev', undefined, true],
] as const)('%s on %s is readable: %s', ([type, version, expected]) => {
  expect(isReadable(type, version)).toBe(expected);
});

test('what changes a node is nothing for a reader, and what changes nothing says so', () => {
  const calls = Object.keys(callRules).filter((name): name is CallName => Object.hasOwn(callRules, name));
  for (const call of calls) {
    const { does, role } = ruleOf(call);
    if (does !== undefined) expect(role, call).not.toBe('os:reader');
    if (role === 'os:reader') expect(does, call).toBeUndefined();
  }
  expect(Object.keys(resourceRules).every((type) => type.endsWith('.talos.dev'))).toBe(true);
});
