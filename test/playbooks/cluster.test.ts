import { expect, test } from 'vitest';
import type { ClusterFacts, NodeFacts } from '../../lib/playbooks/cluster/cluster-facts.ts';
import { compareCluster } from '../../lib/playbooks/cluster/registry.ts';

const AT = '2026-03-01T12:00:00.000Z';
const node = (name: string, change: Partial<NodeFacts> = {}): NodeFacts => ({
  node: name,
  role: name.startsWith('cp') ? 'controlplane' : 'worker',
  version: 'v1.13.2',
  extensions: ['iscsi-tools v0.2.0'],
  kernelModules: ['drbd'],
  timeServers: ['time.example.org'],
  resolvers: ['10.0.0.53'],
  ...change,
});
const compared = (nodes: readonly NodeFacts[], certificates: ClusterFacts['certificates'] = []) =>
  compareCluster({ cluster: 'demo', at: AT, nodes, certificates });
const brief = (found: ReturnType<typeof compared>) =>
  found.map(({ node: name, finding }) => `${name} ${finding.code} ${finding.severity} ${finding.confidence}`);
const four = (change: Partial<NodeFacts>, name = 'w-4') => [node('w-1'), node('w-2'), node('w-3'), node(name, change)];

test('nodes that are alike, of each role for itself, are not named', () => {
  const gpu = { extensions: ['nvidia v1'] };
  expect(compared([...['cp-1', 'cp-2', 'cp-3'].map((name) => node(name, gpu)), ...four({})])).toEqual([]);
});

test.for([
  {
    change: { extensions: [] },
    code: 'extensions_differ',
    says: 'w-4 is not like 3 other workers: extensions (lacks iscsi-tools v0.2.0).',
  },
  {
    change: { extensions: ['iscsi-tools v0.1.4'] },
    code: 'extensions_differ',
    says: 'w-4 is not like 3 other workers: extensions (has iscsi-tools v0.1.4, lacks iscsi-tools v0.2.0).',
  },
  {
    change: { kernelModules: [], timeServers: ['10.0.0.1'] },
    code: 'config_differs',
    says: 'w-4 is not like 3 other workers: configured kernel modules (lacks drbd) and time servers (has 10.0.0.1, lacks time.example.org).',
  },
  {
    change: { version: 'v1.12.0' },
    code: 'version_differs',
    says: 'w-4 is not like 3 other workers: Talos version (has v1.12.0, lacks v1.13.2).',
  },
])('the odd one out of four: $code, $says', ({ change, code, says }) => {
  const found = compared(four(change));
  expect(brief(found)).toEqual([`w-4 ${code} warning likely`]);
  expect(found[0]?.finding.summary).toBe(says);
});

test('two alike may be a pool of their own: information', () => {
  const gpu = { extensions: ['nvidia v1'] };
  expect(brief(compared([...four(gpu), node('w-5', gpu)]))).toEqual([
    'w-4 extensions_differ info possible',
    'w-5 extensions_differ info possible',
  ]);
});

test('without a majority, and with two nodes, nobody is named', () => {
  const other = { extensions: ['nvidia v1'] };
  expect(compared([node('w-1'), node('w-2'), node('w-3', other), node('w-4', other)])).toEqual([]);
  expect(compared([node('w-1'), node('w-2', other)])).toEqual([]);
});

test('what was not read is compared with nothing', () => {
  expect(compared(four({ extensions: undefined, version: undefined, timeServers: undefined }))).toEqual([]);
});

test.for([
  { left: '30 days', endsAt: '2026-03-31T12:00:00.000Z', is: undefined },
  { left: 'almost 30 days', endsAt: '2026-03-31T11:59:00.000Z', is: 'ends in 29 days' },
  { left: 'a day', endsAt: '2026-03-02T13:00:00.000Z', is: 'ends in 1 day' },
  { left: 'nothing', endsAt: '2026-02-28T12:00:00.000Z', is: 'is over' },
])('$left left of our own certificate: $is', ({ endsAt, is }) => {
  const found = compared(
    [],
    [
      { role: 'reader', endsAt: '2027-01-01T00:00:00.000Z' },
      { role: 'admin', endsAt },
    ],
  );
  expect(found.map(({ node: name, finding }) => `${name}|${finding.code}|${finding.summary}`)).toEqual(
    is === undefined
      ? []
      : [`|our_certificate_ends_soon|Medic's own certificate for demo as admin ${is}; after that no node answers it.`],
  );
});
