import { expect, test } from 'vitest';
import { readInventory, targetOf } from '../../lib/flow/inventory.ts';
import { learnCluster } from '../../lib/flow/learn-cluster.ts';
import { BOOT_S, ok, running, temporaryName } from '../playbooks/build-evidence.ts';
import { alertOf, payloadOf } from './alerts.ts';
import { alive, misnamed, staged, well } from './stage.ts';

const { world, becomes, awaiting, approve, rebootReady, confirm, untilVerdict } = staged();

const called = (hostname: string) =>
  running({
    ...alive,
    hostname: ok({ hostname, domainname: '' }),
    etcdSpec: ok({ name: 'cp-1' }),
    systemStat: ok({ bootTimeS: BOOT_S + 300 }),
  });
const known = async () => {
  const entry = (await readInventory(world().deps, 'test')).find(({ name }) => name === 'cp-1');
  if (entry === undefined) throw new Error('cp-1 is not in the inventory');
  return entry;
};
/** What `npm start` and the panel do, whatever is going on. */
const learnAll = async () => learnCluster({ ...world().deps, talos: world().talos }, [targetOf(await known())]);

test.for(['talos-8qy-c5p', 'other-name'])(
  'a node that comes up as %s is not verified, although Medic starts anew and diagnoses while it looks',
  async (wrong) => {
    const { id, planId } = await awaiting();
    world().talos.onCall = becomes(called(wrong));
    await approve(id, planId);
    await world().step(id, 'act', planId);
    expect((await world().plan(id, planId)).status).toBe('verifying');
    expect(await learnAll()).toEqual(['cp-1']);
    await untilVerdict(id, planId);
    const plan = await world().plan(id, planId);
    expect(plan).toMatchObject({ status: 'unverified', holdsLease: false });
    expect(plan.because).toContain(`Hostname (${wrong}, expected is cp-1)`);
    expect((await known()).hostname).toBe('cp-1');
  },
);

test('the name that a plan expects is frozen in it: an inventory that changes later makes nothing right', async () => {
  const { id, planId } = await awaiting();
  world().talos.onCall = becomes(called('other-name'));
  await approve(id, planId);
  await world().step(id, 'act', planId);
  const attributes = { body: JSON.stringify({ ...(await known()), hostname: 'other-name' }) };
  await world().store.write({ do: 'put', key: { pk: 'INVENTORY#test', sk: 'cp-1' }, attributes });
  await untilVerdict(id, planId);
  expect((await world().plan(id, planId)).status).toBe('unverified');
});

test('a reboot after which node and etcd have the same made-up name cured nothing', async () => {
  const { id, planId } = await rebootReady();
  const both = temporaryName({
    ...alive,
    hostname: ok({ hostname: 'talos-8qy-c5p', domainname: '' }),
    systemStat: ok({ bootTimeS: BOOT_S + 300 }),
  });
  world().talos.onCall = becomes(both);
  await confirm(id, planId);
  await untilVerdict(id, planId);
  const plan = await world().plan(id, planId);
  expect(plan.status).toBe('unverified');
  expect(plan.because).toContain('Hostname (talos-8qy-c5p, expected is cp-1)');
});

test('an open incident teaches boots and nothing else; when it closes, the node is learned from', async () => {
  const fingerprint = 'ea51';
  const before = await known();
  world().talos.evidence = misnamed;
  const id = await world().open(fingerprint);
  expect((await known()).boots.at(-1)?.bootTimeS).toBe(BOOT_S);
  expect({ ...(await known()), boots: before.boots }).toEqual(before);
  world().talos.evidence = {
    ...well,
    readings: { ...well.readings, hostname: ok({ hostname: 'renamed-1', domainname: '' }) },
  };
  await world().post(payloadOf([alertOf('resolved', { fingerprint })]));
  await world().drain(id);
  expect((await world().state(id)).status).toBe('closed');
  expect(await known()).toMatchObject({ hostname: 'renamed-1', seenAt: world().deps.now().toISOString() });
  expect(await learnAll()).toEqual([]);
});
