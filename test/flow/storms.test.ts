import { expect, test } from 'vitest';
import { alertOf, payloadOf } from './alerts.ts';
import { silent, staged, waiting, well } from './stage.ts';

const { world } = staged();
const MINUTE = 60_000;

/** An alert for a node, diagnosed. */
async function fallsIll(node: string): Promise<string> {
  const labels = { alertname: 'NodeDown', node, severity: 'critical' };
  const before = new Set(await world().store.listed('INCIDENT', 1_000));
  const fingerprint = Buffer.from(world().deps.newId()).toString('hex');
  await world().post(payloadOf([alertOf('firing', { fingerprint, labels })]));
  const stream = (await world().store.listed('INCIDENT', 1_000)).find((one) => !before.has(one));
  const id = stream?.replace('INCIDENT#', '') ?? '';
  await world().drain(id);
  return id;
}
const again = async (id: string) => {
  await world().desk.diagnoseAgain(id, world().by('UREQUESTER'));
  await world().drain(id);
};
const stormGate = async (id: string) =>
  (await world().state(id)).diagnosis?.offers
    .find(({ action }) => action === 'restore_config')
    ?.gates.find(({ gate }) => gate === 'storm');

test('three nodes that fall ill together are a storm: no offers, until it is over and has cooled down', async () => {
  world().talos.evidence = waiting;
  const first = await fallsIll('cp-1');
  await fallsIll('cp-2');
  expect((await stormGate(first))?.answer).toBe('allowed');
  await fallsIll('cp-3');
  await again(first);
  expect(await stormGate(first)).toMatchObject({
    answer: 'refused',
    because: '3 nodes fell ill together (cp-1, cp-2, cp-3): look for what they have in common first.',
  });
  world().forward(11 * MINUTE);
  await again(first);
  expect((await stormGate(first))?.because).toContain('Many nodes fell ill a short while ago');
  world().forward(15 * MINUTE);
  await again(first);
  expect((await stormGate(first))?.answer).toBe('allowed');
});

test('a node that Talos finds well makes no storm, whatever its alert says', async () => {
  world().talos.evidence = waiting;
  const first = await fallsIll('cp-1');
  await fallsIll('cp-2');
  world().talos.evidence = well;
  await fallsIll('cp-3');
  world().talos.evidence = waiting;
  await again(first);
  expect((await stormGate(first))?.answer).toBe('allowed');
});

test('how long a node is silent is known from look to look, and forgotten once it answers', async () => {
  const pointer = async () => (await world().store.get({ pk: 'OPEN#test', sk: 'NODE#cp-1' }))?.attributes;
  world().talos.evidence = silent;
  const id = await fallsIll('cp-1');
  const since = (await pointer())?.['silentSince'];
  expect(await pointer()).toMatchObject({
    incident: id,
    health: 'unhealthy',
    silentSince: world().deps.now().toISOString(),
  });
  world().forward(6 * MINUTE);
  await again(id);
  expect(await pointer()).toMatchObject({ silentSince: since });
  world().talos.evidence = waiting;
  await again(id);
  expect(await pointer()).not.toHaveProperty('silentSince');
});
