import { expect, test } from 'vitest';
import type { IncidentState } from '../../lib/incidents/state.ts';
import { pageUrl } from '../../lib/playbooks/page-url.ts';
import { renderCard } from '../../lib/slack/views/card.ts';
import { checkBlocks, checkMessage } from '../../simulator/slack/check-blocks.ts';
import { buttonsOf, menuOf, textOf } from './reading.ts';
import * as story from './stories.ts';

const options = {
  now: story.atS(100),
  auditUrl: 'https://medic.example/audit/inc-1',
  policyText: () => 'Who can: <@UAPP>, <@UOTHER>.',
  pageOf: pageUrl('https://medic.example', new Map()),
};
const cardOf = (state: IncidentState) => renderCard(state, options);
const failing = (times: number) =>
  Array.from({ length: times }, () => [
    story.said('diagnosis_started', { because: 'retry' }),
    story.said('diagnosis_failed', { because: 'No endpoint answered' }),
  ]).flat();

const states: Readonly<Record<string, { readonly state: IncidentState; readonly sees: readonly string[] }>> = {
  open: { state: story.stateAfter(...story.opened), sees: ['alert received', 'KubeNodeNotReady', 'Not known yet'] },
  'diagnosis failed once': {
    state: story.stateAfter(...story.opened, ...failing(1)),
    sees: ['diagnosis failed, trying again', 'No endpoint answered.'],
  },
  'diagnosis given up': {
    state: story.stateAfter(...story.opened, ...failing(5)),
    sees: ['Medic stopped trying', 'No endpoint answered.'],
  },
  diagnosing: {
    state: story.stateAfter(...story.diagnosing),
    sees: ['cp-2 in demo: diagnosing', 'Medic is asking the node'],
  },
  unresolved: {
    state: story.stateAfter(
      story.said('incident_opened', { id: 'inc-1', subject: 'unresolved' }),
      ...story.opened.slice(1),
    ),
    sees: ['node not identified', 'cannot tell which node'],
  },
  diagnosed: {
    state: story.stateAfter(...story.diagnosed),
    sees: [
      'needs a decision',
      '*cp-2 is in maintenance mode because STATE was not found in time* (certain)  <https://medic.example/playbooks/state_not_found_in_time|What is this?>',
      '*Can it wait?* Yes: API server up, etcd 2 of 3 healthy, nodes ready 5 of 6.',
      'volume STATE is missing',
      'sda5 is labelled STATE',
      'Reboot: Talos offers no reboot in maintenance mode.',
      '1 alert firing, 0 resolved',
      '<https://medic.example/audit/inc-1|Audit page>',
    ],
  },
  'unknown cause': {
    state: story.stateAfter(
      ...story.diagnosing,
      story.said('diagnosis_finished', {
        ...story.diagnosisOf(),
        offers: [],
        findings: [
          story.findingOf({
            code: 'unknown_cause',
            confidence: 'possible',
            summary: 'No known cause fits',
            advice: 'Read the console',
          }),
        ],
      }),
    ),
    sees: [
      'needs a person',
      '*No known cause fits* (possible)',
      '*Next step:* Read the console.',
      'No action is safe right now.',
    ],
  },
  silent: {
    state: story.stateAfter(
      ...story.diagnosing,
      story.said('diagnosis_finished', {
        ...story.diagnosisOf({ reach: 'silent', stage: '', offers: [] }),
        findings: [story.findingOf({ summary: 'cp-2 is silent', advice: 'Switch it on at its console' })],
      }),
    ),
    sees: ['cp-2 in demo: silent', '*Next step:* Switch it on at its console.'],
  },
  healthy: {
    state: story.stateAfter(
      ...story.diagnosing,
      story.said('diagnosis_finished', story.diagnosisOf({ health: 'healthy', findings: [], offers: [] })),
    ),
    sees: ['🟢 cp-2 in demo: healthy', 'Talos says that the node is healthy.'],
  },
  'looking again': {
    state: story.stateAfter(...story.diagnosed, story.said('diagnosis_started', { because: 'again' })),
    sees: ['looking again', 'Actions come back with the new findings'],
  },
  preparing: {
    state: story.stateAfter(...story.preparing),
    sees: ['plan in preparation', 'is being prepared for Requester'],
  },
  ready: {
    state: story.stateAfter(...story.ready),
    sees: ['plan ready', 'Requester has not confirmed it yet', 'Who can: <@UAPP>, <@UOTHER>.', '<!date^1772335810^'],
  },
  awaiting: {
    state: story.stateAfter(...story.awaiting),
    sees: [
      'waiting for approval',
      '1 of 2 said yes',
      'Requested by Requester: node is down',
      'Said yes: Requester',
      'Expires <!date^1772335810^',
    ],
  },
  approved: {
    state: story.stateAfter(...story.approved),
    sees: ['approved, starts soon', 'approved by Requester, Approver'],
  },
  executing: {
    state: story.stateAfter(...story.executing),
    sees: [
      '🔵 cp-2 in demo: repair running',
      '1. Store fresh logs and kernel messages (changes nothing): answered',
      '2. Talos call ApplyConfiguration: sent, answer outstanding',
      'Talos says: phase saveConfig',
    ],
  },
  'verifying before the first look': {
    state: story.stateAfter(...story.verifying),
    sees: ['verifying the repair', 'Waiting for the first look'],
  },
  verifying: {
    state: story.stateAfter(...story.looked),
    sees: ['Talos API: *yes*', 'Stage: *no*. booting, not ready', 'etcd member: *not known yet*'],
  },
  verified: {
    state: story.stateAfter(...story.ended('verified', 'all checks say yes')),
    sees: ['*Restore config: verified.* all checks say yes.'],
  },
  unverified: {
    state: story.stateAfter(...story.ended('unverified', 'the deadline passed')),
    sees: ['*Restore config: unverified.* the deadline passed.', 'A person has to look', 'Stage: *no*'],
  },
  failed: {
    state: story.stateAfter(...story.ended('failed', 'etcd did not come back')),
    sees: ['*Restore config: failed.* etcd did not come back.'],
  },
  'refused by Talos': {
    state: story.stateAfter(...story.ended('refused', 'Talos said PermissionDenied')),
    sees: ['*Restore config: refused.* Talos said PermissionDenied.'],
  },
  'refused plan': {
    state: story.stateAfter(...story.refused),
    sees: ['*Restore config: refused.* Talos refused the dry run: unknown key.'],
  },
  denied: {
    state: story.stateAfter(...story.denied),
    sees: ['*Restore config: denied.* Approver said no: wrong node. Nothing was changed.'],
  },
  expired: { state: story.stateAfter(...story.expired), sees: ['*Restore config: expired.*', 'Nothing was changed.'] },
  voided: {
    state: story.stateAfter(...story.voided),
    sees: ['*Restore config: voided.* The node booted since. Nothing was changed.'],
  },
  closed: {
    state: story.stateAfter(...story.closed),
    sees: ['🟢 cp-2 in demo: closed', 'Talos says that cp-2 is healthy.', '*Restore config: verified.*'],
  },
};
const all = Object.entries(states).map(([name, { state, sees }]) => ({ name, state, sees }));

test.for(all)('$name: the card says what a person must know', ({ state, sees }) => {
  const text = textOf(cardOf(state).blocks);
  for (const phrase of sees) expect(text).toContain(phrase);
});

test.for(all)('$name: Slack takes the card as it is', ({ state }) => {
  expect(checkMessage(cardOf(state))).toEqual([]);
});

test.for(all)('$name: nothing is called done, nobody is shouted at, the text alone is a sentence', ({ state }) => {
  const card = cardOf(state);
  expect(textOf(card.blocks)).not.toMatch(/\bdone\b|!(?!date\^)/i);
  expect(card.text).toMatch(/^cp-2 in demo: .+\.$/);
  expect(textOf(card.blocks).match(/\p{Extended_Pictographic}/gu)).toHaveLength(1);
});

const buttons = (name: string) => buttonsOf(cardOf(states[name]?.state ?? story.stateAfter()).blocks);

test('an allowed offer is a button that carries ids only, a refused one is none', () => {
  expect(buttons('diagnosed')).toEqual([
    {
      id: 'offer:restore_config',
      text: 'Restore config…',
      style: 'danger',
      value: JSON.stringify({ incidentId: 'inc-1', planId: '' }),
    },
  ]);
});

test.for([
  'open',
  'diagnosing',
  'looking again',
  'unresolved',
  'executing',
  'verifying',
  'closed',
  'silent',
  'healthy',
])('%s: there is no button to change anything', (name) => {
  expect(buttons(name)).toEqual([]);
});

test.for(['ready', 'awaiting', 'approved'])(
  '%s: the plan can be reviewed, and is not offered a second time',
  (name) => {
    expect(buttons(name).map(({ id, value }) => [id, value])).toEqual([
      ['review', JSON.stringify({ incidentId: 'inc-1', planId: 'plan-1' })],
    ]);
  },
);

test('what one person approved says so, and can be cancelled until it starts, but not afterwards', () => {
  const waiting = cardOf(story.stateAfter(...story.approvedAlone));
  expect(textOf(waiting.blocks)).toContain(
    '*Restore config* is self-approved by Requester.\nIt starts <!date^1772334160^',
  );
  expect(buttonsOf(waiting.blocks).map(({ id, value }) => [id, value])).toContainEqual([
    'cancel_start',
    JSON.stringify({ incidentId: 'inc-1', planId: 'plan-1' }),
  ]);
  expect(checkMessage(waiting)).toEqual([]);
  const running = cardOf(
    story.stateAfter(...story.approvedAlone, story.said('execution_started', { planId: 'plan-1', holder: 'h' })),
  );
  expect(textOf(running.blocks)).toContain('Self-approved by Requester');
  expect(buttonsOf(running.blocks).map(({ id }) => id)).not.toContain('cancel_start');
});

test('an action comes back as an offer after its plan was denied', () => {
  expect(buttons('denied').map(({ id }) => id)).toEqual(['offer:restore_config']);
});

test('after a verdict the old cause is only shown until the node has been looked at again', () => {
  const text = textOf(cardOf(story.stateAfter(...story.ended('failed', 'no'))).blocks);
  expect(text).toContain('looking again');
  expect(text).not.toContain('Talos offers no reboot');
});

test('the menu asks again, shows evidence and closes; a closed incident only shows evidence', () => {
  expect(menuOf(cardOf(story.stateAfter(...story.diagnosed)).blocks)).toEqual([
    'Diagnose again',
    'Show evidence',
    'Close…',
  ]);
  expect(menuOf(cardOf(story.stateAfter(...story.closed)).blocks)).toEqual(['Show evidence']);
});

test('only two evidence lines are on the card', () => {
  expect(textOf(cardOf(story.stateAfter(...story.diagnosed)).blocks)).not.toContain('the third line');
});

test('the same state at another time is the same card', () => {
  const state = story.stateAfter(...story.awaiting);
  expect(renderCard(state, { ...options, now: story.atS(900) })).toEqual(cardOf(state));
});

test('never more than three buttons, whatever is pending and offered', () => {
  const plans = [1, 2, 3, 4].flatMap((n) => [
    story.said('plan_requested', {
      planId: `p${n}`,
      action: 'reboot',
      parameters: {},
      about: '',
      identity: 'operator',
      externalId: `e${n}`,
    }),
    story.said('plan_ready', { planId: `p${n}`, plan: story.planOf({ id: `p${n}` }), hash: story.HASH }),
  ]);
  const card = cardOf(story.stateAfter(...story.diagnosed, ...plans));
  expect(buttonsOf(card.blocks)).toHaveLength(3);
  expect(checkBlocks(card.blocks)).toEqual([]);
});

test('hostile text stays text: no ping, no link, no formatting, no hidden characters', () => {
  const hostile = '<!channel> <@U1> *bold* `x` <https://evil.example|click> \u202egnp.exe\u200b :fire: &amp;';
  const diagnosis = story.diagnosisOf({
    urgency: hostile,
    findings: [
      story.findingOf({ summary: hostile, advice: hostile, evidence: [{ reading: 'kernelLog', says: hostile }] }),
    ],
    offers: [
      {
        id: 'reboot',
        action: 'reboot',
        parameters: {},
        about: '',
        answer: 'refused',
        gates: [{ gate: 'stage', answer: 'refused', because: hostile, facts: [] }],
      },
    ],
  });
  const card = cardOf(story.stateAfter(...story.diagnosing, story.said('diagnosis_finished', diagnosis)));
  const everything = `${card.text}\n${textOf(card.blocks)}`;
  for (const forbidden of ['<!channel', '<@U1', '*bold*', '`', '<https://evil', '\u202e', '\u200b', ':fire:']) {
    expect(everything).not.toContain(forbidden);
  }
  expect(everything).toContain('&lt;!channel&gt;');
});

test('a node that talks without end still gets a card within 10,000 characters', () => {
  const long = 'a & b < c "quoted" \n'.repeat(400);
  const diagnosis = story.diagnosisOf({
    urgency: long,
    findings: Array.from({ length: 30 }, () =>
      story.findingOf({
        summary: long,
        evidence: [
          { reading: 'x', says: long },
          { reading: 'y', says: long },
        ],
      }),
    ),
    offers: Array.from({ length: 20 }, () => ({
      id: 'reboot',
      action: 'reboot' as const,
      parameters: {},
      about: long,
      answer: 'refused' as const,
      gates: [{ gate: 'stage', answer: 'refused' as const, because: long, facts: [] }],
    })),
  });
  const checks = Array.from({ length: 40 }, (_, n) => ({
    name: `check ${n} ${long}`,
    answer: 'no' as const,
    says: long,
  }));
  const ending = [1, 2, 3, 4, 5, 6].flatMap((n) => {
    const planId = `p${n}`;
    return [
      story.said(
        'plan_requested',
        { planId, action: 'reboot', parameters: {}, about: '', identity: 'operator', externalId: planId },
        { ...story.requester, name: long },
      ),
      story.said('plan_ready', { planId, plan: story.planOf({ id: planId }), hash: story.HASH }),
      story.said('plan_submitted', { planId, reason: long }, { ...story.requester, name: long }),
      story.said('plan_approved', { planId }),
      story.said('execution_started', { planId, holder: 'h' }),
      story.said('verification_started', { planId, deadlineAt: story.atS(1), nextLookAt: story.atS(1) }),
      story.said('verdict_reached', { planId, verdict: 'unverified', because: long, checks }),
    ];
  });
  const state = story.stateAfter(
    ...story.opened,
    story.said('diagnosis_started', { because: '' }),
    story.said('diagnosis_finished', diagnosis),
    ...ending,
  );
  const card = cardOf(state);
  expect(checkMessage(card)).toEqual([]);
  expect(JSON.stringify(card.blocks).length).toBeLessThanOrEqual(10_000);
});

test('an audit address that is none becomes plain text, not a broken link', () => {
  const card = renderCard(story.stateAfter(...story.diagnosed), { ...options, auditUrl: 'javascript:alert(1)' });
  expect(textOf(card.blocks)).not.toContain('javascript:');
  expect(textOf(card.blocks)).toContain('Audit page');
});
