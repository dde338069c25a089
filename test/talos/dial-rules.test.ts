import { expect, test } from 'vitest';
import { mayDial } from '../../lib/talos/dial-rules.ts';

const lab = { nodeCidrs: ['10.0.0.0/8', 'fd00:1::/64'], isSimulated: false };
const everything = { nodeCidrs: ['0.0.0.0/0', '::/0'], isSimulated: false };

test('nodes of the cluster may be dialled, over both families', () => {
  expect(mayDial('10.1.2.3', lab).ok).toBe(true);
  expect(mayDial('fd00:1::7', lab).ok).toBe(true);
  expect(mayDial('11.1.2.3', lab)).toEqual({ ok: false, error: "11.1.2.3 is outside of the cluster's nodeCidrs" });
  expect(mayDial('fd00:2::7', lab).ok).toBe(false);
});

test.for([
  '127.0.0.1',
  '127.9.9.9',
  '::1',
  '0.0.0.0',
  '::',
  '169.254.169.254',
  'fe80::1',
  'fe80::1%eth0',
  'fd00:ec2::254',
  '100.100.100.200',
  '168.63.129.16',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '224.0.0.1',
  '255.255.255.255',
  'ff02::1',
  'localhost',
  'metadata.google.internal',
  '10.0.0.1:50000',
  '10.0.0.1/8',
  '2130706433',
  '0x7f.1',
  '',
])('%s is never dialled, whatever nodeCidrs say', (address) => {
  expect(mayDial(address, everything).ok).toBe(false);
});

test('simulated nodes live on loopback, inside of their range only, and nowhere else that is forbidden', () => {
  const simulated = { nodeCidrs: ['127.9.9.0/24', '169.254.0.0/16'], isSimulated: true };
  expect(mayDial('127.9.9.4', simulated).ok).toBe(true);
  expect(mayDial('127.0.0.1', simulated).ok).toBe(false);
  expect(mayDial('169.254.169.254', simulated).ok).toBe(false);
});

test('a range that cannot be read allows nothing', () => {
  for (const cidr of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', 'x/8', '10.0.0.0/8/8', '']) {
    expect(mayDial('10.0.0.1', { nodeCidrs: [cidr], isSimulated: false }).ok).toBe(false);
  }
});
