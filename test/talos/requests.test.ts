import { expect, expectTypeOf, test } from 'vitest';
import type { ResetRequest } from '../../lib/talos/generated/machine/machine.ts';
import type { ApplyOrder, RebootMode, ResetOrder, UpgradeOrder } from '../../lib/talos/orders.ts';
import {
  applyRequest,
  checkedReset,
  isImageReference,
  isMemberId,
  isRestartable,
  rebootRequest,
  resetRequest,
  upgradeRequest,
} from '../../lib/talos/requests.ts';

test('a reset names its partitions, with wipe said, and restarts', () => {
  expect(resetRequest({ wipe: 'ephemeral', graceful: true })).toEqual({
    graceful: true,
    reboot: true,
    systemPartitionsToWipe: [{ label: 'EPHEMERAL', wipe: true }],
    userDisksToWipe: [],
    mode: 'SYSTEM_DISK',
  });
  expect(resetRequest({ wipe: 'state_and_ephemeral', graceful: false }).systemPartitionsToWipe).toEqual([
    { label: 'STATE', wipe: true },
    { label: 'EPHEMERAL', wipe: true },
  ]);
});

const good = resetRequest({ wipe: 'state_and_ephemeral', graceful: true });
test.for<[string, ResetRequest, string]>([
  [
    'no partition',
    { ...good, systemPartitionsToWipe: [] },
    'it names no partition to wipe, or one that is never wiped',
  ],
  [
    'wipe not said',
    { ...good, systemPartitionsToWipe: [{ label: 'STATE', wipe: false }] },
    'it names no partition to wipe, or one that is never wiped',
  ],
  [
    'META',
    { ...good, systemPartitionsToWipe: [{ label: 'META', wipe: true }] },
    'it names no partition to wipe, or one that is never wiped',
  ],
  ['no reboot', { ...good, reboot: false }, 'it would power the machine off'],
  ['mode 0', { ...good, mode: 'ALL' }, 'it would wipe more than partitions'],
  ['a user disk', { ...good, userDisksToWipe: ['/dev/sdb'] }, 'it would wipe more than partitions'],
])('a reset with %s is not sent', ([, request, why]) => {
  expect(checkedReset(request)).toEqual({ ok: false, error: why });
});
test('what the order builds passes', () => {
  expect(checkedReset(good)).toEqual({ ok: true, value: good });
});

test('an upgrade never skips its checks', () => {
  const order = {
    image: 'factory.talos.dev/metal-installer/abc:v1.12.0',
    stage: true,
    rebootMode: 'powercycle',
  } as const;
  expect(upgradeRequest(order)).toEqual({
    image: order.image,
    preserve: false,
    force: false,
    stage: true,
    rebootMode: 'POWERCYCLE',
  });
});

test.for([
  ['auto', 'AUTO'],
  ['no_reboot', 'NO_REBOOT'],
  ['staged', 'STAGED'],
] as const)('an apply in mode %s is sent as %s', ([mode, sent]) => {
  const request = applyRequest({ config: 'a: 1', mode, dryRun: false });
  expect(request).toEqual({ data: Buffer.from('a: 1'), mode: sent, dryRun: false });
});
test('a try says when it ends', () => {
  expect(applyRequest({ config: 'a: 1', mode: 'try', revertAfterS: 90, dryRun: false })).toMatchObject({
    mode: 'TRY',
    tryModeTimeout: { seconds: '90', nanos: 0 },
  });
});
test.for([
  ['default', 'DEFAULT'],
  ['powercycle', 'POWERCYCLE'],
  ['force', 'FORCE'],
] as const)('reboot mode %s', ([mode, sent]) => {
  expect(rebootRequest(mode)).toEqual({ mode: sent });
});

test('the types have no words for what must not be said', () => {
  expectTypeOf<RebootMode>().toEqualTypeOf<'default' | 'powercycle' | 'force'>();
  expectTypeOf<keyof ResetOrder>().toEqualTypeOf<'wipe' | 'graceful'>();
  expectTypeOf<ResetOrder['wipe']>().toEqualTypeOf<'ephemeral' | 'state_and_ephemeral'>();
  expectTypeOf<keyof UpgradeOrder>().toEqualTypeOf<'image' | 'stage' | 'rebootMode'>();
  expectTypeOf<ApplyOrder['mode']>().toEqualTypeOf<'auto' | 'no_reboot' | 'staged' | 'try'>();
  // @ts-expect-error: a try without an end
  const endless: ApplyOrder = { config: '', dryRun: false, mode: 'try' };
  expect(endless.mode).toBe('try');
});

test.for([
  ['factory.talos.dev/metal-installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.13.9', true],
  [`factory.talos.dev/installer/abc@sha256:${'a'.repeat(64)}`, true],
  [`registry.local:5000/installer:v1.8.4@sha256:${'0'.repeat(64)}`, true],
  ['factory.talos.dev/installer/abc', false],
  ['installer:v1.13.0', false],
  ['factory.talos.dev/installer:v1 --force', false],
  ['Factory.talos.dev/installer:v1', false],
  [`factory.talos.dev/installer@sha256:${'a'.repeat(63)}`, false],
  ['../../etc/passwd:v1', false],
  ['', false],
] as const)('image %s: %s', ([image, expected]) => {
  expect(isImageReference(image)).toBe(expected);
});

test.for([
  ['18446744073709551615', true],
  ['18446744073709551616', false],
  ['9007199254740993', true],
  ['0', false],
  ['007', false],
  ['-1', false],
  ['0x1f', false],
  ['', false],
] as const)('member id %s: %s', ([id, expected]) => {
  expect(isMemberId(id)).toBe(expected);
});

test.for([
  ['kubelet', true],
  ['ext-iscsid', true],
  ['etcd', false],
  ['ext-', false],
  ['ext-a b', false],
  ['machined', false],
] as const)('restart of %s: %s', ([service, expected]) => {
  expect(isRestartable(service)).toBe(expected);
});
