import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProgressEvent } from '../../lib/talos/talos.ts';
import { BOOT_S, ok, running, temporaryName } from '../playbooks/build-evidence.ts';
import { type Database, startDatabase } from '../store/database.ts';
import { createWorld } from './world.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

const said = (change: Partial<ProgressEvent>): ProgressEvent => {
  return { id: 's9', actorId: 'actor-1', kind: 'sequence', name: 'reboot', action: 'START', ...change };
};
const opened = said({ name: 'opened', action: '', actorId: '' });
const locked = said({ actorId: '', action: 'NOOP', error: { code: 'LOCKED', message: 'sequence is locked' } });

test.for([
  { why: 'the lock refuses our sequence', progress: [opened, locked], status: 'refused', told: [] },
  {
    why: 'the lock refuses somebody else while ours runs',
    progress: [opened, said({}), locked, said({ kind: 'phase', name: 'drain' })],
    status: 'verifying',
    told: ['sequence reboot', 'phase drain'],
  },
  {
    why: "another actor's sequence runs",
    progress: [opened, said({ actorId: 'somebody', name: 'upgrade' })],
    status: 'verifying',
    told: [],
  },
  {
    why: 'a node tells a great deal',
    progress: [opened, ...Array.from({ length: 100 }, (_, n) => said({ kind: 'phase', name: `p${n}` }))],
    status: 'verifying',
    told: ['phase p0', 'phase p1', 'phase p2', 'phase p3', 'phase p4', 'phase p5'],
  },
  { why: 'events cannot be followed', progress: [], status: 'verifying', told: [] },
])('$why: $status', async ({ progress, status, told }) => {
  const world = await createWorld(database);
  await world.store.write({ do: 'delete', key: { pk: 'LEASE#test', sk: 'LEASE' } });
  await world.store.write({ do: 'delete', key: { pk: 'OPEN#test', sk: 'NODE#cp-1' } });
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
