import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { machineChanges as change, imageService } from '../../lib/talos/changing-methods.ts';
import { UPGRADE } from './acting.ts';
import { type Panel, panelOf } from './panel.ts';
import { createSchematic } from './schematics.ts';
import { type Simulated, simulate } from './simulated.ts';

/** What nodes meet when they pull from a factory that is not as usual, in the words of Talos and of containerd. */
let world: Simulated;
let panel: Panel;
beforeAll(async () => {
  world = await simulate();
  panel = await panelOf(world.cluster);
});
beforeEach(() => world.load('healthy'));
afterAll(async () => {
  panel.close();
  await world.end();
});

/** The schematic of workers: iscsi-tools and util-linux-tools. */
const WORKERS = '613e1592b2da41ae5e265e8789429f22e121aab91cb4deb6bc3c0b6262961245';
const NOBODYS = 'b'.repeat(64);
const own = () => world.cluster.world.factory.replace('http://', '');
const imageOf = (schematic: string, version = 'v1.13.10', registry = 'factory.talos.dev') =>
  `${registry}/metal-installer/${schematic}:${version}`;

const upgrade = (image: string) => world.to('w-1', 'admin').call(change.upgrade, { ...UPGRADE, image });
const pull = (imageRef: string) =>
  world.to('w-1', 'operator').frames(imageService.pull, {
    containerd: { driver: 'CRI', namespace: 'NS_SYSTEM' },
    imageRef,
  });
const get = async (path: string) => {
  const answer = await fetch(`${world.cluster.world.factory}${path}`, { redirect: 'manual' });
  return { status: answer.status, text: await answer.text(), location: answer.headers.get('location') };
};

/** Both ways to install ask the registry first, and say the same in their own words. */
async function expectUnresolved(image: string, cause: string): Promise<void> {
  const because = `failed to pull image "${image}": failed to resolve image: ${cause}`;
  const refused = { code: 2, text: `error validating installer image "${image}": ${because}` };
  expect(await upgrade(image)).toEqual(refused);
  const isMissing = cause.endsWith(': not found');
  const pulled = isMissing ? { code: 5, text: `error pulling image: ${because}` } : { code: 2, text: because };
  expect(await pull(image)).toEqual(pulled);
}

test('a schematic that the factory does not know, and a version that it does not build, are not found', async () => {
  for (const image of [imageOf(NOBODYS), imageOf(WORKERS, 'v1.13.99')])
    await expectUnresolved(image, `${image}: not found`);
  await world.load('factory: { versions: [v1.13.8, v1.13.9] }');
  await expectUnresolved(imageOf(WORKERS), `${imageOf(WORKERS)}: not found`);
  expect(await upgrade(imageOf(WORKERS, 'v1.13.8'))).toHaveProperty('reply');
});

test('an extension that there is not for the version: the schematic can be stored, its image cannot be had', async () => {
  await world.load('factory: { lacks: [siderolabs/util-linux-tools] }');
  const at = `https://factory.talos.dev/v2/metal-installer/${WORKERS}/manifests/v1.13.10`;
  await expectUnresolved(imageOf(WORKERS), `unexpected status from HEAD request to ${at}: 400 Bad Request`);
  expect(await get(`/v2/metal-installer/${WORKERS}/manifests/v1.13.10`)).toMatchObject({
    status: 400,
    text: 'official extension "siderolabs/util-linux-tools" is not available for Talos version v1.13.10\n',
  });
});

test.for<[fault: string, cause: (host: string, path: string) => string]>([
  [
    'down',
    (host, path) => `failed to do request: Head "http://${host}${path}": dial tcp ${host}: connect: connection refused`,
  ],
  ['fail', (host, path) => `unexpected status from HEAD request to http://${host}${path}: 500 Internal Server Error`],
  ['refuse', (host, path) => `unexpected status from HEAD request to http://${host}${path}: 400 Bad Request`],
])('%s, by scenario: nothing is pulled, and nothing of it stays after the next scenario', async ([fault, cause]) => {
  await world.load(`factory: { fault: { fault: ${fault} } }`);
  const image = imageOf(WORKERS, 'v1.13.10', own());
  await expectUnresolved(image, cause(own(), `/v2/metal-installer/${WORKERS}/manifests/v1.13.10`));
  await world.load('healthy');
  expect(await get('/versions')).toMatchObject({ status: 200, text: expect.stringContaining('"v1.13.10"') });
  expect(await upgrade(image)).toHaveProperty('reply');
});

test('a fault of one answer leaves the others, and the panel can set and lift it', async () => {
  const set = async (body: unknown) => (await panel.post('/factory', body)).status;
  expect(await set({ fault: 'fail', of: 'schematics' })).toBe(200);
  expect(await panel.state()).toMatchObject({ factory: { fault: { fault: 'fail', of: 'schematics' } } });
  expect((await get(`/schematics/${WORKERS}`)).status).toBe(500);
  expect((await get('/versions')).status).toBe(200);
  expect(await pull(imageOf(WORKERS))).toHaveProperty('reply');
  expect(await set({ fault: 'malformed' })).toBe(200);
  expect(await get('/versions')).toMatchObject({ status: 200, text: expect.stringContaining('<html>') });
  expect(await set({ fault: 'slow', delay: '10ms' })).toBe(200);
  expect((await get('/versions')).text).toContain('"v1.13.10"');
  expect(await set({ fault: 'none' })).toBe(200);
  expect((await get(`/schematics/${WORKERS}`)).status).toBe(200);
  for (const wrong of [{ fault: 'gone' }, { fault: 'down', of: 'images' }, { fault: 'fail', delay: '3s' }]) {
    expect(await set(wrong)).toBe(400);
  }
});

test('a factory that did not build the images of the nodes knows none of their schematics', async () => {
  await world.load('factory: { schematics: unknown }');
  expect(await get(`/schematics/${WORKERS}`)).toMatchObject({ status: 404, text: 'schematic not found\n' });
  await world.load('healthy');
  expect((await get(`/schematics/${WORKERS}`)).text).toContain('- siderolabs/iscsi-tools');
});

test('a tag means a digest, by which the same image can be pulled', async () => {
  const { status, location } = await get(`/v2/metal-installer/${WORKERS}/manifests/v1.13.10`);
  const digest = /sha256:[0-9a-f]{64}$/.exec(location ?? '')?.[0];
  expect([status, location]).toEqual([307, `http://${own()}/v2/metal-installer/${WORKERS}/manifests/${digest}`]);
  const pulled = await pull(imageOf(WORKERS));
  const name = 'reply' in pulled ? pulled.reply.at(-1)?.name : pulled.text;
  expect(name).toBe(`factory.talos.dev/metal-installer/${WORKERS}@${digest}`);
  const again = await pull(`${imageOf(WORKERS)}@${digest}`);
  expect('reply' in again && again.reply.at(-1)?.name).toBe(`${imageOf(WORKERS)}@${digest}`);
});

test('where it is and what it knows outlive its process', async () => {
  const { factory } = world.cluster.world;
  const id = await createSchematic(world, 'customization: { extraKernelArgs: [quiet] }');
  await world.restart();
  expect(world.cluster.world.factory).toBe(factory);
  expect((await get(`/schematics/${id}`)).text).toContain('- quiet');
});
