import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { configsCommand } from '../../cli/configs.ts';
import { UsageError } from '../../cli/usage.ts';
import { learnCluster } from '../../lib/flow/learn-cluster.ts';
import { createTables } from '../../lib/store/create-tables.ts';
import { createStore } from '../../lib/store/dynamo-store.ts';
import { createReader } from '../../lib/talos/reader.ts';
import { localDynamoClient, startDynoxide } from '../../local/dynoxide.ts';
import { accessOf, targetsOf } from '../../local/simulated-access.ts';
import { localTables } from '../../local/tables.ts';
import { simulate } from '../simulator/simulated.ts';

/** `medic configs` on a data folder as `npm start` leaves it, beside a simulated cluster that was learned. */
let data: string;
let simulated: Awaited<ReturnType<typeof simulate>>;
beforeAll(async () => {
  [data, simulated] = await Promise.all([mkdtemp(join(tmpdir(), 'medic-data-')), simulate()]);
  await symlink(simulated.folder, join(data, 'world'));
  const database = await startDynoxide({ dbPath: join(data, 'medic.db') });
  const client = localDynamoClient(database.endpoint);
  await createTables(client, localTables);
  const store = createStore({ client, tables: localTables, now: () => new Date() });
  const access = await accessOf(simulated.folder, simulated.cluster.world);
  await learnCluster(
    { items: store, now: () => new Date(), talos: createReader(access) },
    targetsOf(simulated.cluster.world),
  );
  client.destroy();
  await database.stop();
  vi.stubEnv('MEDIC_DATA', data);
}, 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await simulated.end();
  await rm(data, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

async function configs(...args: readonly string[]): Promise<{ readonly code: number; readonly printed: string }> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const code = await configsCommand(args);
  const printed = log.mock.calls.map(([line]) => String(line)).join('\n');
  log.mockRestore();
  return { code, printed };
}
const admin = () => ['--talosconfig', join(simulated.folder, 'talosconfig-admin')] as const;
/** Everything in the stored config of a node that nobody may see. */
async function secretsOf(node: string): Promise<readonly string[]> {
  const text = await readFile(join(simulated.folder, 'configs', `${node}.yaml`), 'utf8');
  const secrets = [...text.matchAll(/^\s*(?:token|secret|key|crt|secretboxEncryptionSecret|url): (\S{8,})$/gm)];
  return secrets.map(([, value]) => value ?? '');
}

test('lists the versions of every node, and shows one without its secrets', async () => {
  const { code, printed } = await configs('list');
  expect(code).toBe(0);
  expect(printed.split('\n')).toHaveLength(1 + 6);
  expect(printed).toMatch(/^NODE +TAKEN +MACHINE +SOURCE +VERSION\n/);
  expect(printed).toMatch(/\ndemo\/w-1 +20\S+ +[0-9a-f-]{36} .* folder:w-1(?:\n|$)/);
  expect((await configs('list', '--node', 'nobody')).printed).toContain('No stored config is known');

  const shown = await configs('show', 'cp-1');
  const secrets = await secretsOf('cp-1');
  expect(secrets.length).toBeGreaterThan(8);
  expect(secrets.filter((secret) => shown.printed.includes(secret))).toEqual([]);
  expect(shown.printed).toContain('type: controlplane');
  expect(shown.printed).toContain('token: (secret)');
  expect(shown.printed).toContain('kind: KmsgLogConfig');
});

test('backs up what changed, once, encrypted, and says what differs', async () => {
  const first = await configs('backup', ...admin(), '--node', 'w-1');
  expect(first.code).toBe(0);
  expect(first.printed).toMatch(/^w-1: kept as backup:demo\/w-1\/\d{8}T\d{6}\.\d{3}Z_[0-9a-f-]{36}_[0-9a-f]{64}$/);
  const version = first.printed.replace('w-1: kept as ', '');
  expect((await configs('backup', ...admin(), '--node', 'w-1')).printed).toBe(`w-1: unchanged since ${version}`);

  const [file = ''] = await readdir(join(data, 'config-backups', 'demo', 'w-1'));
  const bytes = await readFile(join(data, 'config-backups', 'demo', 'w-1', file), 'utf8');
  expect((await secretsOf('w-1')).filter((secret) => bytes.includes(secret))).toEqual([]);
  expect(await configs('diff', 'folder:w-1', version)).toEqual({
    code: 0,
    printed: `folder:w-1 -> ${version}\nNo difference.`,
  });

  const between = await configs('diff', 'w-2', 'w-1');
  expect(between.code).toBe(1);
  expect(between.printed).toContain(`folder:w-2 -> ${version}`);
  expect(between.printed).toContain('machine.nodeLabels."topology.kubernetes.io/zone": rack-2 -> rack-1');
  const roles = await configs('diff', 'w-1', 'cp-1', '--json');
  expect(JSON.parse(roles.printed).changes).toContainEqual(
    expect.objectContaining({ path: 'machine.ca.key', values: 'secret' }),
  );
  for (const secret of [...(await secretsOf('cp-1')), ...(await secretsOf('w-1'))]) {
    expect(roles.printed).not.toContain(secret);
  }
}, 60_000);

test('says which node could not be read, and keeps the others', async () => {
  await simulated.cluster.setPower('w-3', 'off');
  const { code, printed } = await configs('backup', ...admin());
  expect(code).toBe(1);
  expect(printed).toMatch(/^w-3: The config could not be read: /m);
  expect(printed.match(/: kept as /g)).toHaveLength(4);
  const reader = ['--talosconfig', join(simulated.folder, 'talosconfig-reader')];
  const refused = await configs('backup', ...reader, '--node', 'cp-1');
  expect(refused.code).toBe(1);
  expect(refused.printed).toMatch(/^cp-1: The config could not be read: /);
}, 120_000);

test('a backup that was changed is said, and not shown', async () => {
  const folder = join(data, 'config-backups', 'demo', 'w-1');
  const [file = ''] = await readdir(folder);
  await writeFile(join(folder, file), '{}');
  await expect(configs('show', `backup:demo/w-1/${file}`)).rejects.toThrow('The backup is damaged');
});

test.for([
  { args: [], says: 'knows list, show, diff and backup' },
  { args: ['reveal'], says: 'knows list, show, diff and backup' },
  { args: ['show'], says: 'medic configs show VERSION|NODE' },
  { args: ['show', 'nobody'], says: 'There is no stored config "nobody"' },
  { args: ['show', 'w-1', '--reveal'], says: '--reveal' },
  { args: ['diff', 'w-1'], says: 'medic configs diff OLD NEW' },
  { args: ['backup'], says: 'Say --talosconfig FILE' },
  { args: ['backup', '--talosconfig', '/nowhere'], says: '/nowhere cannot be read' },
])('$args is a usage error: $says', async ({ args, says }) => {
  const error: unknown = await configs(...args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toContain(says);
});
