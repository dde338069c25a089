import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Progress } from '../../lib/talos/talos.ts';
import { BOOT_S, ok, running, temporaryName } from '../playbooks/build-evidence.ts';
import { type Database, startDatabase } from '../store/database.ts';
import { createWorld } from './world.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

const phase = (name: string): Progress => ({ kind: 'phase', name, action: 'START' });
const begun: Progress = { kind: 'sequence', name: 'reboot', action: 'START' };

test.for<{ why: string; progress: readonly Progress[] | undefined; status: string; told: readonly string[] }>([
  {
    why: 'the lock refuses our sequence',
    progress: [{ kind: 'end', how: 'refused', because: 'sequence not started: locked' }],
    status: 'refused',
    told: [],
  },
  {
    why: 'the sequence runs until the node is gone',
    progress: [begun, phase('drain'), { kind: 'restarting' }, { kind: 'lost', because: 'It closed the connection.' }],
    status: 'verifying',
    told: ['sequence reboot', 'phase drain'],
  },
  {
    why: 'a node tells a great deal',
    progress: Array.from({ length: 100 }, (_, n) => phase(`p${n}`)),
    status: 'verifying',
    told: ['phase p0', 'phase p1', 'phase p2', 'phase p3', 'phase p4', 'phase p5'],
  },
  { why: 'nothing is told', progress: [], status: 'verifying', told: [] },
  { why: 'events cannot be followed', progress: undefined, status: 'verifying', told: [] },
])('$why: $status', async ({ progress, status, told }) => {
  const world = await createWorld(database);
  await world.forget();
  world.talos.evidence = temporaryName({ sequences: ok([]) });
  world.talos.progress = progress;
  world.talos.onCall = () => {
    world.talos.evidence = running({ systemStat: ok({ bootTimeS: BOOT_S + 300 }) });
    return undefined;
  };
  const id = await world.open();
  const planId = await world.requested(id, 'reboot', 'UOP');
  await world.desk.submit(id, planId, world.by('UOP'), { nodeName: '', reason: 'name', consoleFingerprint: '' });
  await world.step(id, 'act', planId);
  expect(world.talos.calls).toEqual(['reboot']);
  expect((await world.plan(id, planId)).status).toBe(status);
  const events = await world.events(id);
  expect(events.flatMap((event) => (event.type === 'progress_seen' ? [event.data.says] : []))).toEqual(told);
});
