import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineService as m } from '../../lib/talos/methods.ts';
import { type Simulated, simulate } from './simulated.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
  await world.load('version: v1.10.7');
});
afterAll(() => world.end());

const list = async (root: string, more: { recurse?: boolean; recursionDepth?: number; node?: string } = {}) => {
  const request = { root, recurse: more.recurse ?? false, recursionDepth: more.recursionDepth ?? 0, types: [] };
  return await world.to(more.node ?? 'w-1', 'reader').frames(m.list, request);
};
const names = async (...asked: Parameters<typeof list>): Promise<readonly string[]> => {
  const seen = await list(...asked);
  return 'reply' in seen ? seen.reply.map(({ relativeName }) => relativeName) : [seen.text];
};

test('/sys/module has a directory for every module, loaded or part of the kernel', async () => {
  const seen = await list('/sys/module');
  const frames = 'reply' in seen ? seen.reply : [];
  expect(frames.every(({ isDir }) => isDir)).toBe(true);
  expect(frames[0]).toMatchObject({ name: '/sys/module', relativeName: '.', mode: 0x80000000 + 0o755 });
  const found = frames.map(({ relativeName }) => relativeName);
  expect(found).toEqual(expect.arrayContaining(['ixgbe', 'libiscsi', 'megaraid_sas', 'nvme', 'xfs']));
  expect(found).toEqual([...found].sort());
  expect(found).not.toContain('nbd');
  expect(await names('/sys/module', { node: 'cp-1' })).not.toContain('ixgbe');
});

test('a slash at the end or none in front names the same folder', async () => {
  expect(await names('/sys/module/')).toEqual(await names('sys/module'));
});

test('recursion goes as deep as it is told', async () => {
  expect(await names('/sys/module/libiscsi')).toEqual(['.', 'coresize', 'holders', 'initstate', 'refcnt', 'uevent']);
  expect(await names('/sys/module/libiscsi', { recurse: true })).toEqual([
    '.',
    'coresize',
    'holders',
    'holders/libiscsi_tcp',
    'initstate',
    'refcnt',
    'uevent',
  ]);
  expect(await names('/sys/module', { recurse: true, recursionDepth: 2 })).toContain('libiscsi/holders');
  expect(await names('/sys/module', { recurse: true, recursionDepth: 2 })).not.toContain(
    'libiscsi/holders/libiscsi_tcp',
  );
});

test('one file is named without its folder; a path that is not there is an error of the call', async () => {
  expect(await names('/etc/os-release')).toEqual(['os-release']);
  expect(await list('/sys/module/nbd')).toEqual({ code: 2, text: 'lstat /sys/module/nbd: no such file or directory' });
  expect(await list('/etc/hosts/x')).toEqual({ code: 2, text: 'lstat /etc/hosts/x: not a directory' });
});

const usage = async (paths: readonly string[], more: { recursionDepth?: number; all?: boolean } = {}) => {
  const request = { recursionDepth: more.recursionDepth ?? 0, all: more.all ?? false, threshold: '0', paths };
  const seen = await world.to('cp-1', 'reader').frames(m.diskUsage, request);
  return 'reply' in seen ? seen.reply : [];
};

test('disk usage of /var agrees with what is used on its mount, and names folders down to the depth asked for', async () => {
  const [whole, ...others] = await usage(['/var'], { recursionDepth: 1 });
  expect(others).toEqual([]);
  expect(whole).toMatchObject({ name: '/var', relativeName: '.', error: '' });
  const mounts = await world.to('cp-1', 'reader').call(m.mounts, {});
  const stats = 'reply' in mounts ? mounts.reply.messages[0]?.stats : undefined;
  const mount = stats?.find(({ mountedOn }) => mountedOn === '/var');
  const usedBytes = Number(mount?.size) - Number(mount?.available);
  expect(Number(whole?.size) / usedBytes).toBeCloseTo(1, 3);
  const two = await usage(['/var'], { recursionDepth: 2 });
  expect(two.map(({ name }) => name)).toEqual(['/var/log', '/var/lib', '/var']);
  const files = await usage(['/var/lib/etcd'], { all: true });
  expect(files.map(({ name }) => name)).toContain('/var/lib/etcd/member/snap/db');
});

test('disk usage tells a path that is not there in a frame, and looks at the first path only', async () => {
  expect(await usage(['/nope', '/var'])).toMatchObject([
    { name: '/nope', error: 'lstat /nope: no such file or directory' },
  ]);
});
