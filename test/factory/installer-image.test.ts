import { expect, test } from 'vitest';
import {
  bringsKernelArgs,
  type InstallerWanted,
  installerImage,
  parseInstallerImage,
} from '../../lib/factory/installer-image.ts';
import { ok } from '../../lib/result.ts';

const ID = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const DIGEST = `sha256:${'d'.repeat(64)}`;
const WANTED: InstallerWanted = {
  registry: 'factory.talos.dev',
  platform: 'metal',
  secureBoot: false,
  schematic: ID,
  version: 'v1.13.9',
};

test.for<[changed: Partial<InstallerWanted>, image: string]>([
  [{}, `factory.talos.dev/metal-installer/${ID}:v1.13.9`],
  [{ secureBoot: true }, `factory.talos.dev/metal-installer-secureboot/${ID}:v1.13.9`],
  [{ platform: 'digital-ocean' }, `factory.talos.dev/digital-ocean-installer/${ID}:v1.13.9`],
  [{ registry: '127.0.0.1:4711' }, `127.0.0.1:4711/metal-installer/${ID}:v1.13.9`],
  [{ version: 'v1.10.0', platform: 'hcloud' }, `factory.talos.dev/hcloud-installer/${ID}:v1.10.0`],
  [{ version: 'v1.9.6', platform: 'hcloud' }, `factory.talos.dev/installer/${ID}:v1.9.6`],
  [{ version: 'v1.9.6', secureBoot: true }, `factory.talos.dev/installer-secureboot/${ID}:v1.9.6`],
  [{ version: 'v1.9.6', platform: 'equinixMetal' }, `factory.talos.dev/installer/${ID}:v1.9.6`],
])('with %o the installer is %s', ([changed, image]) => {
  expect(installerImage({ ...WANTED, ...changed })).toEqual(ok(image));
});

test.for<[changed: Partial<InstallerWanted>, says: string]>([
  [{ platform: 'equinixMetal' }, 'no installer image for the platform "equinixMetal"'],
  [{ platform: '' }, 'no installer image for the platform ""'],
  [{ platform: 'container' }, 'runs in a container'],
  [{ schematic: '37656' }, 'not one of Image Factory'],
  [{ version: '1.13.9' }, '"1.13.9" is no version'],
  [{ version: 'vlatest' }, '"vlatest" is no version'],
])('with %o there is none', ([changed, says]) => {
  expect(installerImage({ ...WANTED, ...changed })).toEqual({ ok: false, error: expect.stringContaining(says) });
});

const PLAIN = { platform: undefined, secureBoot: false, schematic: undefined, tag: undefined, digest: undefined };
test.for<[image: string, says: object | undefined]>([
  ['ghcr.io/siderolabs/installer:v1.9.6', { ...PLAIN, registry: 'ghcr.io', tag: 'v1.9.6' }],
  [`ghcr.io/siderolabs/installer@${DIGEST}`, { ...PLAIN, registry: 'ghcr.io', digest: DIGEST }],
  [
    `factory.talos.dev/metal-installer-secureboot/${ID}:v1.13.9@${DIGEST}`,
    {
      registry: 'factory.talos.dev',
      platform: 'metal',
      secureBoot: true,
      schematic: ID,
      tag: 'v1.13.9',
      digest: DIGEST,
    },
  ],
  [
    `localhost:5000/mirror/digital-ocean-installer/${ID}:v1.13.9`,
    { ...PLAIN, registry: 'localhost:5000', platform: 'digital-ocean', schematic: ID, tag: 'v1.13.9' },
  ],
  [`factory.talos.dev/installer/${ID}`, { ...PLAIN, registry: 'factory.talos.dev', schematic: ID }],
  ['ghcr.io/siderolabs/imager:v1.13.9', undefined],
  ['siderolabs/installer:v1.9.6', undefined],
  [`factory.talos.dev/${ID}:v1.13.9`, undefined],
  ['installer', undefined],
])('%s is read as %o', ([image, says]) => {
  expect(parseInstallerImage(image)).toEqual(says);
});

test('kernel arguments of a schematic are in installers from 1.10 on, and in those for Secure Boot', () => {
  expect([
    bringsKernelArgs('v1.10.0', false),
    bringsKernelArgs('v1.9.6', false),
    bringsKernelArgs('v1.9.6', true),
  ]).toEqual([true, false, true]);
});
