import { expect, test } from 'vitest';
import { baselineOf } from '../../lib/inventory/baseline.ts';
import { InventoryEntry } from '../../lib/inventory/entry-schema.ts';
import { learn } from '../../lib/inventory/learn.ts';
import { AT, failed, inventory, ok, running } from '../playbooks/build-evidence.ts';

const { cluster, name, role, addresses } = inventory;
const known = { cluster, name, role, addresses };
const service = (id: string, state: string) => ({
  id,
  state,
  health: 'healthy' as const,
  lastMessage: '',
  events: [],
});
const well = {
  services: ok([service('kubelet', 'Running'), service('ext-iscsid', 'Waiting'), service('apid', 'Running')]),
  extensions: ok([{ id: '0', name: 'iscsi-tools', version: 'v0.1.6', image: '' }]),
  kernelModules: ok([
    { name: 'nvme', state: 'live' },
    { name: 'ext4', state: 'built-in' },
    { name: 'iscsi_tcp', state: 'live' },
  ]),
  timeServers: ok(['time.cloudflare.com']),
};

test('how a node is while it is well, sorted so that two looks compare', () => {
  expect(baselineOf(running(well), AT)).toEqual({
    services: ['apid', 'kubelet'],
    extensions: ['iscsi-tools v0.1.6'],
    kernelModules: ['iscsi_tcp', 'nvme'],
    timeServers: ['time.cloudflare.com'],
    seenAt: AT,
  });
});

test.for([
  ['not ready', { ...well, machineStatus: ok({ stage: 'running' as const, ready: false, unmetConditions: [] }) }],
  ['booting', { ...well, machineStatus: ok({ stage: 'booting' as const, ready: true, unmetConditions: [] }) }],
  ['whose services could not be read', { ...well, services: failed<never>() }],
  ['whose modules could not be read', { ...well, kernelModules: failed<never>() }],
] as const)('a node %s is no measure', ([, readings]) => {
  expect(baselineOf(running(readings), AT)).toBeUndefined();
});

test('it is learned, stays when a later look says nothing, and survives being stored', () => {
  const learned = learn(inventory, running(well), known, AT);
  const later = learn(learned, running({ ...well, services: failed() }), known, '2026-03-02T00:00:00.000Z');
  expect(later?.baseline).toEqual(learned?.baseline);
  expect(later?.baseline?.services).toEqual(['apid', 'kubelet']);
  expect(InventoryEntry.parse(JSON.parse(JSON.stringify(later)))).toEqual(later);
});
