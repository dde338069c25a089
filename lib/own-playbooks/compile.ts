import { realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { type BuildFailure, build, type Message, type Plugin } from 'esbuild';
import { projectFile } from '../project-file.ts';
import { err, ok, type Result } from '../result.ts';
import type { PlaybookFile } from './folder.ts';

/** What authors import. It leads to the sources, so that the types in their editor are those that Medic runs with. */
const CONTRACT = 'talos-medic/playbook';

export type Script = { readonly script: string; readonly sourceMap: string };

/** One TypeScript file with what it imports from its own folder, as a script; or the place and the reason. */
export async function compile({ file }: PlaybookFile): Promise<Result<Script, string>> {
  try {
    const built = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'own',
      platform: 'neutral',
      target: 'node20',
      sourcemap: 'external',
      sourcesContent: false,
      outdir: dirname(file),
      tsconfigRaw: '{}',
      logLevel: 'silent',
      plugins: [onlyOwnFiles(realpathSync(dirname(file)))],
    });
    const [sourceMap, script] = ['.map', '.js'].map((end) => built.outputFiles.find(({ path }) => path.endsWith(end)));
    if (script === undefined || sourceMap === undefined) return err(`${file}: there is nothing in it`);
    return ok({ script: script.text, sourceMap: sourceMap.text });
  } catch (error) {
    const [first] = isFailure(error) ? error.errors : [];
    return err(first === undefined ? `${file}: ${String(error)}` : placed(file, first));
  }
}

const isFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);

/** esbuild names files as seen from where it runs, and counts columns from 0. */
const placed = (file: string, { location, text }: Message): string =>
  location === null ? `${file}: ${text}` : `${resolve(location.file)}:${location.line}:${location.column + 1}: ${text}`;

/** A playbook is arithmetic on evidence: it needs files of its own folder and the contract, and nothing else. */
const onlyOwnFiles = (folder: string): Plugin => ({
  name: 'only-own-files',
  setup({ onResolve, resolve: resolvePath }) {
    const contract = projectFile('lib/playbooks/playbook.ts');
    const ours = dirname(dirname(contract));
    onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind === 'entry-point' || pluginData === CHECKED) return undefined;
      if (path === CONTRACT) return { path: contract };
      if (!/^\.{1,2}\//.test(path)) return { errors: [{ text: `${NOTHING_ELSE}, not "${path}"` }] };
      const found = await resolvePath(path, { kind, importer, resolveDir, pluginData: CHECKED });
      if (found.errors.length > 0) return { errors: found.errors };
      const home = isIn(ours, importer) ? ours : folder;
      return isIn(home, found.path) ? { path: found.path } : { errors: [{ text: `${NOTHING_ELSE}, not "${path}"` }] };
    });
  },
});
const isIn = (folder: string, file: string): boolean => !relative(folder, file).startsWith('..');
const CHECKED = Symbol('checked');
const NOTHING_ELSE = `a playbook imports files of its own folder and "${CONTRACT}"`;
