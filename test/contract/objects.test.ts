import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileShelf, fileSink } from '../../lib/stored-configs/file-objects.ts';
import type { ObjectShelf, ObjectSink } from '../../lib/stored-configs/objects.ts';

/** What every place for backups has to do. A bucket is another row. */
const places: readonly { readonly name: string; readonly open: (folder: string) => [ObjectSink, ObjectShelf] }[] = [
  { name: 'files', open: (folder) => [fileSink(join(folder, 'objects')), fileShelf(join(folder, 'objects'))] },
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medic-objects-'));
});
afterEach(() => rm(folder, { recursive: true }));
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);

describe.for(places)('$name', ({ open }) => {
  test('what was put comes back, and only below its own folder, in the order of names', async () => {
    const [sink, shelf] = open(folder);
    for (const name of ['prod/w-1/2', 'prod/w-1/1', 'prod/w-10/1', 'test/w-1/1']) await sink.put(name, bytes(name));
    expect(await shelf.below('prod/w-1')).toEqual(['prod/w-1/1', 'prod/w-1/2']);
    expect(text(await shelf.get('prod/w-1/2'))).toBe('prod/w-1/2');
  });

  test('the first content of a name stays', async () => {
    const [sink, shelf] = open(folder);
    await sink.put('prod/w-1/1', bytes('first'));
    await sink.put('prod/w-1/1', bytes('second'));
    expect(text(await shelf.get('prod/w-1/1'))).toBe('first');
  });

  test('what was never put is not there', async () => {
    const [, shelf] = open(folder);
    expect(await shelf.get('prod/w-1/1')).toBeUndefined();
    expect(await shelf.below('prod/w-1')).toEqual([]);
  });

  test.for([
    '../secret',
    'prod/../../secret',
    '/etc/passwd',
    '',
    'prod//1',
    '.hidden',
    'prod/.x',
    'a\0b',
    `a/${'b'.repeat(300)}`,
  ])('the name "%s" leads nowhere', async (name) => {
    await writeFile(join(folder, 'secret'), 'x');
    const [sink, shelf] = open(folder);
    expect(await shelf.get(name)).toBeUndefined();
    expect(await shelf.below(name)).toEqual([]);
    await expect(sink.put(name, bytes('x'))).rejects.toThrow('no name of an object');
    expect(await readdir(folder)).toEqual(['secret']);
  });
});

test('files are readable by their owner only, and nothing unfinished is left', async () => {
  await fileSink(folder).put('prod/w-1/1', bytes('x'));
  expect((await stat(join(folder, 'prod', 'w-1', '1'))).mode & 0o077).toBe(0);
  expect(await readdir(join(folder, 'prod', 'w-1'))).toEqual(['1']);
});
