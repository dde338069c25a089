import { expect, test } from 'vitest';
import { actionTraits } from '../../lib/actions/traits.ts';

const rows = Object.values(actionTraits);

test.for(rows)('$name: asks every gate that what it does calls for, and none twice', ({ gates, ...does }) => {
  expect(gates.length).toBe(new Set(gates).size);
  const asks = (gate: (typeof gates)[number]) => gates.includes(gate);
  for (const gate of [
    'playbook_stage',
    'stage',
    'proven_target',
    'freshness',
    'version',
    'role',
    'one_at_a_time',
  ] as const) {
    expect(asks(gate), gate).toBe(true);
  }
  const takesAVoter = does.stops === 'node' || does.stops === 'etcd' || does.calls === 'peer';
  if (takesAVoter) expect(asks('quorum')).toBe(true);
  if (does.startsIn === 'maintenance' || does.wipes.includes('STATE')) expect(asks('stored_config')).toBe(true);
});

test.for(rows)('$name: what erases a volume is destructive, asks for the name and is done by an admin', (does) => {
  if (does.wipes.length === 0) return;
  expect(does).toMatchObject({ risk: 'R3', identity: 'admin', typedName: 'required', stops: 'node' });
});
