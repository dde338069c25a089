import { expect, test } from 'vitest';
import { renderIncident } from '../../lib/audit/pages/incident.ts';
import { readIncident } from '../../lib/flow/incident-record.ts';
import { SPKI } from '../playbooks/build-evidence.ts';
import { staged, waiting, well } from './stage.ts';

const { world, becomes, awaiting, approve, untilVerdict } = staged();
const START = SPKI.slice(0, 8);
const viewer = { id: 'U9', name: 'Reviewer' };

/** Everything that the audit page and the API show of an incident. */
async function shown(id: string): Promise<{ readonly text: string; readonly isValid: boolean }> {
  const { store } = world();
  const record = await readIncident({ ledger: store, items: store, audit: store }, id);
  if (record === undefined) throw new Error('there is no record');
  return { text: renderIncident({ ...record, viewer }) + JSON.stringify(record), isValid: record.chain.ok };
}

test("nobody can copy from the record what the approver of a control plane must read from the node's console", async () => {
  world().talos.evidence = waiting;
  const first = await world().open();
  const before = await shown(first);
  await world().desk.close(first, world().by('UREQUESTER'), 'looked at');
  const { id, planId } = await awaiting();
  const pending = await shown(id);
  world().talos.onCall = becomes(well);
  await approve(id, planId);
  await untilVerdict(id, planId);
  for (const { text, isValid } of [before, pending, await shown(id)]) {
    expect(text).toContain('spki:••••••••');
    expect(text).not.toContain(START);
    expect(isValid).toBe(true);
  }
  expect((await world().plan(id, planId)).status).toBe('verified');
});

test('what is left of the key still tells the boot, and what is stored is whole', async () => {
  const { id } = await awaiting();
  const { text } = await shown(id);
  expect(text).toContain(`spki:••••••••${SPKI.slice(8)}`);
  const [ready] = (await world().events(id)).filter(({ type }) => type === 'plan_ready');
  expect(ready?.data).toMatchObject({ plan: { consoleFingerprint: START } });
});
