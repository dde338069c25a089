import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { shutdownMethods } from '../../simulator/nodes/shutdown-method.ts';
import { REBOOT, RESET, UPGRADE } from './acting.ts';
import { seenForThisFile } from './seen.ts';

const { clock, seen, world } = await seenForThisFile();

const NODE = 'w-1';
const admin = () => world.to(NODE, 'admin');
/** Not to be scheduled on, with Talos' own mark. */
async function isCordoned(): Promise<boolean> {
  const text = JSON.stringify(await seen.resources(NODE, 'k8s', 'NodeStatuses.kubernetes.talos.dev'));
  expect(text.includes('"unschedulable":true')).toBe(text.includes('"talos.dev/cordoned"'));
  return text.includes('"unschedulable":true');
}

const EPHEMERAL = { ...RESET, systemPartitionsToWipe: [{ label: 'EPHEMERAL', wipe: true }] };
const IMAGE = 'ghcr.io/siderolabs/installer:v1.12.11';
test.for<[what: string, cordons: boolean, begins: () => Promise<unknown>]>([
  ['reboot', false, () => admin().call(change.reboot, REBOOT)],
  ['graceful reset', true, () => admin().call(change.reset, EPHEMERAL)],
  ['reset without grace', true, () => admin().call(change.reset, { ...EPHEMERAL, graceful: false })],
  ['upgrade', true, () => admin().call(change.upgrade, { ...UPGRADE, image: IMAGE })],
  ['staged upgrade', true, () => admin().call(change.upgrade, { ...UPGRADE, image: IMAGE, stage: true })],
])('%s: Talos cordons its node meanwhile: %s, and uncordons it afterwards', async ([, cordons, begins]) => {
  await world.load('version: v1.12.11');
  expect(await isCordoned()).toBe(false);
  const booted = await seen.bootsOf(NODE);
  await begins();
  clock.advance(2_000);
  expect(await isCordoned()).toBe(cordons);
  await seen.until(booted(1));
  expect(await isCordoned()).toBe(false);
});

test('a machine that was shut down stays cordoned until it is switched on and has booted', async () => {
  await world.load('version: v1.13.9');
  await admin().call(shutdownMethods.shutdown, { force: true });
  clock.advance(1_500);
  expect(await isCordoned()).toBe(true);
  const booted = await seen.bootsOf(NODE);
  await seen.until(() => seen.isSilent(NODE));
  await world.cluster.setPower(NODE, 'on');
  await seen.until(booted(1));
  expect(await isCordoned()).toBe(false);
});

test('without the Kubernetes API nobody cordons anything', async () => {
  await world.load('version: v1.13.9');
  await world.cluster.setPower('cp-1', 'off');
  await world.cluster.setPower('cp-2', 'off');
  await admin().call(change.reset, EPHEMERAL);
  clock.advance(2_000);
  expect(await seen.stage(NODE)).toBe('resetting');
  expect(await isCordoned()).toBe(false);
});
