import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { PlanContext } from '../../lib/actions/action.ts';
import { reboot, rebootJudge } from '../../lib/actions/reboot.ts';
import { restoreConfig, restoreConfigJudge } from '../../lib/actions/restore-config.ts';
import type { StoredConfigInfo } from '../../lib/actions/stored-config.ts';
import type { Step } from '../../lib/approvals/plan.ts';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import { ok as done, err } from '../../lib/result.ts';
import type { TalosErrorCode } from '../../lib/talos/talos-error.ts';
import { planOf } from '../incidents/events.ts';
import {
  ALL_LABELS,
  BOOT_S,
  evidence,
  failed,
  inMaintenance,
  inventory,
  ok,
  otherHardware,
  partitions,
  refused,
  running,
  SPKI,
  STATE_UUID,
  silent,
  stateVolume,
  temporaryName,
} from '../playbooks/build-evidence.ts';
import { context as contextOf, target, wrong } from './plan-context.ts';

const CA = 'synthetic CA\n';
const config = (change: { type?: string; ca?: string; wipe?: boolean; more?: string } = {}) => `version: v1alpha1
machine:
  type: ${change.type ?? 'controlplane'}
  ca: { crt: ${Buffer.from(change.ca ?? CA).toString('base64')}, key: c2VjcmV0 }
  install: { wipe: ${change.wipe ?? false} }
cluster:
  controlPlane: { endpoint: https://10.0.0.9:6443 }
${change.more ?? ''}`;
const infoOf = (text: string): StoredConfigInfo => ({
  id: 'folder:cp-1',
  cluster: 'test',
  node: 'cp-1',
  machineUuid: inventory.identity.uuid ?? '',
  takenAt: '2026-02-20T00:00:00.000Z',
  source: 'synthetic',
  sha256: createHash('sha256').update(text).digest('hex'),
});
const waiting = inMaintenance({ discoveredVolumes: ok(partitions(ALL_LABELS)) });
const context = (change: Partial<PlanContext> = {}): PlanContext =>
  contextOf({ evidence: waiting, storedConfig: infoOf(config()), ...change });

/** An admin port that records what would be sent, and a store with one config. */
function restoring(text = config(), reply: TalosErrorCode | 'ok' = 'ok') {
  const calls: { readonly dryRun: boolean; readonly spki: string; readonly config: string }[] = [];
  const action = restoreConfig(
    {
      async applyInMaintenance(_target, { dryRun, spki, config: sent }) {
        calls.push({ dryRun, spki, config: sent });
        return reply === 'ok'
          ? done({ mode: 'AUTO', modeDetails: 'fine', warnings: ['be careful'] })
          : err(wrong(reply));
      },
    },
    {
      list: async () => [infoOf(text)],
      read: async ({ id, sha256 }) =>
        id === 'folder:cp-1' && sha256 === infoOf(text).sha256 ? done(text) : err('There is no such version.'),
    },
    () => CA,
  );
  return { action, calls };
}

describe('restore config: planning', () => {
  test('one dry run, then two steps that name the config by its hash and freeze the key of the boot', async () => {
    const { action, calls } = restoring();
    const plan = await action.plan(context());
    if (!plan.ok) throw new Error(plan.error.because);
    expect(calls.map(({ dryRun, spki }) => [dryRun, spki])).toEqual([[true, SPKI]]);
    expect(plan.value.steps.map(({ method }) => method)).toEqual(['collect_evidence', 'ApplyConfiguration']);
    expect(plan.value.steps[1]?.request).toEqual({
      mode: 'AUTO',
      configVersion: 'folder:cp-1',
      configSha256: infoOf(config()).sha256,
      spki: SPKI,
    });
    expect(JSON.stringify(plan.value)).not.toContain('c2VjcmV0');
    expect(plan.value.details).toContainEqual({ label: 'Talos warns', text: 'be careful' });
    expect(plan.value.details).toContainEqual({ label: 'Taken', text: '2026-02-20T00:00:00.000Z (9 days ago)' });
  });

  test.for([
    { why: 'of another role', text: config({ type: 'worker' }), says: 'worker' },
    { why: 'of another cluster', text: config({ ca: 'other CA' }), says: 'another CA' },
    { why: 'that wipes the disk', text: config({ wipe: true }), says: 'wipe: true' },
    {
      why: 'with two main documents',
      text: config({ more: `---\n${config()}` }),
      says: 'v1alpha1: the document stands there twice',
    },
    { why: 'that is empty', text: '', says: '' },
    { why: 'that is no YAML', text: 'a: [', says: 'valid YAML' },
    { why: 'that is incomplete', text: 'version: v1alpha1\nmachine: {}\n', says: 'machine.type: it is missing' },
    { why: 'that uses aliases', text: `a: &a [1]\nb: *a\n---\n${config()}`, says: 'alias' },
  ])('a stored config $why is refused before anything is sent', async ({ text, says }) => {
    const { action, calls } = restoring(text);
    const plan = await action.plan(context({ storedConfig: infoOf(text) }));
    expect(plan.ok).toBe(false);
    expect(plan.ok ? '' : plan.error.because).toContain(says);
    expect(calls).toEqual([]);
  });

  test('nothing is planned without a config, without the key of the boot, or when Talos refuses the dry run', async () => {
    const noKey: Evidence = { ...waiting, reach: { mode: 'maintenance' } };
    expect(await restoring().action.plan(context({ storedConfig: undefined }))).toMatchObject({ ok: false });
    expect(await restoring().action.plan(context({ evidence: noKey }))).toMatchObject({ ok: false });
    const refusing = restoring(config(), 'invalid_config');
    expect(await refusing.action.plan(context())).toMatchObject({ ok: false });
    expect(refusing.calls.every(({ dryRun }) => dryRun)).toBe(true);
  });
});

const applyStep = (change: Step['request'] = {}): Step => ({
  n: 1,
  method: 'ApplyConfiguration',
  request: {
    mode: 'AUTO',
    configVersion: 'folder:cp-1',
    configSha256: infoOf(config()).sha256,
    spki: SPKI,
    ...change,
  },
  probe: '',
  deadlineMs: 5,
});

describe('restore config: the call', () => {
  test('is sent once, not as a dry run, under the frozen key', async () => {
    const { action, calls } = restoring();
    expect(await action.execute(applyStep(), planOf(), target, { evidence: waiting, results: {} })).toMatchObject({
      outcome: 'done',
    });
    expect(calls).toEqual([{ dryRun: false, spki: SPKI, config: config() }]);
  });

  test('is not made when the stored config is another one now', async () => {
    const { action, calls } = restoring(config({ more: '# newer' }));
    expect(await action.execute(applyStep(), planOf(), target, { evidence: waiting, results: {} })).toMatchObject({
      outcome: 'refused',
    });
    const other = restoring();
    for (const change of [{ spki: 7 }, { configVersion: 'folder:cp-2' }, { configVersion: 7 }]) {
      const outcome = await other.action.execute(applyStep(change), planOf(), target, {
        evidence: waiting,
        results: {},
      });
      expect(outcome).toMatchObject({ outcome: 'refused' });
    }
    expect([calls, other.calls]).toEqual([[], []]);
  });

  test.for([
    { code: 'spki_changed', outcome: 'refused' },
    { code: 'invalid_config', outcome: 'refused' },
    { code: 'connection_refused', outcome: 'refused' },
    { code: 'deadline_exceeded', outcome: 'unknown' },
    { code: 'connection_reset', outcome: 'unknown' },
    { code: 'malformed_reply', outcome: 'unknown' },
  ] as const)('$code is $outcome', async ({ code, outcome }) => {
    const { action } = restoring(config(), code);
    expect(await action.execute(applyStep(), planOf(), target, { evidence: waiting, results: {} })).toMatchObject({
      outcome,
    });
  });
});

const stage = (name: 'maintenance' | 'running' | 'rebooting' | 'installing' | 'booting', ready = true): Readings => ({
  machineStatus: ok({ stage: name, ready, unmetConditions: [] }),
});
const otherKey = (of: Evidence): Evidence => {
  const { certificate } = of.reach;
  return {
    ...of,
    reach: { mode: 'maintenance', ...(certificate ? { certificate: { ...certificate, spki: 'b3RoZXI=' } } : {}) },
  };
};

describe('did the config arrive?', () => {
  test.for([
    { why: 'it answers as a member', seen: running(), passed: false, answer: 'arrived' },
    { why: 'it installs', seen: inMaintenance(stage('installing')), passed: false, answer: 'arrived' },
    { why: 'it still waits, the call may still come', seen: waiting, passed: false, answer: 'unknown' },
    { why: 'it still waits and no call can come any more', seen: waiting, passed: true, answer: 'not_arrived' },
    { why: 'it waits under another key', seen: otherKey(waiting), passed: true, answer: 'unknown' },
    { why: 'it is silent', seen: silent('connection_timeout'), passed: true, answer: 'unknown' },
    { why: 'it refuses us', seen: refused('unknown_authority'), passed: true, answer: 'unknown' },
    {
      why: 'its stage is not readable',
      seen: inMaintenance({ machineStatus: failed() }),
      passed: true,
      answer: 'unknown',
    },
  ] as const)('$why: $answer', ({ seen, passed, answer }) => {
    const probe = restoreConfigJudge.probe(applyStep(), planOf(), {
      evidence: seen,
      deadlinePassed: passed,
      entry: inventory,
      results: {},
    });
    expect(probe.answer).toBe(answer);
  });
});

const sequence = (id: string, name: string) => ({ id, actorId: 'a', sequence: name, action: 'START' as const });
const rebootPlan = planOf({
  action: 'reboot',
  boot: `time:${BOOT_S}`,
  lastSequenceId: 's5',
  afterPlan: '',
  findings: ['etcd_under_temporary_hostname'],
});
const stillUp = (change: Readings = {}) => temporaryName({ sequences: ok([sequence('s5', 'boot')]), ...change });

describe('did the reboot arrive?', () => {
  test.for([
    {
      why: 'another boot',
      seen: stillUp({ systemStat: ok({ bootTimeS: BOOT_S + 31 }) }),
      passed: false,
      answer: 'arrived',
    },
    {
      why: 'the clock was corrected',
      seen: stillUp({ systemStat: ok({ bootTimeS: BOOT_S - 30 }) }),
      passed: true,
      answer: 'not_arrived',
    },
    { why: 'it stops', seen: stillUp(stage('rebooting', false)), passed: false, answer: 'arrived' },
    {
      why: 'a reboot sequence began since',
      seen: stillUp({ sequences: ok([sequence('s6', 'reboot')]) }),
      passed: false,
      answer: 'arrived',
    },
    {
      why: 'a reboot sequence of before',
      seen: stillUp({ sequences: ok([sequence('s4', 'reboot')]) }),
      passed: true,
      answer: 'not_arrived',
    },
    {
      why: 'another sequence began since',
      seen: stillUp({ sequences: ok([sequence('s6', 'upgrade')]) }),
      passed: true,
      answer: 'unknown',
    },
    { why: 'nothing happened, the call may still come', seen: stillUp(), passed: false, answer: 'unknown' },
    { why: 'nothing happened and no call can come', seen: stillUp(), passed: true, answer: 'not_arrived' },
    { why: 'the events are not readable', seen: stillUp({ sequences: failed() }), passed: true, answer: 'unknown' },
    { why: 'the boot time is not readable', seen: stillUp({ systemStat: failed() }), passed: true, answer: 'unknown' },
    { why: 'it is silent', seen: silent('connection_refused'), passed: true, answer: 'unknown' },
  ] as const)('$why: $answer', ({ seen, passed, answer }) => {
    const step: Step = { n: 1, method: 'Reboot', request: { mode: 'DEFAULT' }, probe: '', deadlineMs: 5 };
    expect(
      rebootJudge.probe(step, rebootPlan, { evidence: seen, deadlinePassed: passed, entry: inventory, results: {} })
        .answer,
    ).toBe(answer);
  });

  test('a plan is one evidence step and one reboot; a node without a boot time gets none', async () => {
    const action = reboot({ reboot: async () => done({ actorId: 'actor-1' }) });
    const plan = await action.plan(context({ evidence: stillUp() }));
    expect(plan.ok && plan.value.steps.map(({ method, request }) => [method, request])).toEqual([
      ['collect_evidence', { what: 'kernel log, services, events' }],
      ['Reboot', { mode: 'DEFAULT' }],
    ]);
    expect(await action.plan(context({ evidence: evidence() }))).toMatchObject({ ok: false });
  });

  test('a lost reply is unknown, a refusal is refused', async () => {
    const step: Step = { n: 1, method: 'Reboot', request: { mode: 'DEFAULT' }, probe: '', deadlineMs: 5 };
    const said = (code: TalosErrorCode) =>
      reboot({ reboot: async () => err(wrong(code)) }).execute(step, rebootPlan, target, {
        evidence: stillUp(),
        results: {},
      });
    expect(await said('deadline_exceeded')).toMatchObject({ outcome: 'unknown' });
    expect(await said('permission_denied')).toMatchObject({ outcome: 'refused' });
  });
});

describe('was it cured?', () => {
  const service = (id: string, state = 'Running', health: 'healthy' | 'unhealthy' = 'healthy') => {
    return { id, state, health, lastMessage: '', events: [] };
  };
  const all = ['apid', 'machined', 'kubelet', 'trustd', 'etcd'].map((id) => service(id));
  const well: Readings = {
    services: ok(all),
    systemStat: ok({ bootTimeS: BOOT_S + 300 }),
    nodeStatus: ok({ nodename: 'cp-1', nodeReady: true, unschedulable: false }),
    volumes: ok([stateVolume('ready', STATE_UUID)]),
  };
  const open = (judge: typeof rebootJudge, seen: Evidence, codes: readonly string[] = []) =>
    judge
      .verify(rebootPlan, { evidence: seen, entry: inventory, findings: codes.map(findingOf) })
      .filter(({ answer }) => answer !== 'yes')
      .map(({ name }) => name);
  const findingOf = (code: string) => {
    return {
      code,
      severity: 'critical' as const,
      confidence: 'certain' as const,
      summary: '',
      evidence: [],
      suggests: [],
      rulesOut: [],
    };
  };

  test('everything holds', () => {
    expect(open(rebootJudge, running(well))).toEqual([]);
    expect(open(restoreConfigJudge, running(well))).toEqual([]);
  });

  const unproven: readonly { readonly change: Readings; readonly open: readonly string[] }[] = [
    { change: stage('booting'), open: ['Stage'] },
    { change: stage('running', false), open: ['Stage'] },
    { change: { machineStatus: failed() }, open: ['Stage'] },
    { change: otherHardware, open: ['Same machine'] },
    { change: { services: ok([...all.slice(0, 4), service('etcd', 'Waiting')]) }, open: ['Services'] },
    { change: { services: ok([...all.slice(0, 4), service('etcd', 'Running', 'unhealthy')]) }, open: ['Services'] },
    { change: { services: ok([service('machined')]) }, open: ['Services'] },
    { change: { services: failed() }, open: ['Services'] },
    { change: { nodeStatus: ok({ nodename: 'cp-1', nodeReady: false, unschedulable: false }) }, open: ['Node Ready'] },
    { change: { nodeStatus: failed() }, open: ['Node Ready'] },
    { change: { etcdMembers: failed() }, open: ['etcd member', 'etcd name'] },
    { change: { systemStat: ok({ bootTimeS: BOOT_S }) }, open: ['New boot'] },
  ];
  test.for(unproven)('a reboot is not verified while $open is open (%#)', ({ change, open: expected }) => {
    expect(open(rebootJudge, running({ ...well, ...change }))).toEqual(expected);
  });

  test('a reboot after which the finding is there again is not verified', () => {
    expect(open(rebootJudge, running(well), ['etcd_under_temporary_hostname'])).toEqual(['Finding gone']);
    expect(open(rebootJudge, running(well), ['something_else'])).toEqual([]);
  });

  test('a restored config is not verified while the name or STATE are wrong or unread', () => {
    const named = { hostname: ok({ hostname: 'talos-8qy-c5p', domainname: '' }) };
    expect(open(restoreConfigJudge, running({ ...well, ...named }))).toEqual(['Hostname']);
    expect(open(restoreConfigJudge, running({ ...well, volumes: failed() }))).toEqual(['STATE']);
    expect(open(restoreConfigJudge, running({ ...well, volumes: ok([stateVolume('missing')]) }))).toEqual(['STATE']);
    expect(open(restoreConfigJudge, waiting)).toContain('Talos API');
  });
});
