import { expect, test } from 'vitest';
import { changeSchematic } from '../../lib/factory/change-schematic.ts';
import { parseSchematic, type Schematic, schematicYaml } from '../../lib/factory/schematic.ts';

const read = (text: string): Schematic => {
  const parsed = parseSchematic(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const WORKER = read(`
overlay: { image: siderolabs/sbc-raspberrypi, name: rpi_generic, options: { data: mydata } }
customization:
  extraKernelArgs: [talos.device.settle_time=3m, console=ttyS0, console=tty0]
  meta: [{ key: 10, value: '{}' }]
  systemExtensions: { officialExtensions: [siderolabs/zfs, siderolabs/iscsi-tools] }
  later: { unknown: true }
`);

test('adds and removes, and leaves everything else as it was', () => {
  const changed = changeSchematic(WORKER, {
    addExtensions: ['ghcr.io/siderolabs/util-linux-tools:2.40.2', 'zfs'],
    removeExtensions: ['iscsi-tools'],
    addKernelArgs: ['quiet', 'console=tty0', 'quiet'],
    removeKernelArgs: ['talos.device.settle_time'],
  });
  expect(schematicYaml(changed.schematic)).toBe(`overlay:
    image: siderolabs/sbc-raspberrypi
    name: rpi_generic
    options:
        data: mydata
customization:
    extraKernelArgs:
        - console=ttyS0
        - console=tty0
        - quiet
    meta:
        - key: 10
          value: "{}"
    systemExtensions:
        officialExtensions:
            - siderolabs/zfs
            - siderolabs/util-linux-tools
    later:
        unknown: true
`);
  expect(changed.extensions).toEqual({
    added: ['siderolabs/util-linux-tools'],
    removed: ['siderolabs/iscsi-tools'],
    madeOne: [],
  });
  expect(changed.kernelArgs).toEqual({ added: ['quiet'], removed: ['talos.device.settle_time=3m'] });
  expect(changed.notThere).toEqual([]);
});

test('an extension that is named twice, in two versions or by its old name becomes one', () => {
  const before = read(`customization: { systemExtensions: { officialExtensions: [
    siderolabs/iscsi-tools, siderolabs/i915-ucode, 'ghcr.io/siderolabs/iscsi-tools:v0.1.1', siderolabs/i915 ] } }`);
  const changed = changeSchematic(before, {});
  expect(schematicYaml(changed.schematic)).toBe(`customization:
    systemExtensions:
        officialExtensions:
            - siderolabs/iscsi-tools
            - siderolabs/i915-ucode
`);
  expect(changed.extensions).toEqual({
    added: [],
    removed: [],
    madeOne: ['siderolabs/iscsi-tools', 'siderolabs/i915-ucode'],
  });
});

test('what is to be removed and is not there is said', () => {
  const { notThere, schematic } = changeSchematic(WORKER, {
    removeExtensions: ['gvisor'],
    removeKernelArgs: ['console=ttyS1', 'quiet'],
  });
  expect(notThere).toEqual(['siderolabs/gvisor', 'console=ttyS1', 'quiet']);
  expect(schematicYaml(schematic)).toBe(schematicYaml(WORKER));
});

test('the schematic of before is not touched', () => {
  const before = schematicYaml(WORKER);
  changeSchematic(WORKER, { addExtensions: ['gvisor'], removeKernelArgs: ['console'] });
  expect(schematicYaml(WORKER)).toBe(before);
});
