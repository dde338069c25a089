import { expect, test } from 'vitest';
import { upgradeImage } from '../../../lib/actions/upgrade-image.ts';
import { readValue } from '../../../lib/evidence/reading.ts';
import type { SchematicChange } from '../../../lib/factory/change-schematic.ts';
import { createImageFactory } from '../../../lib/factory/client.ts';
import { notInSchematic, runningSchematic } from '../../../lib/factory/running-schematic.ts';
import { extensionsOf, kernelArgsOf } from '../../../lib/factory/schematic.ts';
import type { Result } from '../../../lib/result.ts';
import { actingForThisFile } from './client.ts';

/** All the way: from what a node says about its image to another image that it boots, with Medic's own clients. */
const here = actingForThisFile();

const deadlineMs = 8_000;
function known<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.error));
}

const factory = () => createImageFactory({ url: here.world.cluster.world.factory });
async function look(name: string) {
  const evidence = await here.acting.look(name);
  const { readings } = evidence;
  return { evidence, readings, running: runningSchematic({ readings }), layers: readValue(readings.extensions) ?? [] };
}

/** The installer of what the node runs now, changed. */
async function imageFor(name: string, version: string, change: SchematicChange): Promise<string> {
  const { evidence } = await look(name);
  const { image } = known(await upgradeImage(factory(), evidence, version, change));
  expect(image).toMatch(/:v1\.12\.\d+@sha256:[0-9a-f]{64}$/);
  return image;
}

test.for([
  ['w-1', 'metal-installer'],
  ['cp-2', 'hcloud-installer'],
] as const)('%s gets an extension and a kernel argument, and keeps those that it has', async ([name, installer]) => {
  await here.load('v1.12.11');
  const before = await look(name);
  const image = await imageFor(name, 'v1.12.11', { addExtensions: ['gvisor'], addKernelArgs: ['quiet'] });
  expect(image).toContain(`/${installer}/`);
  const order = { image, stage: false, rebootMode: 'default', deadlineMs } as const;
  const told = await here.acting.followed(name, () => here.acting.admin.upgrade(here.acting.target(name), order));
  expect(told.at(-1)).toMatchObject({ kind: 'end', how: 'up' });
  const after = await look(name);
  const names = before.layers.map((layer) => layer.name).filter((layer) => layer !== 'schematic');
  expect(after.layers.map((layer) => layer.name)).toEqual([...names, 'gvisor', 'schematic']);
  expect(readValue(after.readings.kernelCmdline)).toMatch(/ quiet$/);
});

test('a schematic that names an extension twice puts it into the image twice, the cleaned one once', async () => {
  await here.world.load('c01-extension-twice-in-schematic');
  const before = await look('w-2');
  expect(before.layers.map((layer) => layer.name)).toEqual([
    ...['iscsi-tools', 'util-linux-tools', 'iscsi-tools'],
    'schematic',
  ]);
  const image = await imageFor('w-2', 'v1.12.5', {});
  const order = { image, stage: false, rebootMode: 'default', deadlineMs } as const;
  const told = await here.acting.followed('w-2', () => here.acting.admin.upgrade(here.acting.target('w-2'), order));
  expect(told.at(-1)).toMatchObject({ kind: 'end', how: 'up' });
  const after = await look('w-2');
  expect(after.layers.map((layer) => layer.name)).toEqual(['iscsi-tools', 'util-linux-tools', 'schematic']);
});

test('a factory that is down is said, and no node is touched', async () => {
  await here.world.load('c01-image-factory-down');
  const before = here.world.cluster.journal().length;
  const { evidence } = await look('w-2');
  expect(await upgradeImage(factory(), evidence, 'v1.12.5', {})).toEqual({
    ok: false,
    error: expect.stringMatching(/^Image Factory at http:\/\/127\.0\.0\.1:\d+ cannot be reached .*then plan again\.$/),
  });
  expect(here.world.cluster.journal()).toHaveLength(before);
});

test('from 1.14 on a node says which factory built its image', async () => {
  await here.load('v1.14.0');
  const { running } = await look('w-1');
  expect(running).toEqual({
    kind: 'schematic',
    id: '613e1592b2da41ae5e265e8789429f22e121aab91cb4deb6bc3c0b6262961245',
    factoryUrl: here.world.cluster.world.factory,
  });
});

test('a duplicate that the machine config put there is in no schematic', async () => {
  await here.world.load('c01-duplicate-extensions');
  const { running, layers } = await look('cp-2');
  if (running.kind !== 'schematic') throw new Error(running.kind);
  const schematic = known(await factory().schematic(running.id));
  expect([extensionsOf(schematic), kernelArgsOf(schematic)]).toEqual([[], []]);
  expect(notInSchematic(schematic, layers)).toEqual(['iscsi-tools']);
});
