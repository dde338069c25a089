import { expect, test } from 'vitest';
import { extensionName, isSameExtension, offeredAs } from '../../lib/factory/extension-names.ts';

test.for<[text: string, name: string]>([
  ['iscsi-tools', 'siderolabs/iscsi-tools'],
  ['siderolabs/iscsi-tools', 'siderolabs/iscsi-tools'],
  ['ghcr.io/siderolabs/iscsi-tools:v0.1.6', 'siderolabs/iscsi-tools'],
  [`ghcr.io/siderolabs/iscsi-tools:v0.1.6@sha256:${'a'.repeat(64)}`, 'siderolabs/iscsi-tools'],
  [`ghcr.io/siderolabs/iscsi-tools@sha256:${'a'.repeat(64)}`, 'siderolabs/iscsi-tools'],
  ['registry.example:5000/ours/thing:1', 'ours/thing'],
  [' Siderolabs/ZFS ', 'siderolabs/zfs'],
])('%s is the extension %s', ([text, name]) => {
  expect(extensionName(text)).toBe(name);
});

test('a renamed extension is the same under its old name, another one of the family is not', () => {
  expect(isSameExtension('i915-ucode', 'siderolabs/i915')).toBe(true);
  expect(isSameExtension('nvidia-container-toolkit-production', 'nvidia-container-toolkit-lts')).toBe(false);
});

test('an extension is asked for under the name that the factory has for it', () => {
  const offered = [{ name: 'siderolabs/gasket-driver' }, { name: 'siderolabs/i915-ucode' }];
  expect(offeredAs('gasket', offered)).toBe('siderolabs/gasket-driver');
  expect(offeredAs('i915', offered)).toBe('siderolabs/i915-ucode');
  expect(offeredAs('zfs', offered)).toBeUndefined();
  const both = [{ name: 'siderolabs/nvidia-container-toolkit-lts' }, { name: 'siderolabs/nvidia-container-toolkit' }];
  expect(offeredAs('nvidia-container-toolkit', both)).toBe('siderolabs/nvidia-container-toolkit');
});
