import { expect, test } from 'vitest';
import { findEntry } from '../../lib/alerts/find-entry.ts';
import { ClusterConfig } from '../../lib/config/config.ts';
import { inventory } from '../playbooks/build-evidence.ts';

const config = ClusterConfig.parse({ name: 'test', channel: 'C1', bindings: [] });
const entries = [
  inventory,
  { ...inventory, name: 'w-1', hostname: 'w-1.example', addresses: ['10.0.0.11', 'fd00::11'] },
  { ...inventory, name: 'w-2', hostname: 'w-1.example', addresses: ['10.0.0.12'] },
];

test.for([
  { labels: { node: 'cp-1' }, name: 'cp-1', by: 'node', why: 'its inventory name' },
  { labels: { instance: '10.0.0.11:9100' }, name: 'w-1', by: 'instance', why: 'an address with a port' },
  { labels: { instance: '10.0.0.11' }, name: 'w-1', by: 'instance', why: 'an address without one' },
  { labels: { instance: '[fd00::11]:9100' }, name: 'w-1', by: 'instance', why: 'an IPv6 address in brackets' },
  { labels: { instance: '[fd00::11]' }, name: 'w-1', by: 'instance', why: 'brackets, no port' },
  { labels: { instance: 'fd00::11' }, name: 'w-1', by: 'instance', why: 'a bare IPv6 address' },
  {
    labels: { instance: '[FD00:0::0011]:9100' },
    name: 'w-1',
    by: 'instance',
    why: 'the same IPv6 address, spelled differently',
  },
  { labels: { node: 'cp-1', instance: '10.0.0.11:9100' }, name: 'cp-1', by: 'node', why: 'the more trusted label' },
  { labels: { node: '', instance: '10.0.0.12:1' }, name: 'w-2', by: 'instance', why: 'an empty label says nothing' },
  { labels: { node: 'gone', instance: '10.0.0.12:1' }, name: 'w-2', by: 'instance', why: 'a name that nobody has' },
  {
    labels: { job: 'kube-state-metrics', instance: '10.0.0.11:8080', node: 'w-2' },
    name: 'w-2',
    by: 'node',
    why: 'kube-state-metrics tells of another node',
  },
])('finds $name by $why', ({ labels, name, by }) => {
  expect(findEntry(labels, entries, config)).toMatchObject({ found: 'entry', entry: { name }, by });
});

test.for([
  { labels: {}, found: 'none', why: 'no label' },
  { labels: { alertname: 'cp-1' }, found: 'none', why: 'a label that does not name nodes' },
  {
    labels: { job: 'kube-state-metrics', instance: '10.0.0.11:8080' },
    found: 'none',
    why: 'where kube-state-metrics runs is not the node',
  },
  { labels: { node: 'w-1.example' }, found: 'several', why: 'two nodes with one hostname' },
  { labels: { node: 'CP-1' }, found: 'none', why: 'names are matched exactly' },
  { labels: { instance: '10.0.0.1:9100:9100' }, found: 'none', why: 'a malformed address' },
  { labels: { instance: 'cp-1 or 1=1' }, found: 'none', why: 'an invented one' },
])('names nobody for $why', ({ labels, found }) => {
  expect(findEntry(labels, entries, config).found).toBe(found);
});
