import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import type { ClusterAccess } from '../lib/talos/talos.ts';
import { parseTalosconfig, type TalosContext } from '../lib/talos/talosconfig.ts';
import { UsageError } from './usage.ts';

/** One context of a talosconfig, the current one by default; what is wrong with it is a usage error that names the file. */
export async function readTalosconfig(file: string, contextName?: string): Promise<TalosContext> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  const context = parseTalosconfig(text, contextName);
  if (!context.ok) throw new UsageError(`${file}: ${context.error}`);
  return context.value;
}

/** Who calls names the address, so that one may be dialled, and nothing else. Loopback is where simulated nodes are. */
export const onlyTo = (addresses: readonly string[]): Pick<ClusterAccess, 'nodeCidrs' | 'isSimulated' | 'port'> => ({
  nodeCidrs: [...new Set(addresses)].map((host) => `${host}/${isIPv6(host) ? 128 : 32}`),
  isSimulated: addresses[0]?.startsWith('127.') === true,
  port: 50_000,
});
