import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileDataKeys } from '../lib/sealing/file-data-keys.ts';
import { unseal } from '../lib/sealing/sealed-file.ts';
import { dataFolder } from './local-store.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/** `medic unseal FILE --to FILE`: 0 when the content is whole, 1 when the file is not what was sealed. */
export const unsealCommand: Command = async (args) => {
  const { values, positionals } = readFlags(args, { to: { type: 'string' }, key: { type: 'string' } });
  const [file, ...more] = positionals;
  const { to, key = join(dataFolder(), 'sealing.key') } = values;
  if (file === undefined || to === undefined || more.length > 0)
    throw new UsageError('Say which file, and where its content goes: medic unseal FILE --to FILE.');
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  if (!existsSync(key)) throw new Error(`There is no key at ${key}. Say where it is with --key or MEDIC_DATA.`);
  if (existsSync(to)) throw new Error(`${to} is there already; nothing is written over it.`);
  const problem = await write(file, to, key);
  console.log(problem ?? `${to}: whole, as it was sealed. It holds secrets of the cluster; delete it after use.`);
  return problem === undefined ? 0 : 1;
};

/** The content appears under its name once all of it is proven. Returns why it does not. */
async function write(from: string, to: string, key: string): Promise<string | undefined> {
  const unfinished = `${to}.${randomUUID()}`;
  const out = await open(unfinished, 'wx', 0o600);
  try {
    const opened = await unseal(createReadStream(from), fileDataKeys(key), (content) => out.writeFile(content));
    if (!opened.ok) return opened.error;
    await out.sync();
    await link(unfinished, to);
    return undefined;
  } finally {
    await out.close();
    await rm(unfinished, { force: true });
  }
}
