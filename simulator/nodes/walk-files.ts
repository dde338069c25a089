import { status } from '@grpc/grpc-js';
import { type Refusal, refusal } from './access.ts';
import type { FileEntry } from './file-tree.ts';

/** Looks up and walks through files as Talos does. Source: pkg/archiver/walker.go, with Go's filepath.Walk. */
export type FoundFile = { readonly path: string; readonly relativePath: string; readonly entry: FileEntry };
export type FileKind = FileEntry['kind'];

const join = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`);

/** With a slash in front and none behind. */
export function cleanPath(path: string): string {
  const whole = path.startsWith('/') ? path : `/${path}`;
  return whole === '/' ? whole : whole.replace(/\/$/, '') || '/';
}

const failure = (call: string, path: string, text: string) => ({
  refusal: refusal(status.UNKNOWN, `${call} ${path}: ${text}`),
});

/** A link as the last part of the path is followed. */
export function findFile(
  root: FileEntry,
  path: string,
): { readonly path: string; readonly entry: FileEntry } | { readonly refusal: Refusal } {
  let entry = root;
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (entry.kind !== 'directory') return failure('lstat', path, 'not a directory');
    const next: FileEntry | undefined = Object.hasOwn(entry.entries, name) ? entry.entries[name] : undefined;
    if (next === undefined) return failure('lstat', path, 'no such file or directory');
    entry = next;
  }
  if (entry.kind !== 'link') return { path, entry };
  return findFile(root, new URL(entry.target, `file://${path}`).pathname);
}

/**
 * The root and what is below it, in the order of names. `maxDepth` -1 has no end. Only directories that are shown end
 * the way down, so a walk that leaves directories out goes on to the last file.
 */
export function* walk(
  root: { readonly path: string; readonly entry: FileEntry },
  maxDepth: number,
  kinds: readonly FileKind[] = [],
): Generator<FoundFile> {
  const stack = [root];
  const depthOf = (path: string): number => path.split('/').length - root.path.split('/').length;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { path, entry } = next;
    const isRoot = path === root.path;
    const isShown = kinds.length === 0 || kinds.includes(entry.kind);
    const below = path.slice(root.path === '/' ? 1 : root.path.length + 1);
    const name = entry.kind === 'directory' ? '.' : path.slice(path.lastIndexOf('/') + 1);
    if (isShown) yield { path, relativePath: isRoot ? name : below, entry };
    const isDeepest = isShown && !isRoot && maxDepth >= 0 && depthOf(path) >= maxDepth;
    if (entry.kind !== 'directory' || isDeepest) continue;
    const names = Object.keys(entry.entries).sort().reverse();
    for (const child of names) stack.push({ path: join(path, child), entry: entry.entries[child] ?? entry });
  }
}
