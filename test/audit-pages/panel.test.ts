import { expect, test } from 'vitest';
import { scriptedHeaders } from '../../lib/audit/pages/page.ts';
import { renderPanel, renderPanelLive } from '../../local/panel/panel.ts';
import { readWorldState } from '../../local/panel/world-state.ts';
import { HOSTILE } from './synthetic-incident.ts';

const answer = {
  scenario: 'c04-state-not-found-in-time',
  nodes: [
    {
      name: 'cp-1',
      role: 'controlplane',
      address: '127.0.1.1',
      power: 'on',
      stage: 'maintenance',
      version: 'v1.8.4',
      services: { apid: { state: 'Running' }, etcd: 'Waiting' },
      lastActions: [{ at: '2026-11-20T03:12:07.000Z', method: 'ApplyConfiguration', outcome: 'accepted' }],
    },
    { name: 'cp-2', power: 'off', stage: 'running', services: 7 },
  ],
};
const journal = [1, 2].map((n) => ({
  at: `2026-11-20T03:12:0${n}.000Z`,
  node: 'cp-1',
  method: 'ApplyConfiguration',
  roles: n === 1 ? [] : ['os:admin'],
  request: { note: HOSTILE },
  dryRun: n === 1,
  outcome: n === 1 ? 'accepted' : `7 PERMISSION_DENIED: ${HOSTILE}`,
}));

test('what the simulator says is read leniently; an answer without nodes is none', () => {
  const state = readWorldState(answer);
  expect(state?.nodes[0]).toEqual({
    name: 'cp-1',
    role: 'controlplane',
    address: '127.0.1.1',
    stage: 'maintenance',
    version: 'v1.8.4',
    services: [
      { id: 'apid', state: 'Running' },
      { id: 'etcd', state: 'Waiting' },
    ],
    etcdName: '',
    lastActions: ['03:12:07 ApplyConfiguration accepted'],
  });
  expect(state?.nodes[1]).toMatchObject({ name: 'cp-2', stage: 'off', services: [] });
  expect(readWorldState({ nodes: { 'cp-1': { stage: 'running' } } })?.nodes[0]).toMatchObject({ name: 'cp-1' });
  expect(readWorldState('gone')).toBeUndefined();
});

test('every scenario has a button that works without scripts, and the journal shows the newest call first', () => {
  const nodes = readWorldState(answer)?.nodes ?? [];
  const scenarios = [
    { name: 'healthy', summary: 'All six nodes run.' },
    { name: 'c04-state-not-found-in-time', summary: 'The system disk appears too late.' },
  ];
  const page = renderPanel({ scenarios, nodes, journal, current: 'healthy', links: [] });
  expect(page.match(/<form method="post" action="\/local\/scenario">/g)).toHaveLength(2);
  expect(page).toContain('name="name" value="c04-state-not-found-in-time"');
  expect(page).toContain('action="/local/resolve"');
  expect(page.indexOf('PERMISSION_DENIED')).toBeLessThan(page.indexOf('dry run'));
  expect(scriptedHeaders['content-security-policy']).toContain(`script-src 'self'`);
});

test('hostile text from nodes stays text in the part that the script puts in', () => {
  const part = renderPanelLive({ nodes: [], journal, current: HOSTILE });
  expect(part).not.toMatch(/<script|<img/);
  expect(part).toContain('&lt;script&gt;');
});
