import { describe, expect, test } from 'vitest';
import type { CompositeIdentity } from '../../lib/inventory/entry.ts';
import { compareIdentity, observedIdentity } from '../../lib/inventory/identity.ts';
import { evidence, failed, inventory, ok, otherHardware, running } from '../playbooks/build-evidence.ts';

const known = inventory.identity;
const nothing: CompositeIdentity = {
  uuid: undefined,
  serialNumber: undefined,
  macs: [],
  systemDiskWwid: undefined,
  nodeId: undefined,
};
const JUNK = [
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '03000200-0400-0500-0006-000700080009',
  'no uuid at all',
];
const JUNK_SERIALS = [
  'To be filled by O.E.M.',
  '0123456789',
  'None',
  'Default string',
  ' ',
  '0',
  'System Serial Number',
];

describe('a machine', () => {
  test('is the same when two hardware facts agree, and the sentence names them', () => {
    const proof = compareIdentity(known, { ...nothing, uuid: known.uuid?.toUpperCase(), macs: known.macs });
    expect(proof).toEqual({
      verdict: 'same',
      agreeing: ['uuid', 'macs'],
      differing: [],
      because: 'It is the known machine: UUID and permanent MAC agree with the inventory.',
    });
  });

  test('is unproven by one fact, or by one fact and the Talos node id', () => {
    expect(compareIdentity(known, { ...nothing, uuid: known.uuid }).verdict).toBe('unproven');
    expect(compareIdentity(known, { ...nothing, uuid: known.uuid, nodeId: known.nodeId }).verdict).toBe('unproven');
    expect(compareIdentity(known, nothing).because).toContain('none could be compared');
  });

  test('is the same after its disk was replaced, and that is said', () => {
    const proof = compareIdentity(known, { ...known, systemDiskWwid: 'naa.other' });
    expect(proof.verdict).toBe('same');
    expect(proof.because).toContain('although another system disk WWID is seen');
  });

  test('is unproven when as many facts differ as agree', () => {
    const proof = compareIdentity(known, { ...known, systemDiskWwid: 'naa.other', macs: ['b0:83:fe:00:00:77'] });
    expect(proof.verdict).toBe('unproven');
  });

  test('is another one when two facts differ, even with the disk of the known one', () => {
    const observed = observedIdentity(evidence({ readings: otherHardware }));
    expect(compareIdentity(known, observed).verdict).toBe('different');
    expect(compareIdentity(known, { ...observed, systemDiskWwid: known.systemDiskWwid }).verdict).toBe('different');
  });

  test('with two network cards is recognised by one of them', () => {
    const two = { ...known, macs: ['b0:83:fe:00:00:01', 'b0:83:fe:00:00:02'] };
    const proof = compareIdentity(two, { ...nothing, macs: ['b0:83:fe:00:00:02'], serialNumber: known.serialNumber });
    expect(proof.verdict).toBe('same');
  });
});

test.each(JUNK)('the placeholder UUID %s proves nothing', (uuid) => {
  const shared = { ...nothing, uuid, macs: known.macs };
  expect(compareIdentity(shared, shared)).toMatchObject({ verdict: 'unproven', agreeing: ['macs'] });
});

test.each(JUNK_SERIALS)('the placeholder serial number "%s" proves nothing', (serialNumber) => {
  const shared = { ...nothing, serialNumber, macs: known.macs };
  expect(compareIdentity(shared, shared)).toMatchObject({ verdict: 'unproven', agreeing: ['macs'] });
});

test('what a node says about its machine: placeholders, bonds and missing readings are left out', () => {
  expect(observedIdentity(running())).toEqual({ ...known, nodeId: undefined });
  const readings = {
    systemInformation: ok({ uuid: JUNK[0] ?? '', serialNumber: 'None', manufacturer: '', productName: '' }),
    links: ok([
      { id: 'bond0', kind: 'bond', hardwareAddr: 'b0:83:fe:00:00:01', permanentAddr: 'b0:83:fe:00:00:01', isUp: true },
      { id: 'eno1', kind: '', hardwareAddr: 'aa:aa:aa:aa:aa:aa', permanentAddr: '00:00:00:00:00:00', isUp: true },
    ]),
    disks: failed<never>(),
  };
  expect(observedIdentity(running(readings))).toEqual(nothing);
});
