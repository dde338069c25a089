import { expect, test } from 'vitest';
import { readValue } from '../../../lib/evidence/reading.ts';
import { machineChanges } from '../../../lib/talos/changing-methods.ts';
import { rulesFor } from '../../../lib/versions/rules.ts';
import { isAtLeast } from '../../../lib/versions/talos-version.ts';
import { actingForThisFile, phasesOf } from './client.ts';

const here = actingForThisFile();

const deadlineMs = 8_000;
async function imageOf(name: string, version: string): Promise<string> {
  const extensions = readValue((await here.acting.look(name)).readings.extensions) ?? [];
  const schematic = extensions.find((one) => one.name === 'schematic')?.version ?? '';
  // installers are made by platform from 1.10 on
  const installer = isAtLeast(version, '1.10') ? 'metal-installer' : 'installer';
  return `factory.talos.dev/${installer}/${schematic}:${version}`;
}
const facts = async (name: string) => {
  const { readings } = await here.acting.look(name);
  return {
    version: readValue(readings.version)?.tag,
    extensions: readValue(readings.extensions)?.map((one) => one.name),
    isUnconfirmed: readValue(readings.metaKeys)?.includes('0x06'),
  };
};

/** As `rulesFor` says: one call up to 1.12, then pull, install and reboot. */
async function upgrade(name: string, image: string) {
  const target = here.acting.target(name);
  const { readings } = await here.acting.look(name);
  const rules = rulesFor(readValue(readings.version)?.tag);
  if (!rules.ok) throw new Error(rules.error);
  if (rules.value.upgrade === 'machine') {
    const order = { image, stage: false, rebootMode: 'default', deadlineMs } as const;
    return here.acting.followed(name, () => here.acting.admin.upgrade(target, order));
  }
  const pulled = await here.acting.operator.pullImage(target, { image, deadlineMs });
  if (!pulled.ok) throw new Error(pulled.error.text);
  const installed = await here.acting.admin.installUpgrade(target, { image: pulled.value.name, deadlineMs });
  if (!installed.ok) throw new Error(installed.error.text);
  return here.acting.followed(name, () => here.acting.operator.reboot(target, { mode: 'default', deadlineMs }));
}

test.for([
  ['v1.8.4', 'v1.9.6'],
  ['v1.9.6', 'v1.10.7'],
  ['v1.11.5', 'v1.12.11'],
  ['v1.12.11', 'v1.13.9'],
  ['v1.13.9', 'v1.14.0'],
  ['v1.14.0', 'v1.14.1'],
] as const)(
  'Talos %s to %s: followed until it is up, with its extensions; and back again',
  { timeout: 60_000 },
  async ([from, to]) => {
    await here.load(from);
    const before = await facts('w-1');
    const told = await upgrade('w-1', await imageOf('w-1', to));
    expect(told.at(-1)).toMatchObject({ kind: 'end', how: 'up' });
    expect(told).toContainEqual({ kind: 'back', boot: 'other' });
    expect(await facts('w-1')).toEqual({ version: to, extensions: before.extensions, isUnconfirmed: false });

    // boots are seconds apart here, which the boot time alone does not tell
    expect(await here.acting.admin.rollback(here.acting.target('w-1'), { deadlineMs })).toEqual({
      ok: true,
      value: undefined,
    });
    await expect.poll(async () => (await facts('w-1')).version, { timeout: 10_000 }).toBe(from);
  },
);

test('a staged upgrade is followed through both boots until it is up', async () => {
  await here.load('v1.11.5');
  const image = await imageOf('w-2', 'v1.11.6');
  const bootTime = await here.seen.bootTime('w-2');
  const order = { image, stage: true, rebootMode: 'default', deadlineMs } as const;
  const told = await here.acting.followed('w-2', () => here.acting.admin.upgrade(here.acting.target('w-2'), order));
  expect(told.at(-1)).toMatchObject({ kind: 'end', how: 'up' });
  expect(phasesOf(told)).not.toContain('upgrade');
  expect(await facts('w-2')).toMatchObject({ version: 'v1.11.6', isUnconfirmed: false });
  expect(await here.seen.bootTime('w-2')).toBeGreaterThan(bootTime);
});

test('the plain installer drops every extension', async () => {
  await here.load('v1.12.11');
  expect((await facts('w-1')).extensions).toContain('iscsi-tools');
  await upgrade('w-1', 'ghcr.io/siderolabs/installer:v1.12.11');
  expect((await facts('w-1')).extensions).toEqual([]);
});

test('too far is refused by the installer: up to 1.12 that is a reboot with the old state, later an exit code', async () => {
  await here.load('v1.8.4');
  const order = { image: await imageOf('w-1', 'v1.13.9'), stage: false, rebootMode: 'default', deadlineMs } as const;
  const bootTime = await here.seen.bootTime('w-1');
  const told = await here.acting.followed('w-1', () => here.acting.admin.upgrade(here.acting.target('w-1'), order));
  expect(told.at(-1)).toMatchObject({
    kind: 'end',
    how: 'failed',
    because: expect.stringContaining('in upgrade sequence'),
  });
  await expect.poll(() => here.seen.bootTime('w-1'), { timeout: 10_000 }).toBeGreaterThan(bootTime);
  await expect.poll(async () => (await facts('w-1')).version, { timeout: 10_000 }).toBe('v1.8.4');

  await here.load('v1.14.0');
  const target = here.acting.target('w-1');
  const pulled = await here.acting.operator.pullImage(target, { image: await imageOf('w-1', 'v1.12.11'), deadlineMs });
  if (!pulled.ok) throw new Error(pulled.error.text);
  expect(await here.acting.admin.installUpgrade(target, { image: pulled.value.name, deadlineMs })).toMatchObject({
    error: { code: 'install_failed', text: expect.stringContaining('host version 1.14.0 is too new') },
  });
});

test('what cannot be had, or was not pulled, is refused with the words of Talos', async () => {
  await here.load('v1.13.9');
  const target = here.acting.target('w-1');
  const image = 'factory.talos.dev/metal-installer/nothing:v1.13.9';
  expect(await here.acting.operator.pullImage(target, { image, deadlineMs })).toMatchObject({ ok: false });
  const pinned = `${await imageOf('w-1', 'v1.14.0')}@sha256:${'a'.repeat(64)}`;
  expect(await here.acting.admin.installUpgrade(target, { image: pinned, deadlineMs })).toMatchObject({
    error: { code: 'failed', text: expect.stringContaining('not found in containerd store') },
  });
  await here.load('v1.12.11');
  const order = { image, stage: false, rebootMode: 'default', deadlineMs } as const;
  expect(await here.acting.admin.upgrade(target, order)).toMatchObject({ error: { code: 'image_unavailable' } });
  expect(await here.acting.admin.rollback(target, { deadlineMs })).toMatchObject({
    error: { code: 'failed' },
  });
});

test('a control plane is not upgraded while a member is away, unless preserve switches the check off', async () => {
  await here.load('v1.12.11');
  await here.world.cluster.setPower('cp-3', 'off');
  const image = await imageOf('cp-1', 'v1.12.12');
  const order = { image, stage: false, rebootMode: 'default', deadlineMs } as const;
  expect(await here.acting.admin.upgrade(here.acting.target('cp-1'), order)).toMatchObject({
    error: { code: 'etcd_not_ready', text: expect.stringMatching(/etcd member [0-9a-f]{16} is not healthy/) },
  });
  const raw = { image, preserve: true, stage: false, force: false, rebootMode: 'DEFAULT' } as const;
  expect(await here.world.to('cp-1', 'admin').call(machineChanges.upgrade, raw)).toHaveProperty('reply');
});
