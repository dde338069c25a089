import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newestOf } from '../../lib/actions/stored-config.ts';
import { allSources } from '../../lib/stored-configs/all-sources.ts';
import { folderConfigs } from '../../lib/stored-configs/folder-configs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medic-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
async function put(version: string, text: string, change: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const says = { cluster: 'prod', node: version.split('@')[0], machineUuid: 'u1', takenAt: '2026-02-20T00:00:00.000Z' };
  await writeFile(join(folder, `${version}.yaml`), text);
  await writeFile(
    join(folder, `${version}.json`),
    JSON.stringify({ ...says, source: 'a', sha256: sha256(text), ...change }),
  );
}

describe('a folder of machine configs', () => {
  test('lists the versions of a node, newest first, and reads each by its name', async () => {
    await put('w-1', 'new', { takenAt: '2026-02-21T00:00:00.000Z' });
    await put('w-1@before-upgrade', 'old');
    await put('w-10', 'other');
    const configs = folderConfigs(folder);
    const versions = await configs.list('prod', 'w-1');
    expect(versions.map(({ id }) => id)).toEqual(['folder:w-1', 'folder:w-1@before-upgrade']);
    expect(await Promise.all(versions.map((version) => configs.read(version)))).toEqual([
      { ok: true, value: 'new' },
      { ok: true, value: 'old' },
    ]);
  });

  test('does not list what nothing is known of, or what belongs elsewhere', async () => {
    await writeFile(join(folder, 'w-1.yaml'), 'no sidecar');
    await put('w-1@elsewhere', 'x', { cluster: 'test' });
    await put('w-1@other', 'x', { node: 'w-2' });
    await put('w-1@nonsense', 'x', { sha256: 'x' });
    await put('w-1@undated', 'x', { takenAt: 'yesterday' });
    await writeFile(join(folder, 'w-1@broken.json'), '{');
    expect(await folderConfigs(folder).list('prod', 'w-1')).toEqual([]);
    expect(await folderConfigs(join(folder, 'not-there')).list('prod', 'w-1')).toEqual([]);
  });

  test('refuses a config that was changed, or is gone, or lies elsewhere', async () => {
    await put('w-1', 'text');
    const configs = folderConfigs(folder);
    const version = { id: 'folder:w-1', sha256: sha256('text') };
    await writeFile(join(folder, 'w-1.yaml'), 'changed');
    expect(await configs.read(version)).toMatchObject({ error: expect.stringContaining('another SHA-256') });
    await rm(join(folder, 'w-1.yaml'));
    expect(await configs.read(version)).toMatchObject({ error: expect.stringContaining('not there any more') });
    expect(await configs.read({ ...version, id: 'folder:../w-1' })).toMatchObject({ ok: false });
    expect(await configs.list('prod', '../w-1')).toEqual([]);
  });
});

test('several sources are one list by time, and each version is read from its own', async () => {
  await put('w-1', 'new', { takenAt: '2026-02-22T00:00:00.000Z' });
  const info = { cluster: 'prod', node: 'w-1', machineUuid: 'u1', source: 'b', sha256: 'b'.repeat(64) };
  const backup = {
    list: async () => [{ ...info, id: 'backup:x', takenAt: '2026-02-21T00:00:00.000Z' }],
    read: async () => ({ ok: true, value: 'from the backup' }) as const,
  };
  const all = allSources({ folder: folderConfigs(folder), backup });
  const versions = await all.list('prod', 'w-1');
  expect(versions.map(({ id }) => id)).toEqual(['folder:w-1', 'backup:x']);
  expect(await Promise.all(versions.map((version) => all.read(version)))).toEqual([
    { ok: true, value: 'new' },
    { ok: true, value: 'from the backup' },
  ]);
  expect(await all.read({ id: 'bucket:x', sha256: '' })).toMatchObject({ ok: false });
});

test('the newest version of this very machine is offered, not that of another one of its name', () => {
  const version = (id: string, machineUuid: string) => ({
    ...{ id, machineUuid, cluster: 'prod', node: 'w-1', takenAt: '', source: '', sha256: '' },
  });
  const versions = [version('c', 'other'), version('b', 'MINE'), version('a', 'mine')];
  expect(newestOf(versions, 'mine')?.id).toBe('b');
  expect(newestOf(versions, 'nobody')?.id).toBe('c');
  expect(newestOf(versions, undefined)?.id).toBe('c');
  expect(newestOf([], 'mine')).toBeUndefined();
});
