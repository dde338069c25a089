import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { StepFacts } from '../../lib/actions/action.ts';
import { reset } from '../../lib/actions/reset.ts';
import { resetJudge } from '../../lib/actions/reset-judge.ts';
import type { Step } from '../../lib/approvals/plan.ts';
import type { InventoryEntry } from '../../lib/inventory/entry.ts';
import { ok as done, err } from '../../lib/result.ts';
import { CONFIG_TEXT } from '../flow/world.ts';
import { planOf } from '../incidents/events.ts';
import {
  ALL_LABELS,
  EARLIER_BOOT_S,
  inMaintenance,
  inventory,
  ok,
  otherHardware,
  partitions,
  running,
  SPKI,
} from '../playbooks/build-evidence.ts';
import { context, target, wrong } from './plan-context.ts';

const WORKER_CONFIG = CONFIG_TEXT.replace('type: controlplane', 'type: worker');
const CA_PEM = Buffer.from(CONFIG_TEXT.match(/crt: (\S+)/)?.[1] ?? '', 'base64').toString('utf8');
const stored = {
  id: 'folder:cp-1',
  cluster: 'test',
  node: 'cp-1',
  machineUuid: inventory.identity.uuid ?? '',
  takenAt: '2026-02-20T00:00:00.000Z',
  source: 'synthetic',
  sha256: createHash('sha256').update(WORKER_CONFIG).digest('hex'),
};
const worker: InventoryEntry = { ...inventory, role: 'worker' };
const well = running({ machineType: ok('worker'), discoveredVolumes: ok(partitions(ALL_LABELS)) });

/** Records what is sent, and to which key. */
function resetting(text = WORKER_CONFIG) {
  const calls: string[] = [];
  const action = reset('reset_state_and_ephemeral', {
    admin: {
      reset: async (_target, { wipe, graceful }) => {
        calls.push(`reset ${wipe} graceful=${graceful}`);
        return done({ actorId: 'actor-1' });
      },
      applyInMaintenance: async (_target, { spki, config, dryRun }) => {
        calls.push(`apply to ${spki} ${config === text} dryRun=${dryRun}`);
        return done({ mode: 'AUTO', modeDetails: '', warnings: [] });
      },
    },
    operator: { etcdSnapshot: async () => err(wrong('control_plane_only')) },
    keys: { create: async () => err('no key is needed for a worker') },
    vault: { begin: async () => err('no vault is needed for a worker') },
    configs: {
      list: async () => [stored],
      read: async ({ sha256 }) => (sha256 === stored.sha256 ? done(text) : err('no such version')),
    },
    clusterCaPem: () => CA_PEM,
  });
  return { action, calls };
}
const asked = context({ entry: worker, evidence: well, storedConfig: stored });

async function planned(): Promise<readonly Step[]> {
  const drafted = await resetting().action.plan(asked);
  if (!drafted.ok) throw new Error(drafted.error.because);
  return drafted.value.steps;
}

describe('the plan of a worker that loses STATE', () => {
  test('ends with its stored config, sent through the gates of a restore, in another boot', async () => {
    const steps = await planned();
    expect(steps.map(({ n, method, boot, gatesOf }) => [n, method, boot, gatesOf])).toEqual([
      [0, 'collect_evidence', undefined, undefined],
      [1, 'Reset', undefined, undefined],
      [2, 'wait_until', undefined, undefined],
      [3, 'ApplyConfiguration', 'later', 'restore_config'],
    ]);
    expect(steps[1]?.request).toMatchObject({
      labels: 'STATE EPHEMERAL',
      wipe: 'true',
      graceful: 'yes',
      reboot: 'true',
    });
    expect(steps[3]?.request).toEqual({
      mode: 'AUTO',
      configVersion: 'folder:cp-1',
      configSha256: stored.sha256,
      bootOfStep: 2,
    });
  });

  test('is refused without a config that is proven to be its own', async () => {
    const plan = (text: string, change = {}) => resetting(text).action.plan({ ...asked, ...change });
    expect(await plan(CONFIG_TEXT)).toMatchObject({
      ok: false,
      error: { because: expect.stringContaining('one of a controlplane') },
    });
    expect(await plan(WORKER_CONFIG, { storedConfig: undefined })).toMatchObject({ ok: false });
    expect(await plan(WORKER_CONFIG, { parameters: { graceful: 'maybe' } })).toMatchObject({ ok: false });
  });

  test('of a control plane ends in maintenance mode, because its console has to be read first', async () => {
    const asControlPlane = { entry: inventory, evidence: running({ discoveredVolumes: ok(partitions(ALL_LABELS)) }) };
    const drafted = await resetting(CONFIG_TEXT).action.plan({ ...asked, ...asControlPlane });
    expect(drafted.ok && drafted.value.steps.map(({ method }) => method)).toEqual([
      'collect_evidence',
      'EtcdSnapshot',
      'Reset',
    ]);
    expect(drafted.ok && drafted.value.consequences.join(' ')).toContain('a plan of its own');
  });
});

describe('the calls', () => {
  const facts: StepFacts = { evidence: well, results: { 2: SPKI } };
  const plan = planOf({ action: 'reset_state_and_ephemeral', role: 'worker' });

  test('name the partitions, then send the approved config to the key of the boot that was waited for', async () => {
    const { action, calls } = resetting();
    const [, wipe, , apply] = await planned();
    if (wipe === undefined || apply === undefined) throw new Error('steps are missing');
    expect(await action.execute(wipe, plan, target, facts)).toMatchObject({ outcome: 'done', talosActorId: 'actor-1' });
    expect(await action.execute(apply, plan, target, facts)).toMatchObject({ outcome: 'done' });
    expect(calls).toEqual(['reset state_and_ephemeral graceful=true', `apply to ${SPKI} true dryRun=false`]);
  });

  test('nothing is sent to a boot that nobody saw, nor another config', async () => {
    const { action, calls } = resetting();
    const apply = (await planned())[3];
    if (apply === undefined) throw new Error('the step is missing');
    expect(await action.execute(apply, plan, target, { ...facts, results: {} })).toMatchObject({ outcome: 'refused' });
    const other = { ...apply, request: { ...apply.request, configSha256: 'f'.repeat(64) } };
    expect(await action.execute(other, plan, target, facts)).toMatchObject({ outcome: 'refused' });
    expect(calls).toEqual([]);
  });
});

describe('waiting for maintenance mode', () => {
  const judge = resetJudge('reset_state_and_ephemeral');
  const plan = planOf({ action: 'reset_state_and_ephemeral', role: 'worker', boot: `time:${EARLIER_BOOT_S}` });
  const wait: Step = { n: 2, method: 'wait_until', request: {}, probe: '', deadlineMs: 1 };
  const empty = inMaintenance({ discoveredVolumes: ok(partitions(['EFI', 'BOOT', 'META'])) });
  const probe = (evidence = empty) =>
    judge.probe(wait, plan, { evidence, entry: worker, deadlinePassed: false, results: {} });

  test('is over when the same machine waits without STATE, and remembers the key of that boot', () => {
    expect(probe()).toMatchObject({ answer: 'arrived', result: SPKI });
  });

  test.for([
    ['STATE is still there', inMaintenance({ discoveredVolumes: ok(partitions(ALL_LABELS)) })],
    ['another machine answers there', inMaintenance({ ...otherHardware, discoveredVolumes: ok(partitions([])) })],
    ['it still runs', well],
  ] as const)('goes on while %s', ([, evidence]) => {
    expect(probe(evidence).answer).toBe('unknown');
  });
});

describe('a control plane that lost STATE', () => {
  const judge = resetJudge('reset_state_and_ephemeral');
  const plan = planOf({ action: 'reset_state_and_ephemeral', boot: `time:${EARLIER_BOOT_S}` });
  const answers = (labels: readonly string[]) =>
    judge
      .verify(plan, {
        evidence: inMaintenance({ discoveredVolumes: ok(partitions(labels)) }),
        entry: inventory,
        findings: [],
      })
      .filter(({ name }) => name !== 'New boot')
      .map(({ name, answer }) => `${name}: ${answer}`);

  test('is verified once it waits empty in maintenance mode', () => {
    expect(answers(['EFI', 'META'])).toEqual(['Maintenance mode: yes', 'Same machine: yes', 'STATE erased: yes']);
    expect(answers(ALL_LABELS)).toContain('STATE erased: no');
  });
});
