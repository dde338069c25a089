import { afterEach, expect, test, vi } from 'vitest';
import { patrolCommand } from '../../cli/patrol.ts';
import { UsageError } from '../../cli/usage.ts';
import { simulate } from '../simulator/simulated.ts';

afterEach(() => vi.restoreAllMocks());

async function patrol(...args: readonly string[]): Promise<{ readonly code: number; readonly printed: string }> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const code = await patrolCommand(args);
  return { code, printed: String(log.mock.lastCall?.[0]) };
}

test('a scenario: each kind of finding once with its nodes, evidence and what to do; exit code 1', async () => {
  const { code, printed } = await patrol('--scenario', 'c01-duplicate-extensions');
  expect(code).toBe(1);
  expect(printed).toMatch(/^demo: 6 nodes, \d+ of \d+ readings, \d+\.\d s\n/);
  expect(printed).toContain(
    'WARNING duplicate_extensions (certain)\n  cp-2: The image of cp-2 has the extension iscsi-tools in 2 versions (v0.1.1 and v0.1.4).\n',
  );
  expect(printed).toContain('  What to do: Take the entries out of machine.install.extensions');
  expect(printed).not.toContain('healthy');
});

test('a talosconfig: all members of the cluster, also those that it does not name', async () => {
  const simulated = await simulate();
  const flags = ['--talosconfig', `${simulated.folder}/talosconfig-reader`] as const;
  try {
    const well = await patrol(...flags);
    expect(well.printed).toMatch(/^demo: 6 nodes, /);
    expect(well.printed).toMatch(/\n\nNothing found\.$/);
    expect(well.code).toBe(0);

    await simulated.cluster.setPower('w-2', 'off');
    const silent = await patrol(...flags, '--json');
    expect(silent.code).toBe(1);
    const told = JSON.parse(silent.printed);
    expect(told.findings.map(({ node, code }: { node: string; code: string }) => `${node} ${code}`)).toContain(
      'w-2 node_silent',
    );
    expect(told.nodes.filter(({ isReached }: { isReached: boolean }) => !isReached)).toMatchObject([
      { node: 'w-2', role: 'worker', reach: 'silent' },
    ]);

    for (const { name } of simulated.cluster.world.nodes) await simulated.cluster.setPower(name, 'off');
    expect((await patrol(...flags)).code).toBe(2);
  } finally {
    await simulated.end();
  }
}, 120_000);

test.for([
  { args: [], says: 'Say which cluster' },
  { args: ['demo'], says: 'takes no "demo"' },
  { args: ['--scenario', 'a', '--talosconfig', 'b'], says: 'Say either' },
  { args: ['--talosconfig', '/nowhere'], says: '/nowhere cannot be read' },
])('$args is a usage error: $says', async ({ args, says }) => {
  const error: unknown = await patrol(...args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toContain(says);
});
