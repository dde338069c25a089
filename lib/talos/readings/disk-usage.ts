import { err, ok } from '../../result.ts';
import { machineService } from '../methods.ts';
import { type Reader, short } from './read.ts';

/** `/var` itself is the first level, so this is down to `/var/lib/kubelet`. */
const DEPTH = 3;
const MAX_FOLDERS = 500;
const KEPT = 20;

/** Source: MachineService/DiskUsage. What fills a folder, the largest first, in bytes. It is work for the node. */
export const readDiskUsage =
  (path: string): Reader<readonly { path: string; sizeBytes: number }[]> =>
  async (connection, context) => {
    const found: { path: string; sizeBytes: number }[] = [];
    const request = { recursionDepth: DEPTH, all: false, threshold: '0', paths: [path] };
    const end = await connection.read(machineService.diskUsage, request, context, {
      onFrame: ({ name, size, error }) => {
        if (error === '') found.push({ path: short(name), sizeBytes: Number(size) });
        return found.length < MAX_FOLDERS;
      },
    });
    if (!end.ok && found.length === 0) return err(end.error);
    const value = found.sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, KEPT);
    const isWhole = end.ok && found.length <= KEPT;
    return ok({ value, ...(isWhole ? {} : { cut: `the ${value.length} largest of at least ${found.length}` }) });
  };
