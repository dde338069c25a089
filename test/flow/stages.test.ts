import { expect, test } from 'vitest';
import { playbookRecords } from '../../lib/flow/playbook-record.ts';
import { type Replayed, replay } from '../../lib/flow/replay.ts';
import type { Finding } from '../../lib/playbooks/finding.ts';
import type { Stages } from '../../lib/playbooks/stage.ts';
import { misnamed, staged, typed, waiting, well } from './stage.ts';

/** What becomes of findings, by the stages of the cluster that these tests run in. */
const { world, approve, awaiting, becomes, untilVerdict, chainHolds } = staged();

function setStages(playbooks: Stages): void {
  for (const cluster of world().deps.config.clusters) {
    cluster.playbooks = { default: playbooks.default, stages: { ...playbooks.stages } };
  }
}
const alarming = (change: Partial<Finding> = {}): Finding => ({
  code: 'hot_disk',
  severity: 'critical',
  confidence: 'certain',
  summary: 'The disk is hot.',
  evidence: [],
  suggests: ['reboot'],
  explains: true,
  rulesOut: [],
  ...change,
});
const ownSays = (...findings: readonly Finding[]): void => {
  world().own.playbooks = [{ name: 'hot-disk', diagnose: () => findings }];
};
const diagnosisOf = async (id: string) => {
  const { diagnosis } = await world().state(id);
  if (diagnosis === undefined) throw new Error(`${id} was not diagnosed`);
  return diagnosis;
};
const lookedAgain = async (id: string) => {
  await world().desk.diagnoseAgain(id, world().by('UOP'));
  await world().drain(id);
  return diagnosisOf(id);
};
const cardText = (id: string) => JSON.stringify(world().slack.cards.find(({ incidentId }) => incidentId === id)?.card);

test('what an own playbook finds is recorded and changes nothing else: no card, no cause, no offer, no illness', async () => {
  world().talos.evidence = well;
  const id = await world().open('0e01');
  const usual = await lookedAgain(id);
  expect(usual).toMatchObject({ health: 'healthy', observed: [] });
  ownSays(alarming());
  const diagnosis = await lookedAgain(id);
  expect(diagnosis.observed).toMatchObject([{ code: 'hot_disk', playbook: 'hot-disk', stage: 'observe' }]);
  expect({ ...diagnosis, at: '', observed: [] }).toEqual({ ...usual, at: '', evidence: diagnosis.evidence });
  expect(cardText(id)).not.toContain('hot');
});

test('a known cause that is only observed is no cause on the card, and its action is no offer', async () => {
  setStages({ default: 'act', stages: { 'state-not-found-in-time': 'observe' } });
  world().talos.evidence = waiting;
  const id = await world().open('0e03');
  const diagnosis = await diagnosisOf(id);
  expect(diagnosis.observed).toMatchObject([{ code: 'state_not_found_in_time', stage: 'observe' }]);
  expect(diagnosis.findings.map(({ code, playbook }) => [code, playbook])).toEqual([
    ['unknown_cause', 'unknown-cause'],
  ]);
  expect(diagnosis.offers).toEqual([]);
  const asked = await world().desk.requestPlan(id, 'restore_config', world().by('UREQUESTER'));
  expect(asked).toMatchObject({ ok: false, error: { because: expect.stringContaining('not offered') } });
});

test('at suggest it is on the card without a button, and the gate says whose stage it is', async () => {
  setStages({ default: 'act', stages: { 'state-not-found-in-time': 'suggest' } });
  world().talos.evidence = waiting;
  const id = await world().open('0e04');
  const { findings, offers } = await diagnosisOf(id);
  expect(findings[0]).toMatchObject({ code: 'state_not_found_in_time', stage: 'suggest' });
  expect(offers.find(({ action }) => action === 'restore_config')).toMatchObject({
    answer: 'refused',
    gates: expect.arrayContaining([
      expect.objectContaining({
        gate: 'playbook_stage',
        because: 'state-not-found-in-time: at stage "suggest" in this cluster, so findings only and no actions.',
      }),
    ]),
  });
  expect(cardText(id)).not.toContain('offer:restore_config');
  expect(cardText(id)).toContain('|What is this?>');
});

test('an action that two playbooks suggest is offered when one of them is at act', async () => {
  setStages({ default: 'act', stages: { 'etcd-under-temporary-hostname': 'suggest' } });
  world().talos.evidence = misnamed;
  const id = await world().open('0e05');
  expect((await diagnosisOf(id)).offers).toMatchObject([{ action: 'reboot', answer: 'refused' }]);
  setStages({ default: 'act', stages: { 'etcd-under-temporary-hostname': 'suggest', 'hot-disk': 'act' } });
  ownSays(alarming());
  expect((await lookedAgain(id)).offers).toMatchObject([{ action: 'reboot', answer: 'allowed' }]);
});

test('one at act lends nothing to the same action with other parameters', async () => {
  setStages({ default: 'act', stages: { 'hot-disk': 'suggest', 'cold-disk': 'act' } });
  world().talos.evidence = well;
  const restart = (service: string) =>
    alarming({ suggests: ['restart_service'], parameters: { restart_service: { service } } });
  world().own.playbooks = [
    { name: 'hot-disk', diagnose: () => [restart('kubelet')] },
    { name: 'cold-disk', diagnose: () => [restart('ext-nut')] },
  ];
  const { offers } = await diagnosisOf(await world().open('0e07'));
  const stageOf = (service: string) =>
    offers
      .find(({ parameters }) => parameters['service'] === service)
      ?.gates.find(({ gate }) => gate === 'playbook_stage')?.answer;
  expect([stageOf('kubelet'), stageOf('ext-nut')]).toEqual(['refused', 'allowed']);
});

test('a playbook that is taken back while a plan waits for its second yes takes the plan with it', async () => {
  const { id, planId } = await awaiting();
  setStages({ default: 'act', stages: { 'state-not-found-in-time': 'suggest' } });
  expect(await approve(id, planId)).toMatchObject({
    ok: false,
    error: { because: expect.stringContaining('so findings only and no actions') },
  });
  expect(world().talos.calls).toEqual([]);
});

test('the record counts what a playbook said, and how what it suggested ended; an observed one too', async () => {
  ownSays(alarming({ suggests: ['restore_config'] }));
  const { id, planId } = await awaiting();
  world().talos.onCall = becomes(well);
  expect(await approve(id, planId)).toMatchObject({ ok: true });
  await untilVerdict(id, planId);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified' });
  await world().desk.close(id, world().by('UOP'), typed.reason);
  world().own.playbooks = [];
  world().talos.evidence = waiting;
  const closed = await world().open('0e08');
  await world().desk.close(closed, world().by('UOP'), typed.reason);
  const records = await playbookRecords(world().deps.ledger, [id, closed]);
  const nothing = { unverified: 0, failed: 0, refused: 0, brokeOff: 0 };
  expect(records.get('state-not-found-in-time')).toEqual({ incidents: 2, verified: 1, closedWithout: 1, ...nothing });
  expect(records.get('hot-disk')).toEqual({ incidents: 1, verified: 1, closedWithout: 0, ...nothing });
  expect(records.get('node-silent')).toBeUndefined();
  await chainHolds();
});

test('one that breaks off is counted as that, and takes nothing away', async () => {
  world().talos.evidence = waiting;
  world().own.playbooks = [
    {
      name: 'hot-disk',
      diagnose: () => {
        throw new Error('hot-disk.ts: it did not end within 3000 ms');
      },
    },
  ];
  const id = await world().open('0e09');
  const { findings, observed } = await diagnosisOf(id);
  expect(findings[0]).toMatchObject({ code: 'state_not_found_in_time' });
  expect(observed).toMatchObject([{ code: 'playbook_failed', playbook: 'hot-disk' }]);
  const records = await playbookRecords(world().deps.ledger, [id]);
  expect(records.get('hot-disk')).toMatchObject({ incidents: 0, brokeOff: 1 });
});

test('a replay says which findings were only observed', async () => {
  world().talos.evidence = well;
  ownSays(alarming());
  const id = await world().open('0e0a');
  const replayed: Replayed[] = [];
  for await (const one of replay(world().deps, id)) replayed.push(one);
  expect(replayed).toMatchObject([{ isSame: true }]);
  const shown = replayed.flatMap((one) => ('today' in one ? one.today : []));
  expect(shown.map(({ code, isObserved }) => [code, isObserved])).toEqual([
    ['healthy', false],
    ['node_rebooted', false],
    ['hot_disk', true],
  ]);
});
