import { expect, test } from 'vitest';
import { renderEvidence } from '../../lib/slack/views/evidence-modal.ts';
import { renderPlan, renderPreparing, renderRefusal } from '../../lib/slack/views/plan-modal.ts';
import { renderClose, renderDeny, renderNo } from '../../lib/slack/views/small-modals.ts';
import { renderThread } from '../../lib/slack/views/thread.ts';
import { checkView } from '../../simulator/slack/check-blocks.ts';
import { toReview } from './fake-desk.ts';
import { buttonsOf, inputsOf, textOf } from './reading.ts';
import * as story from './stories.ts';

const withPlan = (may: 'submit' | 'approve' | 'read', change: Parameters<typeof story.planOf>[0]) => ({
  ...toReview(may),
  plan: { plan: story.planOf(change), hash: story.HASH },
});

test('the preparing window can be found by its external id and has nothing to press', () => {
  const view = renderPreparing(
    { planId: 'plan-1', externalId: 'ext-1', state: story.stateAfter(...story.preparing) },
    'restore_config',
  );
  expect(view.external_id).toBe('ext-1');
  expect(view.submit).toBeUndefined();
  expect(checkView(view)).toEqual([]);
});

test('the plan says what happens, why this is the machine, and what Talos answered to the dry run', () => {
  const text = textOf(renderPlan(toReview('submit')).blocks);
  for (const phrase of [
    '*Restore config* on *cp-2* (control plane in demo). Risk R3, destructive.',
    'Nothing is wiped.',
    'UUID 4c4c4544 matches',
    '*Stored config*: patrol of demo',
    '*SHA-256*: deadbeef',
    "*Talos' dry run*: Applied configuration without a reboot",
    '2. Talos call ApplyConfiguration. If the answer is lost: The node leaves maintenance mode.',
    '2 people have to say yes. So far: nobody.',
    'The plan expires <!date^1772335810^',
    'Plan 0123456789abcdef.',
  ]) {
    expect(text).toContain(phrase);
  }
});

test('the requester types name and reason; there is nothing to deny yet', () => {
  const view = renderPlan(toReview('submit'));
  expect(view.submit?.text).toBe('Request approval');
  expect(inputsOf(view.blocks)).toEqual(['node_name', 'reason']);
  expect(buttonsOf(view.blocks)).toEqual([]);
});

test('the approver sees the same plan, who asked and why, types what the console shows, and can approve or deny', () => {
  const view = renderPlan(toReview('approve'));
  expect(view.submit?.text).toBe('Approve');
  expect(inputsOf(view.blocks)).toEqual(['node_name', 'console_fingerprint', 'reason?']);
  expect(buttonsOf(view.blocks).map(({ id }) => id)).toEqual(['deny']);
  expect(textOf(view.blocks)).toContain('*Requested by* Requester: node is down');
  const shared = textOf(renderPlan(toReview('submit')).blocks).split('*Approvals*')[0];
  expect(textOf(view.blocks)).toContain(shared);
});

test('a plan that asks for nothing to be typed only asks for the reason', () => {
  const plain = { typedName: 'not_required', consoleFingerprint: '', approvalsNeeded: 1 } as const;
  const view = renderPlan(withPlan('submit', plain));
  expect(inputsOf(view.blocks)).toEqual(['reason']);
  expect(view.submit?.text).toBe('Approve and run');
});

test('whoever approves alone types what the console shows too', () => {
  const view = renderPlan(withPlan('submit', { approvalsNeeded: 1 }));
  expect(inputsOf(view.blocks)).toEqual(['node_name', 'console_fingerprint', 'reason']);
  expect(view.submit?.text).toBe('Approve and run');
});

test('a renewed plan is shown again, and asks for one click and nothing typed', () => {
  const view = renderPlan({ ...toReview('submit'), isTyped: true });
  expect(inputsOf(view.blocks)).toEqual([]);
  expect(view.submit?.text).toBe('Request approval');
  expect(textOf(view.blocks)).toContain('every yes has to be said again');
  expect(textOf(view.blocks)).toContain('*SHA-256*: deadbeef');
  expect(checkView(view)).toEqual([]);
});

test('who may only read is told why, and has nothing to press', () => {
  const view = renderPlan(toReview('read', 'You said yes already. Who can: <@UAPP>.'));
  expect(view.submit).toBeUndefined();
  expect(inputsOf(view.blocks)).toEqual([]);
  expect(buttonsOf(view.blocks)).toEqual([]);
  expect(textOf(view.blocks)).toContain('You said yes already. Who can: <@UAPP>.');
});

test('forty rows of details are cut with a count, and what follows them is still there', () => {
  const details = Array.from({ length: 40 }, (_, n) => ({ label: `row ${n}`, text: '<&>'.repeat(400) }));
  const view = renderPlan(
    withPlan('approve', {
      details,
      proof: details.map(({ text }) => text),
      consequences: details.map(({ text }) => text),
    }),
  );
  expect(checkView(view)).toEqual([]);
  expect(textOf(view.blocks)).toMatch(/… and \d+ more on the audit page/);
  expect(textOf(view.blocks)).toContain('2 people have to say yes');
  expect(inputsOf(view.blocks)).toHaveLength(3);
});

test('thirty short rows are all shown, the other ten are counted', () => {
  const details = Array.from({ length: 40 }, (_, n) => ({ label: `row ${n}`, text: 'x' }));
  const text = textOf(renderPlan(withPlan('read', { details })).blocks);
  expect(text).toContain('*row 29*: x\n… and 10 more on the audit page');
});

test('a refused plan says why and which gates were not content', () => {
  const view = renderRefusal(story.stateAfter(...story.refused), 'plan-1');
  expect(checkView(view)).toEqual([]);
  expect(view.submit).toBeUndefined();
  expect(textOf(view.blocks)).toContain(
    '*Restore config* on *cp-2* is refused.\nTalos refused the dry run: unknown key.',
  );
  expect(textOf(view.blocks)).toContain('Nothing was changed.');
  const reboot = [
    ...story.diagnosed,
    story.said('plan_requested', {
      planId: 'p',
      action: 'reboot',
      parameters: {},
      about: '',
      identity: 'operator',
      externalId: 'e',
    }),
    story.said('plan_refused', { planId: 'p', because: 'A gate refused', gates: [] }),
  ];
  const text = textOf(renderRefusal(story.stateAfter(...reboot), 'p').blocks);
  expect(text).toContain('• stage: *refused*. Talos offers no reboot in maintenance mode.');
  expect(text).not.toContain('proven_target');
});

test('evidence lists findings, what they rule out, and every reading with its source', () => {
  const view = renderEvidence(story.stateAfter(...story.diagnosed));
  expect(checkView(view)).toEqual([]);
  const text = textOf(view.blocks);
  expect(text).toContain('state_not_found_in_time, certain');
  expect(text).toContain('• version: the third line');
  expect(text).toContain('• not reset_on_purpose: no reset is in the audit trail');
  expect(text).toContain('• *version* (machine.MachineService/Version, 10.0.0.2): v1.8.4');
});

test('evidence of a node that talks without end stays within what Slack takes, and counts the rest', () => {
  const long = '<log & line>'.repeat(200);
  const diagnosis = story.diagnosisOf({
    findings: Array.from({ length: 20 }, () =>
      story.findingOf({ summary: long, evidence: Array.from({ length: 40 }, () => ({ reading: long, says: long })) }),
    ),
    readings: Array.from({ length: 300 }, () => ({ name: long, source: long, node: long, answer: long })),
  });
  const view = renderEvidence(story.stateAfter(...story.diagnosing, story.said('diagnosis_finished', diagnosis)));
  expect(checkView(view)).toEqual([]);
  expect(textOf(view.blocks)).toMatch(/… and \d+ more on the audit page$/);
});

test('before the first diagnosis the evidence says that nothing was read', () => {
  expect(textOf(renderEvidence(story.stateAfter(...story.opened)).blocks)).toBe('Nothing was read yet.');
});

test.for([
  { what: 'no', view: renderNo('because '.repeat(1000)) },
  {
    what: 'deny',
    view: renderDeny({ incidentId: 'i', planId: 'plan-1', may: 'read' }, story.stateAfter(...story.awaiting)),
  },
  { what: 'close', view: renderClose('inc-1', undefined) },
])('the window "$what" is within what Slack takes', ({ view }) => {
  expect(checkView(view)).toEqual([]);
});

test('a milestone in the thread keeps its verdict in bold and nothing else', () => {
  expect(renderThread('Restore config: *verified*. <!here> *look* at https://evil.example')).toBe(
    'Restore config: *verified*. &lt;!here&gt; ∗look∗ at https:∕∕evil.example',
  );
});
