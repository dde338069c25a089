import { expect, test } from 'vitest';
import { snapshotStep } from '../../lib/actions/etcd-snapshot.ts';
import type { ResetName } from '../../lib/actions/reset.ts';
import { resetDraft } from '../../lib/actions/reset-plan.ts';
import { ACTION_TITLES, ActionName, titleOf } from '../../lib/approvals/action-name.ts';
import type { VolumeReading } from '../../lib/evidence/values.ts';
import { renderCard } from '../../lib/slack/views/card.ts';
import { renderPlan, renderPreparing } from '../../lib/slack/views/plan-modal.ts';
import { checkMessage, checkView } from '../../simulator/slack/check-blocks.ts';
import { context } from '../actions/plan-context.ts';
import {
  ALL_LABELS,
  memberRemoved,
  ok,
  partitions,
  running,
  STATE_UUID,
  stateVolume,
} from '../playbooks/build-evidence.ts';
import { toReview } from './fake-desk.ts';
import { buttonsOf, textOf } from './reading.ts';
import * as story from './stories.ts';

/** Every fourth is a directory on EPHEMERAL and goes with it: ten of forty. */
const fortyVolumes = (nameOf: (n: number) => string): readonly VolumeReading[] =>
  Array.from({ length: 40 }, (_, n) => ({
    ...stateVolume('ready', STATE_UUID),
    id: `u-${nameOf(n)}`,
    location: n % 4 === 0 ? '' : `/dev/nvme${n}n1p1`,
    sizeBytes: 3_840_000_000_000,
  }));
const disks = (volumes: readonly VolumeReading[]) => ({
  volumes: ok(volumes),
  discoveredVolumes: ok(partitions(ALL_LABELS)),
  disks: ok([]),
});
/** 34 characters, the most that Talos takes. */
const longName = (n: number) => `postgres-primary-data-of-tenant-${String(n).padStart(2, '0')}`;

function modalOf(name: ResetName, volumes: readonly VolumeReading[], graceful: 'yes' | 'no' = 'yes') {
  const asked = context({ evidence: running(disks(volumes)) });
  const snapshot = snapshotStep(asked.evidence, 1);
  if (!snapshot.ok) throw new Error(snapshot.error);
  const draft = resetDraft(asked, name, { graceful }, snapshot.value, undefined);
  const plan = story.planOf({ ...draft, action: name, node: 'cp-1', consoleFingerprint: '' });
  return renderPlan({ ...toReview('approve'), plan: { plan, hash: story.HASH } });
}

/** Texts of sections within 3,000 characters among the rest. */
const withinSlack = (view: ReturnType<typeof renderPlan>) => {
  expect(checkView(view)).toEqual([]);
  expect(view.title.text.length).toBeLessThanOrEqual(24);
  expect(view.blocks.length).toBeLessThanOrEqual(100);
};

test('the wipe of a control plane with 40 volumes names every one of them, and all that decides', () => {
  const view = modalOf('reset_state_and_ephemeral', fortyVolumes(longName));
  withinSlack(view);
  const text = textOf(view.blocks);
  for (const phrase of [
    '*Wipe STATE and EPHEMERAL* on *cp-1* (control plane in demo). Risk R3, destructive.',
    'Erased: its machine config and its identity.',
    'Stays: Talos v1.13.2 with its extensions and kernel arguments.',
    'when it cannot leave, it reboots and nothing is erased.',
    'It then waits in maintenance mode: its config is restored by a plan of its own',
    'Volumes beside those of the system: 10 erased with EPHEMERAL, 30 stay.',
    '*etcd before*: 3 of 3 voters healthy',
    '*etcd meanwhile*: 2 of 3 voters',
    '*etcd afterwards*: no member of it until its config is restored',
    '2 people have to say yes. So far: Requester.',
    'Who can: <@UAPP>, <@UOTHER>.',
    'The plan expires <!date^1772335810^',
  ]) {
    expect(text).toContain(phrase);
  }
  for (const n of Array.from({ length: 40 }, (_, index) => index)) {
    const line =
      n % 4 === 0
        ? `Erased: user volume ${longName(n)}, a directory on EPHEMERAL.`
        : `Stays: user volume ${longName(n)} on /dev/nvme${n}n1p1 (3840 GB).`;
    expect(text).toContain(line);
  }
  expect(text).not.toContain('more on the audit page');
});

test('volumes with names without end are counted, and cut none of what decides', () => {
  const view = modalOf(
    'reset_ephemeral',
    fortyVolumes((n) => `${n}<&>`.repeat(400)),
    'no',
  );
  withinSlack(view);
  const text = textOf(view.blocks);
  expect(text).toContain('Volumes beside those of the system: 10 erased with EPHEMERAL, 30 stay.');
  expect(text).toMatch(/… and \d+ more on the audit page/);
  expect(text).toContain('its etcd member stays behind dead');
  expect(text).toContain('*etcd afterwards*: its dead member counts against the quorum until it is removed');
  expect(text).toContain('Who can: <@UAPP>, <@UOTHER>.');
});

test('where the others have removed the member already, none is said to stay behind', () => {
  const evidence = memberRemoved({ ...disks([]), etcdLocalMember: ok({ memberId: '1001' }) });
  const draft = resetDraft(context({ evidence }), 'reset_ephemeral', { graceful: 'no' }, undefined, undefined);
  expect(draft.consequences).toContain(
    'Nothing is drained. The others have removed its etcd member already, so none stays behind.',
  );
  expect(draft.details).toContainEqual({ label: 'etcd meanwhile', text: '2 of 2 voters' });
  expect(draft.details).toContainEqual({
    label: 'etcd afterwards',
    text: 'it joins as a new member, with the data of the others',
  });
});

test('a refusal that names who can is not followed by the same sentence', () => {
  const because = 'You have no admin role in demo. Who can: <@UAPP>, <@UOTHER>.';
  const text = textOf(renderPlan(toReview('read', because)).blocks);
  expect(text.split('Who can:')).toHaveLength(2);
});

test.for(ActionName.options)('%s fits titles and buttons, however much there is to say about it', (action) => {
  expect(ACTION_TITLES[action].length).toBeLessThanOrEqual(24);
  const about = 'to v1.13.4 without <siderolabs/some-extension>, '.repeat(60);
  withinSlack(renderPlan({ ...toReview('submit'), plan: { plan: story.planOf({ action, about }), hash: story.HASH } }));
  const offer = { id: action, action, parameters: {}, about, answer: 'allowed' as const, gates: [] };
  const state = story.stateAfter(
    ...story.diagnosing,
    story.said('diagnosis_finished', story.diagnosisOf({ offers: [offer] })),
  );
  expect(checkView(renderPreparing({ planId: 'plan-1', externalId: 'ext-1', state }, action))).toEqual([]);
  const card = renderCard(state, { now: story.atS(1), auditUrl: 'https://medic.example/audit' });
  expect(checkMessage(card)).toEqual([]);
  const [button] = buttonsOf(card.blocks);
  expect(button?.text).toMatch(new RegExp(`^${titleOf({ action, about: '' })} `));
  expect(button?.text?.length).toBeLessThanOrEqual(75);
});
