import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { renderIncident } from '../../lib/audit/pages/incident.ts';
import { renderAuditHome, renderIncidentList } from '../../lib/audit/pages/incident-list.ts';
import { auditHeaders } from '../../lib/audit/pages/page.ts';
import { renderSignIn } from '../../lib/audit/pages/sign-in.ts';
import { HOSTILE, syntheticIncident } from './synthetic-incident.ts';

const viewer = { id: 'U9', name: 'Reviewer' };
const valid = (told: { readonly events: readonly unknown[] }) => ({ ok: true, events: told.events.length }) as const;
const usual = syntheticIncident();
const usualPage = renderIncident({ ...usual, chain: valid(usual), viewer });

test('the incident page tells cause, decision, proof and verdict', () => {
  for (const said of [
    'Waits in maintenance mode because its STATE partition was found too late',
    'Talos offers no reboot in maintenance mode.',
    'UUID 4c4c4544-0042 and serial 7XK2 are those of the inventory',
    'The node gets its stored config and boots.',
    'STATE came late after the disk swap',
    'Operator Two (U2)',
    'ApplyConfiguration',
    'Verdict: verified. All 3 checks hold.',
    `Chain valid: ${usual.events.length} events`,
  ]) {
    expect(usualPage).toContain(said);
  }
});

test('a later diagnosis that finds all well does not hide the cause', () => {
  expect(usual.state.diagnosis?.findings).toEqual([]);
  expect(usualPage).toContain('<p class="lead">Waits in maintenance mode');
});

test('every event has one entry, in order, with its hash', () => {
  const shown = [...usualPage.matchAll(/<li id="event-(\d+)"/g)].map((found) => Number(found[1]));
  expect(shown).toEqual(usual.events.map(({ seq }) => seq));
  for (const { hash } of usual.events) expect(usualPage).toContain(hash);
});

test('a changed event is marked where it stands, and nothing claims that the chain is valid', () => {
  const page = renderIncident({ ...usual, chain: { ok: false, seq: 5, problem: 'its hash does not fit' }, viewer });
  expect(page).not.toContain('Chain valid');
  expect(page).toContain('its hash does not fit');
  expect(page).toMatch(/<li id="event-5" class="bad">[\s\S]{0,300}The chain breaks here/);
  expect(page.match(/The chain breaks here/g)).toHaveLength(1);
});

test('a removed event leaves a visible hole between its neighbours', () => {
  const events = usual.events.filter(({ seq }) => seq !== 5);
  const page = renderIncident({
    ...usual,
    events,
    chain: { ok: false, seq: 5, problem: 'event 5 is missing' },
    viewer,
  });
  const order = [...page.matchAll(/<li id="event-(\d+)"/g)].map((found) => Number(found[1])).slice(0, 7);
  expect(order).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(page).toContain('Event 5 is not in the record');
});

test('an event that is no event any more is shown as what is stored, not hidden', () => {
  const events = usual.events.map((record) => (record.seq === 3 ? { ...record, body: '{"type":"<b>no' } : record));
  const page = renderIncident({
    ...usual,
    events,
    chain: { ok: false, seq: 3, problem: 'its hash does not fit' },
    viewer,
  });
  expect(page).toContain('This event cannot be read');
  expect(page).not.toContain('<b>no');
});

test('hostile text stays text on every page', () => {
  const hostile = syntheticIncident({ id: `"><script>1</script>`, node: HOSTILE, text: HOSTILE });
  const intruder = { id: HOSTILE, name: HOSTILE };
  const pages = [
    renderIncident({ ...hostile, chain: { ok: false, seq: 4, problem: HOSTILE }, viewer: intruder }),
    renderIncidentList([hostile.state], intruder),
    renderAuditHome({ incidents: [hostile.state], viewer: intruder }),
    renderSignIn([{ ...intruder, says: HOSTILE }]),
  ];
  for (const page of pages) {
    expect(page).not.toMatch(/<script|<img/);
    expect(page).toContain('&lt;script&gt;');
    expect(page.replace(/"[^"]*"/g, '""')).not.toMatch(/<[a-z][^>]*\sonerror=/);
  }
});

test('an unfinished incident has a page, without a verdict', () => {
  const open = syntheticIncident({ upTo: 'alert_fired' });
  const page = renderIncident({ ...open, chain: valid(open), viewer });
  expect(page).toContain('cp-1 has not been ready for 5 minutes');
  expect(page).not.toContain('Verdict');
  const refused = syntheticIncident({ upTo: 'plan_requested' });
  expect(renderIncident({ ...refused, chain: valid(refused), viewer })).toContain('preparing');
});

test('home counts what is open and what was proven; no incidents is said in words', () => {
  const open = syntheticIncident({ id: 'inc-2', upTo: 'diagnosis_finished' });
  const home = renderAuditHome({ incidents: [open.state, usual.state], viewer });
  expect(home).toContain('<dt>Open</dt><dd>1</dd>');
  expect(home).toContain('<dt>Repairs verified</dt><dd>1</dd>');
  expect(home).toContain('href="/audit/incidents/inc-2"');
  expect(renderIncidentList([], viewer)).toContain('No incident has been recorded yet.');
});

test('the content policy allows the style sheet as it is sent, and no script', () => {
  const policy = auditHeaders['content-security-policy'];
  const style = /<style>([\s\S]*?)<\/style>/.exec(usualPage)?.[1] ?? '';
  expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  expect(policy).not.toContain('script-src');
  expect(usualPage).not.toMatch(/<script|\sstyle="|\son[a-z]+="/);
});
