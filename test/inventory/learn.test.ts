import { expect, test } from 'vitest';
import { learn } from '../../lib/inventory/learn.ts';
import {
  ALL_LABELS,
  AT,
  BOOT_S,
  EARLIER_BOOT_S,
  failed,
  hardware,
  inMaintenance,
  inventory,
  ok,
  otherHardware,
  partitions,
  running,
  STATE_UUID,
  silent,
  stateVolume,
} from '../playbooks/build-evidence.ts';

const { cluster, name, role, addresses } = inventory;
const known = { cluster, name, role, addresses };

test('a node that is seen for the first time is learned with all that it says', () => {
  const evidence = running({
    identity: ok({ nodeId: 'node-id-1' }),
    volumes: ok([stateVolume('ready', STATE_UUID.toUpperCase())]),
    extensions: ok([
      { id: '0', name: 'iscsi-tools', version: 'v0.1.6', image: '' },
      { id: '1', name: 'schematic', version: 'schematic-a', image: '' },
    ]),
  });
  expect(learn(undefined, evidence, known, AT)).toEqual({
    ...inventory,
    boots: [{ bootTimeS: EARLIER_BOOT_S + 1, seenAt: AT }],
    seenAt: AT,
  });
});

test('what it does not say this time stays as it was', () => {
  const bare = {
    links: failed<never>(),
    disks: failed<never>(),
    version: failed<never>(),
    etcdMembers: failed<never>(),
    etcdSpec: failed<never>(),
    hostname: failed<never>(),
  };
  const after = learn(inventory, running({ ...bare, systemStat: failed() }), known, AT);
  expect(after).toEqual({ ...inventory, seenAt: AT });
});

test('another boot is added, the same boot is not, and twenty are kept', () => {
  expect(learn(inventory, running(), known, AT)?.boots).toEqual(inventory.boots);
  const rebooted = running({ systemStat: ok({ bootTimeS: BOOT_S }) });
  expect(learn(inventory, rebooted, known, AT)?.boots).toEqual([...inventory.boots, { bootTimeS: BOOT_S, seenAt: AT }]);
  const many = Array.from({ length: 20 }, (_, n) => ({ bootTimeS: 1000 * (n + 1), seenAt: AT }));
  const boots = learn({ ...inventory, boots: many }, rebooted, known, AT)?.boots;
  expect(boots).toHaveLength(20);
  expect(boots?.at(0)?.bootTimeS).toBe(2000);
  expect(boots?.at(-1)?.bootTimeS).toBe(BOOT_S);
});

test('the STATE partition is learned from the partitions where the volume does not tell', () => {
  const evidence = running({ discoveredVolumes: ok(partitions(ALL_LABELS)) });
  expect(learn({ ...inventory, statePartitionUuid: undefined }, evidence, known, AT)?.statePartitionUuid).toBe(
    STATE_UUID,
  );
});

test('a worker has no etcd name', () => {
  expect(learn(undefined, running(), { ...known, role: 'worker' }, AT)?.etcdName).toBeUndefined();
});

test.each([
  ['in maintenance mode', inMaintenance(hardware)],
  ['silent', silent('no_route')],
  ['still booting', running({ machineStatus: ok({ stage: 'booting', ready: false, unmetConditions: [] }) })],
  ['of unknown stage', running({ machineStatus: failed() })],
])('nothing is learned from a node that is %s', (_what, evidence) => {
  expect(learn(inventory, evidence, known, AT)).toBeUndefined();
});

test('another machine with another hostname at the address teaches nothing about this node', () => {
  const evidence = running({ ...otherHardware, hostname: ok({ hostname: 'cp-9', domainname: '' }) });
  expect(learn(inventory, evidence, known, AT)).toBeUndefined();
});

test('a machine that was replaced under the same hostname starts with an empty page', () => {
  const after = learn(inventory, running(otherHardware), known, AT);
  expect(after?.identity.serialNumber).toBe('SN-0815');
  expect(after?.statePartitionUuid).toBeUndefined();
  expect(after?.boots).toEqual([{ bootTimeS: EARLIER_BOOT_S + 1, seenAt: AT }]);
});

test('facts that contradict without proving anything do not overwrite what is known', () => {
  const evidence = running({ systemInformation: failed(), links: otherHardware.links ?? failed(), disks: failed() });
  expect(learn(inventory, evidence, known, AT)).toBeUndefined();
});
