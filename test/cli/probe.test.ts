import { afterEach, expect, test, vi } from 'vitest';
import { probeCommand } from '../../cli/probe.ts';
import { UsageError } from '../../cli/usage.ts';
import { simulate } from '../simulator/simulated.ts';

afterEach(() => vi.restoreAllMocks());

function keepBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

async function probe(...args: readonly string[]): Promise<{ readonly code: number; readonly printed: string }> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const code = await probeCommand(args);
  keepBusy(150); // right after the sockets were closed, which once brought Node down
  return { code, printed: String(log.mock.lastCall?.[0]) };
}

test('a running node, one in maintenance mode, and an address where nothing is: said in words and by the exit code', async () => {
  const simulated = await simulate();
  try {
    const { nodes } = simulated.cluster.world;
    const addressOf = (name: string) => nodes.find((node) => node.name === name)?.address ?? '';
    const flags = ['--talosconfig', `${simulated.folder}/talosconfig-reader`];
    const well = await probe(addressOf('w-1'), ...flags);
    expect(well.code).toBe(0);
    expect(well.printed).toMatch(/TCP {4}connected in \d+ ms\n {2}TLS {4}CN=w-1, issued by O=talos, of this cluster\n/);
    expect(well.printed).toMatch(/\(24 h left\)\n {9}SPKI fingerprint \S{44}\n {2}Talos {2}v1\./);

    await simulated.load('c04-state-not-found-in-time');
    const waiting = await probe(addressOf('w-2'));
    expect(waiting.code).toBe(0);
    expect(waiting.printed).toContain('maintenance: The node is in maintenance mode: it waits for a machine config');

    const nothing = await probe(addressOf('w-1').replace(/\d+$/, '250'), '--json');
    expect(nothing.code).toBe(1);
    expect(JSON.parse(nothing.printed)).toMatchObject({ code: 'connection_refused', port: 50_000 });
  } finally {
    await simulated.end();
  }
});

test.for([
  { args: [], says: 'Say one address' },
  { args: ['10.0.0.1', '10.0.0.2'], says: 'Say one address' },
  { args: ['cp-1.example.com'], says: 'is no IP address' },
  { args: ['10.0.0.1', '--talosconfig', '/nowhere'], says: '/nowhere cannot be read' },
  { args: ['10.0.0.1', '--port', '1'], says: '--port' },
])('$args is a usage error: $says', async ({ args, says }) => {
  const error: unknown = await probe(...args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toContain(says);
});
