import { expect, test } from 'vitest';
import { learn, learnBoot } from '../../lib/inventory/learn.ts';
import { AT, BOOT_S, inventory, ok, otherHardware, running } from '../playbooks/build-evidence.ts';

test.for([
  { before: 'cp-1', seen: 'talos-8qy-c5p', after: 'cp-1', why: 'a made-up name does not replace a real one' },
  { before: 'cp-1.example.org', seen: 'talos-10-0-0-1', after: 'cp-1.example.org', why: 'nor one made of the address' },
  { before: 'talos-8qy-c5p', seen: 'cp-1', after: 'cp-1', why: 'a real name replaces a made-up one' },
  { before: 'talos-8qy-c5p', seen: 'talos-aaa-bbb', after: 'talos-aaa-bbb', why: 'a node that never had another' },
  { before: 'cp-1', seen: 'renamed-1', after: 'renamed-1', why: 'a person renamed it' },
  { before: 'cp-1', seen: '', after: 'cp-1', why: 'it said nothing' },
])('$before, seen as $seen, is learned as $after: $why', ({ before, seen, after }) => {
  const evidence = running({ hostname: ok({ hostname: seen, domainname: '' }) });
  expect(learn({ ...inventory, hostname: before }, evidence, inventory, AT)?.hostname).toBe(after);
});

test('only a boot that is new is learned during an incident, and none of another machine', () => {
  const rebooted = { systemStat: ok({ bootTimeS: BOOT_S }), hostname: ok({ hostname: 'renamed-1', domainname: '' }) };
  expect(learnBoot(inventory, running(rebooted), AT)).toEqual({
    ...inventory,
    boots: [...inventory.boots, { bootTimeS: BOOT_S, seenAt: AT }],
  });
  expect(learnBoot(inventory, running(), AT)).toBeUndefined();
  const many = Array.from({ length: 20 }, (_, n) => ({ bootTimeS: 1000 * (n + 1), seenAt: inventory.seenAt }));
  expect(learnBoot({ ...inventory, boots: many }, running(rebooted), AT)?.boots.at(-1)?.bootTimeS).toBe(BOOT_S);
  const sameName = running({ ...otherHardware, systemStat: ok({ bootTimeS: BOOT_S }) });
  expect(learnBoot({ ...inventory, boots: many }, sameName, AT)).toBeUndefined();
});
