import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { err, ok, type Result } from '../result.ts';

/** A playbook is named as its file, so that one that cannot even be read has a name. */
export type PlaybookFile = { readonly name: string; readonly file: string };

/** `*.ts` of the folder itself, sorted. Tests, declarations and what lies in folders below belong to them. */
export function playbookFiles(folder: string): Result<readonly PlaybookFile[], string> {
  try {
    if (!statSync(folder).isDirectory()) return err(`${folder} is no folder`);
    const files = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => IS_PLAYBOOK.test(name));
    return ok(files.map(({ name }) => ({ name: basename(name, '.ts'), file: join(folder, name) })).sort(byName));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) return err(`there is no folder ${folder}`);
    return err(`${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const IS_PLAYBOOK = /^(?!.*\.(?:test|d)\.ts$).+\.ts$/;
const byName = (a: PlaybookFile, b: PlaybookFile): number => (a.name < b.name ? -1 : 1);
