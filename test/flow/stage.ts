import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { verifyAudit } from '../../lib/audit/verify.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import {
  ALL_LABELS,
  BOOT_S,
  inMaintenance,
  ok,
  partitions,
  running,
  SPKI,
  STATE_UUID,
  stateVolume,
  temporaryName,
} from '../playbooks/build-evidence.ts';
import { type Database, startDatabase } from '../store/database.ts';
import { createWorld, type World } from './world.ts';

const services = ok(
  ['apid', 'machined', 'etcd', 'kubelet', 'trustd'].map((id) => {
    return { id, state: 'Running', health: 'healthy' as const, lastMessage: '', events: [] };
  }),
);
export const alive = {
  services,
  nodeStatus: ok({ nodename: 'cp-1', nodeReady: true, unschedulable: false }),
  volumes: ok([stateVolume('ready', STATE_UUID)]),
  sequences: ok([]),
};
export const waiting: Evidence = inMaintenance({
  version: ok({ tag: 'v1.13.2', platform: 'metal', mode: 'metal' }),
  discoveredVolumes: ok(partitions(ALL_LABELS)),
  volumes: ok([stateVolume('ready', STATE_UUID)]),
});
export const well: Evidence = running({ ...alive, systemStat: ok({ bootTimeS: BOOT_S + 300 }) });
export const misnamed: Evidence = temporaryName(alive);
export const silent: Evidence = {
  ...waiting,
  reach: { mode: 'silent', error: { code: 'connection_timeout', message: 'timeout' } },
  readings: {},
};
export const typed = { nodeName: 'cp-1', reason: 'it waits', consoleFingerprint: SPKI.slice(0, 8) };
export const count = (types: readonly string[], type: string) => types.filter((one) => one === type).length;

/** A cluster of its own for every test of a file, and what people do in it. */
export function staged() {
  let database: Database | undefined;
  let current: World | undefined;
  const databaseOf = (): Database => {
    if (database === undefined) throw new Error('the database has not started');
    return database;
  };
  const world = (): World => {
    if (current === undefined) throw new Error('the world is not there yet');
    return current;
  };
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => databaseOf().stop());
  beforeEach(async () => {
    current = await createWorld(databaseOf());
    await current.forget();
  });
  /** What a call leads to. */
  const becomes = (evidence: Evidence) => (): undefined => {
    world().talos.evidence = evidence;
  };
  /** A disk that came too late, up to the point where a second person could say yes. */
  async function awaiting(): Promise<{ id: string; planId: string }> {
    world().talos.evidence = waiting;
    const id = await world().open();
    const planId = await world().requested(id, 'restore_config');
    expect((await world().plan(id, planId)).status).toBe('ready');
    const submitted = await world().desk.submit(id, planId, world().by('UREQUESTER'), typed);
    expect(submitted).toEqual({ ok: true, value: undefined });
    return { id, planId };
  }
  const approve = (id: string, planId: string, user = 'UAPPROVER') =>
    world().desk.approve(id, planId, world().by(user), typed);
  /** A reboot for a name that came too late, asked for by an operator, whose yes is enough. */
  async function rebootReady(): Promise<{ id: string; planId: string }> {
    world().talos.evidence = misnamed;
    const id = await world().open();
    const planId = await world().requested(id, 'reboot', 'UOP');
    expect(await world().plan(id, planId)).toMatchObject({ status: 'ready', because: '' });
    return { id, planId };
  }
  const confirm = (id: string, planId: string, user = 'UOP') =>
    world().desk.submit(id, planId, world().by(user), typed);
  /** Verification looks again after 10 s, 20 s ...: turns the clock to each look. */
  async function untilVerdict(id: string, planId: string): Promise<void> {
    for (let looks = 0; looks < 200; looks += 1) {
      await world().drain(id);
      const { status, verification } = await world().plan(id, planId);
      if (status !== 'verifying' || verification === undefined) return;
      world().forward(Date.parse(verification.nextLookAt) - world().deps.now().getTime());
    }
  }
  const chainHolds = async () => expect(await verifyAudit(databaseOf().store())).toMatchObject({ ok: true });
  return { database: databaseOf, world, becomes, awaiting, approve, rebootReady, confirm, untilVerdict, chainHolds };
}
