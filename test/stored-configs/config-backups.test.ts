import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StoredConfigInfo } from '../../lib/actions/stored-config.ts';
import { fileDataKeys } from '../../lib/sealing/file-data-keys.ts';
import { seal } from '../../lib/sealing/sealed-file.ts';
import { backedUpConfigs, backupIndex, configBackups } from '../../lib/stored-configs/config-backups.ts';
import { fileShelf, fileSink } from '../../lib/stored-configs/file-objects.ts';

const UUID = '4c4c4544-0042-3510-8052-b4c04f335931';
const CONFIG = 'version: v1alpha1\nmachine:\n  token: hunter2hunter2 # ü\n';
const SHA256 = createHash('sha256').update(CONFIG).digest('hex');
const taken = { cluster: 'prod', node: 'w-1', machineUuid: UUID, takenAt: '2026-02-20T00:00:00.000Z', text: CONFIG };

let keys: string;
let folder: string;
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'medic-keys-'));
});
afterAll(() => rm(keys, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medic-backups-'));
});
afterEach(() => rm(folder, { recursive: true }));

const keyOf = (name = 'sealing.key') => fileDataKeys(join(keys, name));
const writer = () => configBackups(fileSink(folder), keyOf());
const reader = (key?: string) => backedUpConfigs(fileShelf(folder), keyOf(key));
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

  test('hold nothing that can be read, and never the same twice', async () => {
    const bytes = await readFile(fileOf(await stored()));
    expect(bytes.toString('latin1')).not.toContain('hunter2');
    const again = await readFile(fileOf(await stored({ takenAt: '2026-02-21T00:00:00.000Z' })));
    expect(again.subarray(-40)).not.toEqual(bytes.subarray(-40));
  });

  test('do not open with another key', async () => {
    expect(await reader('other.key').read(await stored())).toMatchObject({
      error: expect.stringContaining('wrapped by another key'),
    });
  });

  test.for([
    { why: 'machine', change: (name: string) => name.replace(UUID, UUID.replace('4c4c4544', '4c4c4545')) },
    { why: 'time', change: (name: string) => name.replace('20260220', '20260221') },
    { why: 'node', change: (name: string) => name.replace('/w-1/', '/w-2/') },
  ])('do not open under the name of another $why', async ({ change }) => {
    const info = await stored();
    const other = { ...info, id: change(info.id) };
    await mkdir(dirname(fileOf(other)), { recursive: true });
    await rename(fileOf(info), fileOf(other));
    expect(await reader().read(other)).toMatchObject({ error: 'The backup lies under the name of another one.' });
    expect(await reader().read(info)).toMatchObject({ error: 'The backup is not there any more.' });
  });

  test('are not taken from what was sealed for something else', async () => {
    const info = await stored();
    const use = { kind: 'etcd_snapshot', cluster: 'prod', node: 'w-1' } as const;
    const key = await keyOf().create(use);
    if (!key.ok) throw new Error(key.error);
    const sealing = seal(key.value, use);
    const name = info.id.replace('backup:', '');
    const content = sealing.add(Buffer.from(`${name}\n${CONFIG}`));
    await writeFile(fileOf(info), Buffer.concat([sealing.header, content, sealing.end()]));
    expect(await reader().read(info)).toMatchObject({ error: 'The backup lies under the name of another one.' });
  });

  test('do not open when any part of them was changed', async () => {
    const info = await stored();
    const bytes = await readFile(fileOf(info));
    for (const at of [2, 60, bytes.indexOf('\n') - 5, bytes.indexOf('\n') + 3, bytes.length - 3]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await writeFile(fileOf(info), changed);
      const read = await reader().read(info);
      expect(read).toMatchObject({ ok: false, error: expect.stringContaining('The backup does not open.') });
      expect(JSON.stringify(read)).not.toContain('hunter2');
    }
  });

  test.for(['', '{}', 'null', '['.repeat(100_000), '{}\n', 'x'.repeat(4 * 1024 * 1024 + 1)])(
    '%.20s is no backup',
    async (content) => {
      const info = await stored();
      await writeFile(fileOf(info), content);
      expect(await reader().read(info)).toMatchObject({ ok: false });
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
