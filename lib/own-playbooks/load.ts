import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { isBuiltIn } from '../playbooks/built-in.ts';
import { err, ok, type Result } from '../result.ts';
import { compile } from './compile.ts';
import { type PlaybookFile, playbookFiles } from './folder.ts';
import { askPlaybook, type Compiled, type Shape } from './run.ts';
import { smokeLooks } from './smoke-looks.ts';

export type Refused = PlaybookFile & { readonly because: string };
export type Loaded = { readonly playbooks: readonly Compiled[]; readonly refused: readonly Refused[] };

export const nothingLoaded: Loaded = { playbooks: [], refused: [] };

/**
 * Compiles and tries every playbook of a folder; a faulty one is refused and disables nothing else. For `npm start`,
 * `medic` and whoever packages Medic: what comes back is JSON, and `ownPlaybooks` runs it without a compiler.
 */
export async function loadPlaybooks(folder: string): Promise<Result<Loaded, string>> {
  const files = playbookFiles(folder);
  if (!files.ok) return files;
  const tried = await Promise.all(files.value.map(async (file) => ({ file, loaded: await load(file) })));
  return ok({
    playbooks: tried.flatMap(({ loaded }) => (loaded.ok ? [loaded.value] : [])),
    refused: tried.flatMap(({ file, loaded }) => (loaded.ok ? [] : [{ ...file, because: loaded.error }])),
  });
}

async function load(playbook: PlaybookFile): Promise<Result<Compiled, string>> {
  const { name, file } = playbook;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    return err(`${file}: its name is no kebab-case, such as disk-is-hot.ts`);
  if (isBuiltIn(name)) return err(`${file}: Medic has a playbook of this name; give it another one`);
  const script = await compile(playbook);
  if (!script.ok) return script;
  const compiled: Compiled = { ...playbook, ...script.value };
  const asked = await askPlaybook(compiled, smokeLooks());
  if (!asked.ok) return asked;
  const { is, answers } = asked.value;
  const odd = oddIn(playbook, is) ?? answers.find((answer) => !answer.ok)?.error;
  if (odd !== undefined) return err(odd);
  return withPage(compiled, is.page);
}

function oddIn({ name, file }: PlaybookFile, { kind, name: given, diagnose }: Shape): string | undefined {
  if (kind !== 'object') return `${file}: it exports no playbook; write "export const playbook: Playbook = { … }"`;
  if (given !== name) return `${file}: its name is ${JSON.stringify(given)}, and has to be that of its file, "${name}"`;
  return diagnose === 'function' ? undefined : `${file}: its diagnose is no function`;
}

const MAX_PAGE_BYTES = 64 * 1024;

function withPage(compiled: Compiled, page: unknown): Result<Compiled, string> {
  const { file } = compiled;
  if (page === undefined) return ok(compiled);
  const refused = (says: string) => err(`${file}: its page ${JSON.stringify(page)} ${says}`);
  if (typeof page !== 'string') return refused('is neither an address nor a file');
  if (/^https?:\/\//.test(page)) {
    return URL.canParse(page) ? ok({ ...compiled, page: { address: page } }) : refused('is no address');
  }
  const path = resolve(dirname(file), page);
  if (!page.endsWith('.md') || relative(dirname(file), path).startsWith('..')) {
    return refused('is neither an address (https://…) nor a Markdown file of this folder (./….md)');
  }
  try {
    const markdown = readFileSync(path, 'utf8');
    return markdown.length > MAX_PAGE_BYTES
      ? refused(`is longer than ${MAX_PAGE_BYTES} bytes`)
      : ok({ ...compiled, page: { markdown } });
  } catch {
    return refused('cannot be read');
  }
}
