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
      stage: 'maintenance',
      version: 'v1.8.4',
      hostname: 'talos-abc-def',
      services: [
        { id: 'apid', state: 'Running' },
        { id: 'etcd', state: 'Waiting' },
      ],
      etcd: { name: 'cp-1', role: 'learner', alarms: ['NOSPACE'] },
      faults: ['slow (Version)'],
      lastActions: [{ at: '2026-11-20T03:12:07.000Z', method: 'ApplyConfiguration', outcome: 'accepted' }],
    },
    { name: 'cp-2', stage: 'off', services: 7, etcd: 'none' },
  ],
};
const cut = [{ between: ['cp-1', 'cp-3'], port: 2380 }, { between: ['w-2', 'discovery'] }];
const lines = [1, 2].map((n) => ({
  at: `2026-11-20T03:12:0${n}.000Z`,
  node: 'cp-1',
  method: 'ApplyConfiguration',
  roles: n === 1 ? [] : ['os:admin'],
  request: { note: HOSTILE },
  dryRun: n === 1,
  outcome: n === 1 ? 'accepted' : `7 PERMISSION_DENIED: ${HOSTILE}`,
}));
const calls = { total: 2, lines };

test('what the simulator says is read leniently; an answer without nodes is none', () => {
  const state = readWorldState(answer);
  expect(state?.nodes[0]).toEqual(answer.nodes[0]);
  expect(state?.nodes[1]).toEqual({
    name: 'cp-2',
    role: '',
    address: '',
    stage: 'off',
    version: '',
    hostname: '',
    services: [],
    etcd: undefined,
    faults: [],
    lastActions: [],
  });
  expect(readWorldState('gone')).toBeUndefined();
});

const scenarios = [
  {
    name: 'c04-state-not-found-in-time',
    summary: 'The system disk appears too late.',
    heading: 'Disks',
    isWell: false,
  },
  { name: 'c05-renamed', summary: 'Somebody renamed it.', heading: 'Nothing wrong', isWell: true },
  { name: 'healthy', summary: 'All six nodes run.', heading: 'Nothing wrong', isWell: true },
];

test('every scenario has a button that works without scripts, under its heading', () => {
  const page = renderPanel({ scenarios, nodes: [], cuts: [], calls, current: 'healthy', links: [] });
  for (const { name } of scenarios) expect(page).toContain(`name="name" value="${name}"`);
  expect(page.match(/<details class="group" open>/g)).toHaveLength(2);
  expect(page).toMatch(/Disks.+c04-state.+Nothing wrong.+c05-renamed.+All six nodes run/s);
  expect(page.match(/>Break it</g)).toHaveLength(1);
  expect(page.match(/>Load it( again)?</g)).toHaveLength(2);
  expect(page).toContain('action="/local/resolve"');
  expect(scriptedHeaders['content-security-policy']).toContain(`script-src 'self'`);
});

test('of many scenarios one group is open: that of the scenario that is loaded, else the first', () => {
  const many = Array.from({ length: 46 }, (_, n) => ({
    name: `c${n}`,
    summary: 'x',
    heading: `Heading ${Math.floor(n / 8)}`,
    isWell: false,
  }));
  const openOf = (current: string) =>
    [
      ...renderPanel({ scenarios: many, nodes: [], cuts: [], calls, current, links: [] }).matchAll(
        /group" open><summary><h3>(.{9})/g,
      ),
    ].map(([, heading]) => heading);
  expect(openOf('')).toEqual(['Heading 0']);
  expect(openOf('c17')).toEqual(['Heading 2']);
});

test('a node says its stage, its name, its member, its faults, its services and what was last done to it', () => {
  const part = renderPanelLive({ nodes: readWorldState(answer)?.nodes ?? [], cuts: [], calls, current: 'c04' });
  const text = part.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  expect(text).toContain(
    'cp-1 maintenance controlplane · 127.0.1.1 · v1.8.4 runs as talos-abc-def etcd learner as cp-1',
  );
  for (const word of ['NOSPACE', 'slow (Version)', 'Waiting : etcd', 'Running: apid', '03:12:07 ApplyConfiguration']) {
    expect(text).toContain(word);
  }
  expect(text).toContain('cp-2 off');
});

test('who does not reach whom stands above the nodes', () => {
  const state = readWorldState({ ...answer, cuts: cut });
  if (state === undefined) throw new Error('there are nodes');
  expect(renderPanelLive({ ...state, calls })).toContain('cp-1 and cp-3, port 2380; w-2 and discovery');
  expect(renderPanelLive({ ...state, cuts: [], calls })).not.toContain('cut off');
});

test('what is wrong with the factory stands above the nodes', () => {
  const shown = (factory: unknown) => {
    const state = readWorldState({ ...answer, factory });
    if (state === undefined) throw new Error('there are nodes');
    return renderPanelLive({ ...state, calls });
  };
  expect(shown({ url: 'http://127.0.0.1:1', fault: { fault: 'slow', of: 'images', delay: 9 } })).toContain(
    'slow (images)',
  );
  expect(shown({ url: 'http://127.0.0.1:1' })).not.toContain('Image Factory');
  expect(shown({ fault: 7 })).not.toContain('Image Factory');
});

test('nodes of a large cluster that do well name no services one by one, but what does not run they do', () => {
  const services = [
    { id: 'apid', state: 'Running' },
    { id: 'kubelet', state: 'Failed' },
  ];
  const one = { ...readWorldState(answer)?.nodes[1], services };
  const nodes = readWorldState({ nodes: Array.from({ length: 56 }, (_, n) => ({ ...one, name: `w-${n}` })) })?.nodes;
  const part = renderPanelLive({ nodes: nodes ?? [], cuts: [], calls, current: '' });
  expect(part).toContain('Running: 1 services');
  expect(part).toContain('<b>Failed</b>: kubelet');
});

test('calls stand newest first, with who by roles, when and outcome; what is cut is said', () => {
  const part = renderPanelLive({ nodes: [], cuts: [], calls: { total: 1234, lines }, current: '' });
  expect(part.indexOf('PERMISSION_DENIED')).toBeLessThan(part.indexOf('dry run'));
  expect(part).toContain('by os:admin');
  expect(part).toContain('without a certificate');
  expect(part).toContain('03:12:02');
  expect(part).toContain('The newest 2 of 1234 stand here; all of them are in world/journal.jsonl');
  expect(renderPanelLive({ nodes: [], cuts: [], calls, current: '' })).not.toContain('The newest');
  expect(part).toContain('The simulated cluster does not answer.');
});

test('hostile text from nodes stays text in the part that the script puts in', () => {
  const hostile = {
    name: `"><img src=x>${HOSTILE}`,
    stage: HOSTILE,
    hostname: HOSTILE,
    services: [{ id: HOSTILE, state: HOSTILE }],
    etcd: { name: HOSTILE, role: HOSTILE, alarms: [HOSTILE] },
    faults: [HOSTILE],
    lastActions: [{ at: HOSTILE, method: HOSTILE, outcome: HOSTILE }],
  };
  const nodes = readWorldState({ nodes: [hostile] })?.nodes ?? [];
  const part = renderPanelLive({ nodes, cuts: [HOSTILE], calls, current: HOSTILE });
  expect(part).not.toMatch(/<script|<img/);
  expect(part).toContain('&lt;script&gt;');
});
