import { describe, expect, test } from 'vitest';
import { assessChange } from '../../lib/machine-config/change-effects.ts';
import { configOf } from './configs.ts';

const assess = (before: string, after: string, version: string) =>
  assessChange(configOf(before), configOf(after), version);
const machine = (text: string) => `machine: {features: {rbac: true}, ${text}}\n`;

describe('what a change needs', () => {
  test.for<[change: string, version: string, mode: string, effect: string]>([
    ['sysctls: {a: b}', 'v1.8.4', 'no_reboot', 'now'],
    ['network: {hostname: a}', 'v1.8.4', 'no_reboot', 'now'],
    ['kernel: {modules: [{name: drbd}]}', 'v1.8.4', 'no_reboot', 'now'],
    ['nodeLabels: {a: b}', 'v1.13.9', 'no_reboot', 'now'],
    ['install: {image: x}', 'v1.8.4', 'no_reboot', 'upgrade'],
    ['install: {extraKernelArgs: [x]}', 'v1.14.0', 'no_reboot', 'upgrade'],
    ['files: [{path: /a}]', 'v1.13.0', 'reboot', 'reboot'],
    ['files: [{path: /a}]', 'v1.14.0', 'no_reboot', 'reboot'],
    ['udev: {rules: [a]}', 'v1.13.0', 'reboot', 'reboot'],
    ['udev: {rules: [a]}', 'v1.14.0', 'no_reboot', 'now'],
    ['env: {a: b}', 'v1.9.0', 'reboot', 'reboot'],
    ['token: a', 'v1.9.0', 'reboot', 'reboot'],
    ['systemDiskEncryption: {ephemeral: {provider: luks2}}', 'v1.9.0', 'reboot', 'wipe'],
    ['disks: [{device: /dev/sdb}]', 'v1.14.0', 'no_reboot', 'wipe'],
    ['type: worker', 'v1.9.0', 'reboot', 'never'],
    ['ca: {crt: a}', 'v1.9.0', 'no_reboot', 'never'],
    ['somethingNew: a', 'v1.9.0', 'reboot', 'reboot'],
    ['sysctls: {a: b}', 'unknown', 'reboot', 'reboot'],
  ])('machine.%s on %s: %s, %s', ([change, version, mode, effect]) => {
    const assessed = assess(machine(''), machine(change), version);
    expect([assessed.mode, assessed.effects.map((one) => one.effect)]).toEqual([mode, [effect]]);
  });

  test.for<[before: string, after: string, version: string, mode: string]>([
    ['features: {rbac: true}', 'features: {rbac: true, kubePrism: {enabled: true}}', 'v1.8.0', 'no_reboot'],
    ['features: {rbac: true}', 'features: {rbac: true, imageCache: {localEnabled: true}}', 'v1.8.0', 'reboot'],
    ['features: {rbac: true}', 'features: {rbac: true, imageCache: {localEnabled: true}}', 'v1.9.0', 'no_reboot'],
    ['features: {rbac: true}', 'features: {rbac: false}', 'v1.9.0', 'reboot'],
    ['type: worker', 'type: worker, features: {kubePrism: {enabled: true}}', 'v1.9.0', 'reboot'],
  ])('from %s to %s on %s: %s', ([before, after, version, mode]) => {
    expect(assess(`machine: {${before}}\n`, `machine: {${after}}\n`, version).mode).toBe(mode);
  });

  test('a module that is taken away, or has other parameters, stays as it is until the next boot', () => {
    const modules = (text: string) => machine(`kernel: {modules: [${text}]}`);
    const effects = (before: string, after: string) =>
      assess(modules(before), modules(after), 'v1.12.0').effects.map(({ effect }) => effect);
    expect(effects('{name: a}, {name: b}', '{name: a}')).toEqual(['reboot']);
    expect(effects('{name: a}', '{name: a, parameters: [x]}')).toEqual(['reboot']);
    expect(effects('{name: a}', '{name: a}, {name: b}')).toEqual(['now']);
  });

  test('other documents never force a reboot, and what has several effects says the worst first', () => {
    const volume = '---\n{apiVersion: v1alpha1, kind: VolumeConfig, name: EPHEMERAL, encryption: {provider: luks2}}\n';
    const assessed = assess(
      machine('certSANs: [a]'),
      `${machine('certSANs: [b], install: {disk: a}')}${volume}`,
      'v1.11.0',
    );
    expect(assessed.mode).toBe('no_reboot');
    expect(assessed.effects).toEqual([
      { effect: 'wipe', paths: ['VolumeConfig EPHEMERAL: encryption.provider'] },
      { effect: 'upgrade', paths: ['machine.install.disk'] },
      { effect: 'now', paths: ['machine.certSANs[]', 'VolumeConfig EPHEMERAL'] },
    ]);
  });

  test('no change needs nothing', () => {
    expect(assess(machine(''), machine(''), 'v1.9.0')).toEqual({ changes: [], mode: 'no_reboot', effects: [] });
  });
});
