import { afterAll, beforeAll, expect, test } from 'vitest';
import { createImageFactory } from '../../lib/factory/client.ts';
import type { ImageFactory } from '../../lib/factory/image-factory.ts';
import { installerImage } from '../../lib/factory/installer-image.ts';
import { extensionsOf, type Schematic } from '../../lib/factory/schematic.ts';
import { serveFactory } from '../../simulator/factory/factory-server.ts';
import { newFactory, urlOf } from '../../simulator/factory/factory-state.ts';

/**
 * What Medic relies on of an Image Factory, asked of the simulated one; of a real one with
 * `MEDIC_TEST_IMAGE_FACTORY=https://factory.talos.dev`, which then stores two schematics and builds three images.
 */
// biome-ignore lint/style/noProcessEnv: chosen from outside, as a network is needed for it
const real = process.env['MEDIC_TEST_IMAGE_FACTORY'];
const BUILD_MS = real === undefined ? 5_000 : 300_000;

let factory: ImageFactory;
let stop = async () => {};
beforeAll(async () => {
  const state = newFactory();
  const served =
    real === undefined
      ? await serveFactory(
          () => state,
          () => {},
        )
      : undefined;
  stop = async () => served?.close();
  factory = createImageFactory({ url: real ?? urlOf(state), deadlineMs: 20_000, buildDeadlineMs: BUILD_MS });
});
afterAll(() => stop());

const STORAGE: Schematic = {
  customization: {
    systemExtensions: { officialExtensions: ['siderolabs/iscsi-tools', 'siderolabs/util-linux-tools'] },
  },
};
const STORAGE_ID = '613e1592b2da41ae5e265e8789429f22e121aab91cb4deb6bc3c0b6262961245';
const NOBODYS_ID = 'a'.repeat(64);
const create = async (schematic: Schematic) => {
  const created = await factory.create(schematic);
  if (!created.ok) throw new Error(created.error.text);
  return created.value;
};
const imageOf = (schematic: string, version: string, secureBoot = false) => {
  const { registry } = factory;
  const image = installerImage({ registry, platform: 'metal', secureBoot, schematic, version });
  if (!image.ok) throw new Error(image.error);
  return image.value;
};

test('a schematic has the same id for everybody, however often it is stored, and is what was stored', async () => {
  expect((await create(STORAGE)).id).toBe(STORAGE_ID);
  expect((await create(STORAGE)).id).toBe(STORAGE_ID);
  const read = await factory.schematic(STORAGE_ID);
  expect(read.ok && extensionsOf(read.value)).toEqual(['siderolabs/iscsi-tools', 'siderolabs/util-linux-tools']);
});

test('an id that nobody stored is not found', async () => {
  expect(await factory.schematic(NOBODYS_ID)).toMatchObject({ error: { code: 'not_found' } });
  expect(await factory.installer(imageOf(NOBODYS_ID, 'v1.10.0'))).toMatchObject({ error: { code: 'not_found' } });
});

test('a schematic with a key that the factory does not know is refused', async () => {
  const refused = await factory.create({ customization: {}, tuning: { level: 1 } });
  expect(refused).toMatchObject({ error: { code: 'refused', text: expect.stringContaining('tuning') } });
});

test('it says which versions it builds, older ones first', async () => {
  const versions = await factory.versions();
  if (!versions.ok) throw new Error(versions.error.text);
  const at = ['v1.8.0', 'v1.10.0', 'v1.13.0'].map((version) => versions.value.indexOf(version));
  expect(at).not.toContain(-1);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
});

test('it says which extensions there are for a version, and knows none for a version that there is not', async () => {
  const offered = await factory.extensions('v1.10.0');
  expect(offered.ok && offered.value.find(({ name }) => name === 'siderolabs/iscsi-tools')).toMatchObject({
    ref: expect.stringMatching(/^ghcr\.io\/siderolabs\/iscsi-tools:v0\./),
    version: expect.stringMatching(/^v0\.\d+\.\d+$/),
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  });
  const zfs = offered.ok && offered.value.find(({ name }) => name === 'siderolabs/zfs');
  expect(zfs).toMatchObject({ version: expect.stringMatching(/-v1\.10\.0$/) });
  expect(await factory.extensions('v1.10.99')).toMatchObject({ error: { code: 'not_found' } });
});

test('an installer by platform, an older one, and one by digest: all are there', {
  timeout: 4 * BUILD_MS,
}, async () => {
  await create(STORAGE);
  const images = [imageOf(STORAGE_ID, 'v1.10.0'), imageOf(STORAGE_ID, 'v1.9.0'), imageOf(STORAGE_ID, 'v1.10.0', true)];
  const digests = new Set<string | undefined>();
  for (const image of images) {
    const found = await factory.installer(image);
    expect([image, found]).toEqual([image, { ok: true, value: { digest: expect.stringMatching(/^sha256:/) } }]);
    if (found.ok) digests.add(found.value.digest);
  }
  expect(digests.size).toBe(3);
  const [digest] = digests;
  expect(await factory.installer(`${images[0]}@${digest}`)).toEqual({ ok: true, value: { digest } });
});

test('an installer of a version that there is not, or with an extension that there is not, cannot be had', async () => {
  const { id } = await create({ customization: { systemExtensions: { officialExtensions: ['siderolabs/nothing'] } } });
  expect(await factory.installer(imageOf(id, 'v1.10.0'))).toMatchObject({
    error: { code: 'refused', text: expect.stringContaining('"siderolabs/nothing" is not available') },
  });
  expect(await factory.installer(imageOf(STORAGE_ID, 'v1.10.99'))).toMatchObject({ error: { code: 'not_found' } });
});
