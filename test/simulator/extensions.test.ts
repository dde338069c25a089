import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { RESET, UPGRADE } from './acting.ts';
import { seenForThisFile } from './seen.ts';
import { applyRequest } from './simulated.ts';

/** Extensions are frozen into the boot image: what changes them, and what does not. */
const { seen, world } = await seenForThisFile();

const CLEAN = 'ghcr.io/siderolabs/installer:v1.9.2';
const BOTH = ['000.ghcr.io-siderolabs-iscsi-tools-v0.1.1', '001.ghcr.io-siderolabs-iscsi-tools-v0.1.4'];

async function layers(name: string): Promise<readonly string[]> {
  const found = await seen.resources(name, 'runtime', 'ExtensionStatuses.runtime.talos.dev');
  return Object.keys(found).filter((id) => id.includes('iscsi-tools'));
}
async function backAfter(name: string, act: () => Promise<unknown>): Promise<void> {
  const before = await seen.bootTime(name);
  await act();
  await seen.until(async () => (await seen.bootTime(name)) > before && (await seen.stage(name)) === 'running', {
    maxS: 600,
  });
}
const admin = (name: string) => world.to(name, 'admin');

test('two versions of one extension stay through a config, a reboot and a wipe of EPHEMERAL', async () => {
  await world.load('c01-duplicate-extensions');
  expect(await layers('cp-2')).toEqual(BOTH);
  const applied = await admin('cp-2').call(change.applyConfiguration, applyRequest(world.stored('cp-2')));
  expect(applied).toHaveProperty('reply');
  await backAfter('cp-2', () => admin('cp-2').call(change.reboot, { mode: 'DEFAULT' }));
  expect(await layers('cp-2')).toEqual(BOTH);
  const systemPartitionsToWipe = [{ label: 'EPHEMERAL', wipe: true }];
  await backAfter('cp-2', () => admin('cp-2').call(change.reset, { ...RESET, systemPartitionsToWipe }));
  expect(await layers('cp-2')).toEqual(BOTH);
});

test('an upgrade takes the list of the machine config along, so both come back until it is cleaned', async () => {
  await world.load('c01-duplicate-extensions');
  const upgrade = () => admin('cp-2').call(change.upgrade, { ...UPGRADE, image: CLEAN });
  await backAfter('cp-2', upgrade);
  expect(await layers('cp-2')).toEqual(BOTH);
  await admin('cp-2').call(change.applyConfiguration, applyRequest(world.stored('cp-2')));
  expect(await layers('cp-2')).toEqual(BOTH);
  await backAfter('cp-2', upgrade);
  expect(await layers('cp-2')).toEqual([]);
});
