import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { medicForThisFile } from './medic-for-this-file.ts';
import { worldOf } from './running-medic.ts';

const here = medicForThisFile();

/** An alert as Alertmanager would send it, about one node of the simulated cluster. */
function alertOf(node: string): string {
  const payload = JSON.parse(readFileSync('test/fixtures/alertmanager/firing.json', 'utf8'));
  const labels = { ...payload.alerts[0].labels, cluster: worldOf(here.folder).cluster, node };
  const fingerprint = Buffer.from(node).toString('hex').padStart(16, '0').slice(0, 16);
  return JSON.stringify({ ...payload, alerts: [{ ...payload.alerts[0], labels, fingerprint }] });
}
const ofNode = async (node: string) => (await here.api.incidents()).filter((incident) => incident.node === node);

test('nodes that a scenario brings along while Medic runs are known to it, and those that go are forgotten', async () => {
  await here.api.scenario('healthy-5-control-planes');
  expect((await here.api.alerts(alertOf('cp-5'))).status).toBe(202);
  await expect.poll(async () => (await ofNode('cp-5')).length, { timeout: 20_000 }).toBe(1);
  const found = await here.api.diagnosed();
  expect(found.head.diagnosis?.findings.map(({ code }) => code)).toEqual(['healthy']);
  await here.api.scenario('healthy');
  expect((await here.api.alerts(alertOf('cp-4'))).status).toBe(202);
  await expect.poll(async () => (await here.api.incidents()).length, { timeout: 20_000 }).toBe(2);
  expect(await ofNode('cp-4'), 'not an incident of a node that is known').toEqual([]);
});

test('with an expired talosconfig Medic says that it is its own certificate, on every node', async () => {
  await here.api.scenario('c13-talosconfig-expired');
  await expect.poll(async () => (await ofNode('w-2')).length, { timeout: 20_000 }).toBe(1);
  const [incident] = await ofNode('w-2');
  await expect
    .poll(async () => JSON.stringify((await here.api.incident(incident?.id ?? '')).head.diagnosis ?? ''), {
      timeout: 20_000,
    })
    .toContain('certificate');
});
