import type {
  DiskUsageInfo,
  DiskUsageRequest,
  FileInfo,
  ListRequest,
  ListRequest_Type,
} from '../../lib/talos/generated/machine/machine.ts';
import type { CallContext } from './call-context.ts';
import { type FileEntry, filesOf } from './file-tree.ts';
import { bootOf } from './record.ts';
import { StreamRefusal } from './streams.ts';
import { cleanPath, type FileKind, findFile, walk } from './walk-files.ts';

/** Names and sizes. Source: internal/app/machined/internal/server/v1alpha1/v1alpha1_server.go, List and DiskUsage. */

/** Go's file modes. */
const MODES: Readonly<Record<FileKind, number>> = {
  directory: 0x80000000 + 0o755,
  link: 0x08000000 + 0o777,
  file: 0o644,
};
const KINDS: Readonly<Partial<Record<ListRequest_Type, FileKind>>> = {
  REGULAR: 'file',
  DIRECTORY: 'directory',
  SYMLINK: 'link',
};
const DIRECTORY_BYTES = 4096;

function bytesOf(entry: FileEntry): number {
  if (entry.kind === 'file') return entry.bytes;
  return entry.kind === 'link' ? entry.target.length : DIRECTORY_BYTES;
}

export async function* list({ node }: CallContext, request: ListRequest): AsyncGenerator<FileInfo> {
  const found = findFile(filesOf(node), cleanPath(request.root));
  if ('refusal' in found) throw new StreamRefusal(found.refusal);
  const wanted = request.recurse ? request.recursionDepth || -1 : 0;
  const kinds = request.types.flatMap((type) => KINDS[type] ?? []);
  const modified = String(Math.floor(bootOf(node).startedAt / 1000));
  for (const { path, relativePath, entry } of walk(found, wanted, kinds)) {
    yield {
      name: path,
      size: String(bytesOf(entry)),
      mode: MODES[entry.kind],
      modified,
      isDir: entry.kind === 'directory',
      error: '',
      link: entry.kind === 'link' ? entry.target : '',
      relativeName: relativePath,
    };
  }
}

type Usage = {
  readonly path: string;
  readonly relativePath: string;
  readonly bytes: number;
  readonly isFolder: boolean;
};

/** Folders after what is in them, with the sizes of all of it. */
function usagesOf(root: { readonly path: string; readonly entry: FileEntry }): readonly Usage[] {
  const found = [...walk(root, -1)];
  const isWithin = (path: string, folder: string) =>
    path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
  const usages = found.map(({ path, relativePath, entry }) => {
    const inside = found.filter((other) => isWithin(other.path, path));
    const bytes = inside.reduce((sum, other) => sum + bytesOf(other.entry), 0);
    return { path, relativePath, bytes, isFolder: entry.kind === 'directory' };
  });
  return usages.reverse();
}

/** Talos looks at the first path only: its loop ends there. A path that is not there is told in a frame. */
export async function* diskUsage({ node }: CallContext, request: DiskUsageRequest): AsyncGenerator<DiskUsageInfo> {
  const [first] = request.paths;
  if (first === undefined) return;
  const path = cleanPath(first);
  const found = findFile(filesOf(node), path);
  if ('refusal' in found) {
    yield { name: path, size: '0', error: found.refusal.details, relativeName: path };
    return;
  }
  const { recursionDepth, all } = request;
  const threshold = Number(request.threshold);
  const rootDepth = found.path.split('/').length;
  for (const usage of usagesOf(found)) {
    const depth = usage.path === found.path ? 0 : usage.path.split('/').length - rootDepth;
    const isTooDeep = recursionDepth > 0 && depth >= recursionDepth;
    const isTooSmall = threshold > 0 && usage.bytes < threshold;
    const isTooLarge = threshold < 0 && usage.bytes > -threshold;
    if (isTooDeep || isTooSmall || isTooLarge || !(usage.isFolder || all)) continue;
    yield { name: usage.path, size: String(usage.bytes), error: '', relativeName: usage.relativePath };
  }
}
