import { expect, test } from 'vitest';
import { medicForThisFile } from './medic-for-this-file.ts';
import { repairsBy } from './repair-story.ts';

const here = medicForThisFile({ MEDIC_CLOCK_FACTOR: '200' });

const upgrade = { action: 'upgrade', typed: { reason: 'an extension is there twice' } } as const;

test('an extension twice in the schematic: one upgrade to the clean image of the same version', async () => {
  const scenario = 'c01-extension-twice-in-schematic';
  const image = expect.stringMatching(/\/metal-installer\/[0-9a-f]{64}:v1\.12\.5@sha256:[0-9a-f]{64}$/);
  const because = await repairsBy(here, { ...upgrade, scenario, shows: 'in the new image once', approves: undefined }, [
    ['w-2', 'Upgrade', 'os:admin', { image, stage: false, force: false, rebootMode: 'DEFAULT' }],
  ]);
  expect(because).toContain('Extensions');
});

test('the same from Talos 1.13 on: pulled, installed and booted, each once', async () => {
  const scenario = 'c01-extension-twice-in-schematic-1.13';
  await repairsBy(here, { ...upgrade, scenario, shows: 'in the new image once', approves: undefined }, [
    ['w-2', 'ImageService.Pull', 'os:operator', {}],
    ['w-2', 'LifecycleService.Upgrade', 'os:admin', {}],
    ['w-2', 'Reboot', 'os:operator', { mode: 'DEFAULT' }],
  ]);
});

test('an extension twice by the machine config: the list goes first, then one upgrade, approved by two', async () => {
  const scenario = 'c01-duplicate-extensions';
  const shows = 'machine.install.extensions (siderolabs/iscsi-tools) is taken out';
  const image = expect.stringMatching(/\/installer\/[0-9a-f]{64}:v1\.9\.2@sha256:[0-9a-f]{64}$/);
  await repairsBy(here, { ...upgrade, scenario, shows, approves: {} }, [
    ['cp-2', 'ApplyConfiguration', 'os:admin', { mode: 'NO_REBOOT' }],
    ['cp-2', 'Upgrade', 'os:admin', { image, stage: false, force: false, rebootMode: 'DEFAULT' }],
  ]);
});
