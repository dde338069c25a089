import { expect, test } from 'vitest';
import { actionTraits } from '../../lib/actions/traits.ts';

const rows = Object.values(actionTraits);

test.for(rows)('$name: asks every gate that what it does calls for, and none twice', ({ gates, ...does }) => {
  expect(gates.length).toBe(new Set(gates).size);
  const asks = (gate: (typeof gates)[number]) => gates.includes(gate);
  const everybody = ['playbook_stage', 'freeze', 'stage', 'proven_target', 'freshness', 'version', 'role'] as const;
  for (const gate of everybody) expect(asks(gate), gate).toBe(true);
  const inTime = ['one_at_a_time', 'another_actor', 'repeat_limit', 'change_window'] as const;
  for (const gate of inTime) expect(asks(gate), gate).toBe(true);
  // what ails etcd as a whole is a storm, and every control plane has its incident
  expect(asks('storm')).toBe(does.name !== 'defragment_etcd' && does.name !== 'disarm_etcd_alarm');
  const stops = does.stops === 'node' || does.stops === 'etcd';
  expect(asks('quorum')).toBe(stops || does.calls === 'peer');
  expect(asks('one_control_plane')).toBe(does.stops === 'node');
  expect(asks('min_healthy')).toBe(does.stops === 'node');
  expect(asks('stored_config')).toBe(does.startsIn === 'maintenance' || does.wipes.includes('STATE'));
  expect(asks('local_data')).toBe(does.wipes.length > 0);
});

test.for(rows)('$name: what erases a volume is destructive, asks for the name and is done by an admin', (does) => {
  if (does.wipes.length === 0) return;
  expect(does).toMatchObject({ risk: 'R3', identity: 'admin', typedName: 'required', stops: 'node' });
});
