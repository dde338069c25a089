import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { shutdownMethods } from '../../simulator/nodes/shutdown-method.ts';
import { REBOOT, RESET, simulateStepped, UPGRADE } from './acting.ts';

let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

const NODE = 'w-1';
const admin = () => stepped.world.to(NODE, 'admin');
/** Not to be scheduled on, with Talos' own mark. */
async function isCordoned(): Promise<boolean> {
  const seen = await stepped.world.to(NODE, 'reader').list('k8s', 'NodeStatuses.kubernetes.talos.dev');
  const text = JSON.stringify(seen);
  expect(text.includes('"unschedulable":true')).toBe(text.includes('"talos.dev/cordoned"'));
  return text.includes('"unschedulable":true');
}

const EPHEMERAL = { ...RESET, systemPartitionsToWipe: [{ label: 'EPHEMERAL', wipe: true }] };
const IMAGE = 'ghcr.io/siderolabs/installer:v1.12.11';
test.for<[what: string, begins: () => Promise<unknown>, cordons: boolean]>([
  ['reboot', () => admin().call(change.reboot, REBOOT), false],
  ['graceful reset', () => admin().call(change.reset, EPHEMERAL), true],
  ['reset without grace', () => admin().call(change.reset, { ...EPHEMERAL, graceful: false }), true],
  ['upgrade', () => admin().call(change.upgrade, { ...UPGRADE, image: IMAGE }), true],
  ['staged upgrade', () => admin().call(change.upgrade, { ...UPGRADE, image: IMAGE, stage: true }), true],
])('%s: Talos cordons its node meanwhile: %s, and uncordons it afterwards', async ([, begins, cordons]) => {
  await stepped.world.load('version: v1.12.11');
  expect(await isCordoned()).toBe(false);
  await begins();
  stepped.clock.advance(2_000);
  expect(await isCordoned()).toBe(cordons);
  const boots = stepped.node(NODE).bootCount;
  await stepped.pass(() => stepped.node(NODE).bootCount > boots && stepped.isRunning(NODE)(), 240);
  expect(await isCordoned()).toBe(false);
});

test('a machine that was shut down stays cordoned until it is switched on and has booted', async () => {
  await stepped.world.load('version: v1.13.9');
  await admin().call(shutdownMethods.shutdown, { force: true });
  stepped.clock.advance(1_500);
  expect(await isCordoned()).toBe(true);
  await stepped.pass(() => stepped.node(NODE).power === 'off');
  await stepped.world.cluster.setPower(NODE, 'on');
  await stepped.pass(stepped.isRunning(NODE));
  expect(await isCordoned()).toBe(false);
});

test('without the Kubernetes API nobody cordons anything', async () => {
  await stepped.world.load('version: v1.13.9');
  await stepped.world.cluster.setPower('cp-1', 'off');
  await stepped.world.cluster.setPower('cp-2', 'off');
  await admin().call(change.reset, EPHEMERAL);
  stepped.clock.advance(2_000);
  expect(await stepped.world.stage(NODE)).toBe('resetting');
  expect(await isCordoned()).toBe(false);
});
