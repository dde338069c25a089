import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { machineService as m } from '../../lib/talos/methods.ts';
import { World } from '../../simulator/world.ts';
import { talos } from './talos-calls.ts';

const PROGRAM = 'dist/simulator/nodes.js';
const folder = mkdtempSync(join(tmpdir(), 'medic-process-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(...more: readonly string[]) {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not there: run npm run build`);
  const args = [PROGRAM, '--folder', folder, '--factor', '30', ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const ended = once(child, 'close');
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  return { child, ended, errors: () => errors, lines: createInterface({ input: child.stdout }) };
}
const worldNow = () => World.parse(JSON.parse(readFileSync(join(folder, 'world.json'), 'utf8')));
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('the process says when it is ready, answers at its ports, wants its token, and leaves nothing behind', async () => {
  const { child, ended, lines } = start('--scenario', 'c04-state-not-found-in-time-1.13', '--linger');
  const [line] = await once(lines, 'line');
  const world = worldNow();
  expect(JSON.parse(String(line))).toMatchObject({ ready: true, pid: child.pid, control: world.control });
  expect(String(line)).not.toContain(world.controlToken);
  expect(world.pid).toBe(child.pid);

  const ask = (path: string, token: string, body?: string) =>
    fetch(`${world.control}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
  for (const token of ['', 'wrong', `${world.controlToken}x`]) {
    expect((await ask('/state', token)).status).toBe(401);
    expect((await ask('/stop', token, '{}')).status).toBe(401);
  }
  const state: unknown = await (await ask('/state', world.controlToken)).json();
  expect(state).toMatchObject({ scenario: 'c04-state-not-found-in-time-1.13' });
  for (const [path, body] of [
    ['/scenario', 'no json'],
    ['/scenario', '{}'],
    ['/scenario', '{"name":"no-such-scenario"}'],
    ['/fault', '{"node":"w-1","fault":"black_hole"}'],
    ['/fault', '{"node":"w-9","fault":"hang"}'],
    ['/fault', '{"node":"w-1","fault":"hang","method":"Versoin"}'],
    ['/fault', '{"node":"w-1","fault":"refuse","method":"Version"}'],
    ['/clock', '{"factor":0}'],
  ] as const) {
    expect([path, body, (await ask(path, world.controlToken, body)).status]).toEqual([path, body, 400]);
  }
  expect(await talos(folder, world, 'w-2', 'maintenance').call(m.version, {})).toHaveProperty('reply');
  expect(await talos(folder, world, 'cp-1', 'reader').call(m.version, {})).toHaveProperty('reply');

  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(isAlive(world.pid)).toBe(false);
  const socket = connect(world.port, world.nodes[0]?.address ?? '');
  const [error] = await once(socket, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
});

test('killed and started again it is the same cluster in the same state, and can be told to stop', async () => {
  const first = start('--linger');
  await once(first.lines, 'line');
  const before = worldNow();
  first.child.kill('SIGKILL');
  await first.ended;
  const second = start('--linger');
  await once(second.lines, 'line');
  const after = worldNow();
  expect({ ...after, pid: 0, control: '' }).toEqual({ ...before, pid: 0, control: '' });
  expect(await talos(folder, after, 'w-2', 'maintenance').call(m.version, {})).toHaveProperty('reply');
  const headers = { authorization: `Bearer ${after.controlToken}` };
  expect((await fetch(`${after.control}/stop`, { method: 'POST', headers })).status).toBe(200);
  expect(await second.ended).toEqual([0, null]);
});

test('a scenario that does not exist and an option that is none are told in a line, without a trace', async () => {
  for (const [args, says] of [
    [['--scenario', 'no-such-scenario'], 'there is no such file'],
    [['--factor', 'fast'], 'factor'],
    [['--speed', '3'], '--speed'],
  ] as const) {
    const { ended, errors } = start(...args);
    expect(await ended).toEqual([2, null]);
    expect(errors()).toContain(says);
    expect(errors()).not.toMatch(/\n\s+at /);
  }
});
