import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { World } from '../../simulator/world.ts';
import { talos } from '../simulator/talos-calls.ts';

/** `medic` as people run it. Its temporary folders are made in `places`, so that one that is left shows. */
const root = mkdtempSync(join(tmpdir(), 'medic-cli-'));
const places = join(root, 'tmp');
mkdirSync(places);
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function medic(...args: readonly string[]) {
  const child = spawn(process.execPath, ['dist/cli/medic.js', ...args], {
    env: { TMPDIR: places },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const ended = once(child, 'close');
  let [printed, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    printed += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  return { child, ended, printed: () => printed, errors: () => errors };
}
const untilPrinted = (run: ReturnType<typeof medic>, text: string) =>
  expect.poll(() => run.printed() + run.errors(), { timeout: 30_000, interval: 20 }).toContain(text);

const Ready = z.object({
  ready: z.literal(true),
  pid: z.int(),
  folder: z.string(),
  factory: z.url(),
  nodes: z.array(
    z.object({ name: z.string(), role: z.string(), address: z.string(), port: z.int(), stage: z.string() }),
  ),
  talosconfigs: z.object({ reader: z.string(), operator: z.string(), admin: z.string() }),
});
async function simulate(...args: readonly string[]) {
  const run = medic('simulate', '--json', ...args);
  await untilPrinted(run, '\n');
  return { ...run, ready: Ready.parse(JSON.parse(run.printed())) };
}

const isRefused = async (address: string, port: number) => {
  const socket = connect(port, address);
  const [error] = await once(socket, 'error');
  return String(error).includes('ECONNREFUSED');
};

test('nodes are served with a talosconfig per role, are diagnosed from outside, and leave nothing when stopped', async () => {
  const { child, ended, ready } = await simulate('--scenario', 'c04-state-not-found-in-time-1.13', '--factor', '30');
  expect(ready.pid).toBe(child.pid);
  expect(ready.nodes.map(({ name, role, stage }) => `${name} ${role} ${stage}`)).toEqual([
    'cp-1 controlplane running',
    'cp-2 controlplane running',
    'cp-3 controlplane running',
    'w-1 worker running',
    'w-2 worker maintenance',
    'w-3 worker running',
  ]);
  const [well, broken] = [ready.nodes[3], ready.nodes[4]];
  if (well === undefined || broken === undefined) throw new Error('six nodes were expected');

  const { reader } = ready.talosconfigs;
  const diagnosis = medic('diagnose', '--talosconfig', reader, '--node', well.address);
  expect(await diagnosis.ended).toEqual([0, null]);
  expect(diagnosis.printed()).toContain('INFO healthy');
  const other = medic('diagnose', '--talosconfig', reader, '--node', broken.address);
  expect(await other.ended).toEqual([0, null]);
  expect(other.printed()).toContain('reach maintenance');

  // what each role may do is decided by its certificate
  const world = World.parse(JSON.parse(readFileSync(join(ready.folder, 'world.json'), 'utf8')));
  const as = (role: 'reader' | 'operator' | 'admin') => talos(ready.folder, world, 'w-1', role);
  expect(await as('reader').call(m.version, {})).toHaveProperty('reply');
  expect(await as('reader').call(machineChanges.reboot, { mode: 'DEFAULT' })).toMatchObject({ code: 7 });
  expect(await as('operator').call(machineChanges.reboot, { mode: 'DEFAULT' })).toHaveProperty('reply');

  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(await isRefused(well.address, well.port)).toBe(true);
  expect(readdirSync(places)).toEqual([]);
});

test('people are told where the nodes are, what to try and how it ends', async () => {
  const run = medic('simulate', '--scenario', 'node-silent');
  await untilPrinted(run, 'Ctrl-C ends all of it and removes the files.');
  const said = run.printed();
  expect(said).toContain('node-silent: A worker is switched off.');
  expect(said).toMatch(/cp-1 {2}controlplane {2}127\.\d+\.\d+\.11:50000 {2}running/);
  expect(said).toMatch(/w-2 {3}worker {8}127\.\d+\.\d+\.22:50000 {2}off/);
  const files = [...said.matchAll(/os:(\w+) +(\S+)/g)].map(([, role, file = '']) => [role, existsSync(file)]);
  expect(files).toEqual([
    ['reader', true],
    ['operator', true],
    ['admin', true],
  ]);
  const [, factory = ''] = /Image Factory that they pull from: (\S+)/.exec(said) ?? [];
  expect(await (await fetch(`${factory}/versions`)).json()).toContain('v1.13.9');
  // the line to try works as it stands
  const [, probe = ''] = /npx medic (probe .+)/.exec(said) ?? [];
  const probed = medic(...probe.replace(/(127\.\d+\.\d+)\.22/, '$1.21').split(' '));
  expect(await probed.ended).toEqual([0, null]);
  run.child.kill('SIGTERM');
  expect(await run.ended).toEqual([0, null]);
  expect(readdirSync(places)).toEqual([]);
});

test('stopped before it is ready it leaves nothing either', async () => {
  const run = medic('simulate', '--scenario', 'healthy');
  await expect.poll(() => readdirSync(places), { timeout: 30_000, interval: 1 }).toHaveLength(1);
  run.child.kill('SIGINT');
  expect(await run.ended).toEqual([0, null]);
  expect(readdirSync(places)).toEqual([]);
});

test('a folder of its own stays, serves one process at a time, and goes on under the same addresses', async () => {
  const folder = join(root, 'kept');
  const args = ['--scenario', 'c04-state-not-found-in-time', '--folder', folder, '--seed', 'ours'] as const;
  const first = await simulate(...args);
  const second = medic('simulate', ...args);
  expect(await second.ended).toEqual([2, null]);
  expect(second.errors()).toContain(`The simulated nodes of ${folder} answer already.`);
  first.child.kill('SIGTERM');
  expect(await first.ended).toEqual([0, null]);

  const again = await simulate(...args);
  expect(again.ready).toEqual({ ...first.ready, pid: again.child.pid });
  again.child.kill('SIGTERM');
  expect(await again.ended).toEqual([0, null]);

  const broken = await simulate('--scenario', 'node-silent', '--folder', folder);
  const stages = broken.ready.nodes.map(({ stage }) => stage);
  expect(stages).toEqual(['running', 'running', 'running', 'running', 'off', 'running']);
  broken.child.kill('SIGTERM');
  expect(await broken.ended).toEqual([0, null]);

  const reseeded = medic('simulate', '--scenario', 'node-silent', '--folder', folder, '--seed', 'other');
  expect(await reseeded.ended).toEqual([2, null]);
  expect(reseeded.errors()).toContain('holds a cluster of the seed "ours"');
});

const bad = join(root, 'bad.yaml');
writeFileSync(bad, 'summary: x\nnodes:\n  w-1: { stage: running }\nalerts: []\n');
test.for<readonly [args: readonly string[], says: string]>([
  [['--scenario', bad], `${bad}:3:10 nodes.w-1: unknown key "stage"`],
  [['--scenario', 'no-such-scenario'], 'no-such-scenario.yaml: there is no such file'],
  [[], 'Say --scenario FILE, or a name of the library:\n'],
  [[], '  healthy  '],
  [['--scenario', 'healthy', '--factor', 'fast'], '--factor is "fast"'],
  [['--scenario', 'healthy', '--speed', '3'], '--speed'],
  [['healthy'], '"healthy" is no option'],
])('%j ends with 2, says %s, and leaves nothing', async ([args, says]) => {
  const run = medic('simulate', ...args);
  expect(await run.ended).toEqual([2, null]);
  expect(run.errors()).toContain(says);
  expect(run.errors()).not.toMatch(/\n\s+at /);
  expect(run.printed()).toBe('');
  expect(readdirSync(places)).toEqual([]);
});
