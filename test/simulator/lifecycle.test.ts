import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { machineChanges as change, imageService, lifecycleService } from '../../lib/talos/changing-methods.ts';
import type { LifecycleServiceUpgradeResponse } from '../../lib/talos/generated/machine/lifecycle.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { REBOOT } from './acting.ts';
import { type Simulated, simulate } from './simulated.ts';
import { type Identity, type Seen, until } from './talos-calls.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
beforeEach(() => world.load('healthy'));
afterAll(() => world.end());

const SYSTEM = { driver: 'CRI', namespace: 'NS_SYSTEM' } as const;
const IMAGE = 'ghcr.io/siderolabs/installer:v1.13.10';
const pull = (more: { containerd?: typeof SYSTEM; imageRef?: string } = {}, identity: Identity = 'operator') =>
  world.to('w-1', identity).frames(imageService.pull, { containerd: SYSTEM, imageRef: IMAGE, ...more });
async function pulledName(imageRef = IMAGE): Promise<string> {
  const seen = await pull({ imageRef });
  return 'reply' in seen ? (seen.reply.at(-1)?.name ?? '') : seen.text;
}
const upgrade = (
  imageName: string,
  enough?: (frames: readonly LifecycleServiceUpgradeResponse[]) => boolean,
  containerd: { driver: 'CRI' | 'CONTAINERD'; namespace: 'NS_SYSTEM' | 'NS_CRI' | 'NS_UNKNOWN' } = SYSTEM,
) => world.to('w-1', 'admin').frames(lifecycleService.upgrade, { containerd, source: { imageName } }, enough);
const exitCode = (seen: Seen<LifecycleServiceUpgradeResponse[]>) =>
  'reply' in seen ? seen.reply.at(-1)?.progress?.exitCode : seen;
const version = async () => {
  const seen = await world.to('w-1', 'reader', { deadlineMs: 700 }).call(m.version, {});
  return 'reply' in seen ? seen.reply.messages[0]?.version?.tag : undefined;
};
/** The other boot entry is written, and the one to fall back to is noted. */
const isInstalled = async () => {
  const seen = await world.to('w-1', 'reader').list('runtime', 'MetaKeys.runtime.talos.dev');
  if (!('reply' in seen)) throw new Error(seen.text);
  return '0x06' in seen.reply;
};

test('pulled, installed, and in effect after the next boot: three calls, and the third is a reboot', async () => {
  const before = world.cluster.journal().length;
  const pulled = await pull();
  const frames = 'reply' in pulled ? pulled.reply : [];
  const layers = frames.map(({ pullProgress }) => pullProgress?.progress?.status);
  expect(layers).toEqual([
    ...['DOWNLOADING', 'DOWNLOADING', 'DOWNLOAD_COMPLETE', 'DOWNLOAD_COMPLETE'],
    ...['EXTRACT_COMPLETE', 'EXTRACT_COMPLETE', undefined],
  ]);
  const name = frames.at(-1)?.name ?? '';
  expect(name).toMatch(/^ghcr\.io\/siderolabs\/installer@sha256:[0-9a-f]{64}$/);

  const installed = await upgrade(name);
  const messages = 'reply' in installed ? installed.reply.map(({ progress }) => progress?.message ?? '') : [];
  expect(messages.join('')).toBe('running Talos installer v1.13.10\ninstallation complete\n');
  expect(exitCode(installed)).toBe(0);
  expect(await version()).toBe('v1.13.9');
  expect(await world.stage('w-1')).toBe('running');
  await world.to('w-1', 'operator').call(change.reboot, REBOOT);
  await until(version, (tag) => tag === 'v1.13.10');
  expect(world.cluster.journal().slice(before)).toMatchObject([
    { method: 'ImageService.Pull', request: { image: IMAGE, ...SYSTEM }, outcome: 'accepted' },
    { method: 'LifecycleService.Upgrade', request: { image: name, ...SYSTEM }, outcome: 'accepted' },
    { method: 'Reboot', outcome: 'accepted' },
  ]);
  await until(
    () => world.stage('w-1'),
    (stage) => stage === 'running',
  );
  // the entry before is still there
  expect(await world.to('w-1', 'admin').call(change.rollback, {})).toHaveProperty('reply');
  await until(version, (tag) => tag === 'v1.13.9');
});

test('an image that is there is not pulled again; one that is nowhere is not found', async () => {
  await pulledName();
  const again = await pull();
  const statuses = 'reply' in again ? again.reply.map(({ pullProgress }) => pullProgress?.progress?.status) : [];
  expect(statuses).toEqual(['ALREADY_EXISTS', 'ALREADY_EXISTS', undefined]);
  expect(await pull({ imageRef: 'ghcr.io/siderolabs/installer:v1.14.0' })).toMatchObject({
    code: 5,
    text: expect.stringContaining('error pulling image: '),
  });
});

test.for([
  [{ driver: 'CONTAINERD', namespace: 'NS_CRI' }, 'cannot use CRI namespace with containerd driver'],
  [{ driver: 'CRI', namespace: 'NS_UNKNOWN' }, 'invalid containerd namespace NS_UNKNOWN'],
] as const)('an instance that there is not: %j', async ([containerd, text]) => {
  const request = { containerd, imageRef: IMAGE };
  expect(await world.to('w-1', 'operator').frames(imageService.pull, request)).toEqual({ code: 3, text });
  const wrapped = `upgrade failed: rpc error: code = InvalidArgument desc = ${text}`;
  expect(await upgrade('any', undefined, containerd)).toEqual({ code: 13, text: wrapped });
});

test('an image is known under its names and in its instance only', async () => {
  const missing = (name: string) => ({
    code: 13,
    text: `upgrade failed: installer image "${name}" not found in containerd store: image "${name}": not found`,
  });
  expect(await upgrade(IMAGE)).toEqual(missing(IMAGE));
  const name = await pulledName();
  const other = { driver: 'CONTAINERD', namespace: 'NS_SYSTEM' } as const;
  expect(await upgrade(name, undefined, other)).toEqual(missing(name));
  expect(await upgrade('')).toEqual({ code: 3, text: 'installer image name is required' });
});

test('one installer at a time; closing the stream ends it and changes nothing', async () => {
  const name = await pulledName();
  world.cluster.setFactor(1);
  const first = await upgrade(name, (frames) => frames.length === 1);
  expect(first).toHaveProperty('reply');
  let second: Promise<unknown> = Promise.resolve();
  const begins = () =>
    new Promise<boolean>((resolve, reject) => {
      second = upgrade(name, () => {
        resolve(true);
        return false;
      });
      second.then(() => resolve(false), reject);
    });
  await until(begins, (hasBegun) => hasBegun); // as soon as the node has heard that the first caller is gone
  expect(await isInstalled()).toBe(false);
  expect(await upgrade(name)).toEqual({ code: 9, text: 'another installation/upgrade is already in progress' });
  world.cluster.setFactor(30);
  await second;
  expect(await isInstalled()).toBe(true);
});

test('an installer that gives up is an exit code, not an error of the call', async () => {
  const seen = await upgrade(await pulledName('ghcr.io/siderolabs/installer:v1.10.7'));
  const messages = 'reply' in seen ? seen.reply.map(({ progress }) => progress?.message ?? '').join('') : '';
  expect(messages).toContain('host version 1.13.9 is too new to downgrade to Talos 1.10.7');
  expect(exitCode(seen)).toBe(1);
  expect(await isInstalled()).toBe(false);
});

test('no system disk, no upgrade', async () => {
  await world.load('nodes: { w-1: { systemDisk: { partitions: { META: absent } } } }');
  expect(await upgrade('any')).toEqual({ code: 9, text: 'machine is not installed' });
});

test('up to 1.12 there is no such service, whoever asks', async () => {
  await world.load('version: v1.12.11');
  const none = (service: string) => ({ code: 12, text: `unknown service machine.${service}` });
  expect(await pull({}, 'reader')).toEqual(none('ImageService'));
  expect(await upgrade(IMAGE)).toEqual(none('LifecycleService'));
});
