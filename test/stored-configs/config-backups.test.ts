import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StoredConfigInfo } from '../../lib/actions/stored-config.ts';
import { backedUpConfigs, backupIndex, configBackups } from '../../lib/stored-configs/config-backups.ts';
import { fileShelf, fileSink } from '../../lib/stored-configs/file-objects.ts';
import { ensureKeyFiles, privateKeyFile, publicKeyFile } from '../../lib/stored-configs/key-files.ts';

const UUID = '4c4c4544-0042-3510-8052-b4c04f335931';
const CONFIG = 'version: v1alpha1\nmachine:\n  token: hunter2hunter2 # ü\n';
const SHA256 = createHash('sha256').update(CONFIG).digest('hex');
const taken = { cluster: 'prod', node: 'w-1', machineUuid: UUID, takenAt: '2026-02-20T00:00:00.000Z', text: CONFIG };

let keys: string;
let folder: string;
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'medic-keys-'));
  await ensureKeyFiles(keys);
});
afterAll(() => rm(keys, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medic-backups-'));
});
afterEach(() => rm(folder, { recursive: true }));

const writer = () => configBackups(fileSink(folder), publicKeyFile(keys));
const reader = (keyFolder = keys) => backedUpConfigs(fileShelf(folder), privateKeyFile(keyFolder));
async function stored(change: Partial<typeof taken> = {}): Promise<StoredConfigInfo> {
  const put = await writer().put({ ...taken, ...change });
  if (!put.ok) throw new Error(put.error);
  return put.value;
}
const fileOf = ({ id }: StoredConfigInfo) => join(folder, id.replace('backup:', ''));

describe('backups of machine configs', () => {
  test('come back byte for byte, and what is known of them is known without a key', async () => {
    const info = await stored();
    expect(info).toEqual({
      id: `backup:prod/w-1/20260220T000000.000Z_${UUID}_${SHA256}`,
      cluster: 'prod',
      node: 'w-1',
      machineUuid: UUID,
      takenAt: '2026-02-20T00:00:00.000Z',
      source: "Medic's backup",
      sha256: SHA256,
    });
    expect(await backupIndex(fileShelf(folder)).list('prod', 'w-1')).toEqual([info]);
    expect(await reader().read(info)).toEqual({ ok: true, value: CONFIG });
  });

  test('are listed newest first, each node and each cluster for itself', async () => {
    const ids: string[] = [];
    for (const day of ['20', '22', '21']) ids.push((await stored({ takenAt: `2026-02-${day}T00:00:00.000Z` })).id);
    await stored({ node: 'w-2' });
    await stored({ cluster: 'test' });
    await writeFile(join(folder, 'prod', 'w-1', 'notes.txt'), 'x');
    expect((await reader().list('prod', 'w-1')).map(({ id }) => id)).toEqual([ids[1], ids[2], ids[0]]);
    expect(await reader().list('../prod', 'w-1')).toEqual([]);
  });

  test('hold nothing that can be read without the private key', async () => {
    const bytes = await readFile(fileOf(await stored()), 'utf8');
    expect(bytes).not.toContain('hunter2');
    expect(Buffer.from(JSON.parse(bytes).data, 'base64').toString('latin1')).not.toContain('hunter2');
    const again = JSON.parse(await readFile(fileOf(await stored({ takenAt: '2026-02-21T00:00:00.000Z' })), 'utf8'));
    expect(again.data).not.toBe(JSON.parse(bytes).data);
  });

  test('are written without the private key, and not opened without it', async () => {
    const onlyPublic = await mkdtemp(join(tmpdir(), 'medic-keys-'));
    await cp(join(keys, 'config-backup-key.pub.pem'), join(onlyPublic, 'config-backup-key.pub.pem'));
    const put = await configBackups(fileSink(folder), publicKeyFile(onlyPublic)).put(taken);
    if (!put.ok) throw new Error(put.error);
    expect(await reader(onlyPublic).read(put.value)).toMatchObject({
      ok: false,
      error: expect.stringContaining('not there'),
    });
    expect(await reader().read(put.value)).toEqual({ ok: true, value: CONFIG });
    await rm(onlyPublic, { recursive: true });
  });

  test('do not open with another key', async () => {
    const other = await mkdtemp(join(tmpdir(), 'medic-keys-'));
    await ensureKeyFiles(other);
    expect(await reader(other).read(await stored())).toMatchObject({ error: expect.stringContaining('another key') });
    await rm(other, { recursive: true });
  });

  test('do not open under the name of another machine', async () => {
    const info = await stored();
    const other = { ...info, id: info.id.replace(UUID, UUID.replace('4c4c4544', '4c4c4545')) };
    await rename(fileOf(info), fileOf(other));
    expect(await reader().read(other)).toMatchObject({ ok: false });
    expect(await reader().read(info)).toMatchObject({
      ok: false,
      error: expect.stringContaining('not there any more'),
    });
  });

  test.for(['keyId', 'wrapped', 'iv', 'tag', 'data'])('do not open when %s was changed', async (field) => {
    const info = await stored();
    const sealed = JSON.parse(await readFile(fileOf(info), 'utf8'));
    const flipped = Buffer.from(sealed[field], 'base64');
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    await writeFile(fileOf(info), JSON.stringify({ ...sealed, [field]: flipped.toString('base64') }));
    const read = await reader().read(info);
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });

  test.for(['', '{}', 'null', '['.repeat(100_000), '{"format":"medic-config-2"}'])(
    '%.20s is no backup',
    async (content) => {
      const info = await stored();
      await writeFile(fileOf(info), content);
      expect(await reader().read(info)).toMatchObject({ error: expect.stringContaining('damaged') });
    },
  );

  test('are read by the very version that was named', async () => {
    const info = await stored();
    for (const wrong of [
      { ...info, sha256: 'a'.repeat(64) },
      { ...info, id: `backup:../${info.id}` },
      { ...info, id: info.id.replace('backup:', '') },
    ]) {
      expect(await reader().read(wrong)).toMatchObject({ ok: false, error: 'There is no such backup.' });
    }
  });

  test.for([{ machineUuid: 'junk' }, { node: '../w-1' }, { cluster: 'a/b' }, { node: '' }])(
    'refuse %o',
    async (change) => {
      expect(await writer().put({ ...taken, ...change })).toMatchObject({ ok: false });
      expect(await readdir(folder)).toEqual([]);
    },
  );
});

test('the keys are made once, and the private one is for its owner only', async () => {
  const path = join(keys, 'config-backup-key.pem');
  const before = await readFile(path, 'utf8');
  await ensureKeyFiles(keys);
  expect(await readFile(path, 'utf8')).toBe(before);
  expect((await stat(path)).mode & 0o077).toBe(0);
});
