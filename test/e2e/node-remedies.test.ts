import { expect, test } from 'vitest';
import { medicForThisFile } from './medic-for-this-file.ts';
import { repairsBy } from './repair-story.ts';

const here = medicForThisFile();

test.for(['c02-kernel-module-not-loaded', 'c02-kernel-module-not-loaded-1.13', 'c02-kernel-module-not-loaded-1.14'])(
  '%s: the module comes by config, its service starts, the boot ends, and nothing reboots',
  async (scenario) => {
    const because = await repairsBy(
      here,
      {
        scenario,
        action: 'apply_config',
        shows: 'without a reboot',
        typed: { reason: 'zfs is missing' },
        approves: undefined,
      },
      [['w-2', 'ApplyConfiguration', 'os:admin', { mode: 'NO_REBOOT' }]],
    );
    expect(because).toContain('Services');
  },
);

test('a config that was staged: a reboot by one person brings it into effect', async () => {
  const scenario = 'c03-config-not-in-effect';
  await repairsBy(
    here,
    { scenario, action: 'reboot', shows: 'DEFAULT', typed: { reason: 'it waits for it' }, approves: undefined },
    [['w-2', 'Reboot', 'os:operator', { mode: 'DEFAULT' }]],
  );
});

test('/var cannot be repaired: EPHEMERAL alone is wiped, once, approved by two who typed the name', async () => {
  const wipesEphemeral = {
    graceful: true,
    reboot: true,
    mode: 'SYSTEM_DISK',
    systemPartitionsToWipe: [{ label: 'EPHEMERAL', wipe: true }],
    userDisksToWipe: [],
  };
  const because = await repairsBy(
    here,
    {
      scenario: 'c15-ephemeral-corrupt',
      action: 'reset_ephemeral',
      shows: 'EPHEMERAL is erased',
      typed: { node_name: 'w-3', reason: 'the repair is in vain' },
      approves: { node_name: 'w-3' },
    },
    [['w-3', 'Reset', 'os:admin', wipesEphemeral]],
  );
  expect(because).toContain('EPHEMERAL made anew');
});
