import { expect, test } from 'vitest';
import { offerId } from '../../lib/approvals/action-name.ts';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import { schematicId } from '../../lib/factory/schematic.ts';
import { readInventory, writeInventory } from '../../lib/flow/inventory.ts';
import { digestOf, FACTORY } from '../factory/memory-factory.ts';
import { BOOT_S, ok, running } from '../playbooks/build-evidence.ts';
import { extension } from '../playbooks/services-in-trouble.ts';
import { alive, staged, typed } from './stage.ts';
import { CLUSTER, CONFIG_TEXT, refusedByTalos } from './world.ts';

/** Upgrades that take a doubled extension out of an image, from the finding to the verdict. */
const { world, becomes, untilVerdict, chainHolds } = staged();

const DOUBLED = { customization: { systemExtensions: { officialExtensions: ['siderolabs/zfs', 'siderolabs/zfs'] } } };
const CLEAN = { customization: { systemExtensions: { officialExtensions: ['siderolabs/zfs'] } } };
const CLEAN_ID = schematicId(CLEAN);
const CLEAN_IMAGE = offerId('upgrade', { image: 'clean' });
const layers = (id: string, ...names: readonly string[]) =>
  ok([...names.map((name, n) => extension(name, 'v2.2.6', `${n}`)), extension('schematic', id, '9')]);
const node = (tag: string, readings: Readings) =>
  running({
    ...alive,
    version: ok({ tag, platform: 'metal', mode: 'metal' }),
    securityState: ok({ secureBoot: false, bootedWithUki: undefined }),
    metaKeys: ok([]),
    ...readings,
  });
const doubled = (tag: string) => node(tag, { extensions: layers(world().factory.store(DOUBLED), 'zfs', 'zfs') });
const cured = (tag: string, readings: Readings = {}) =>
  node(tag, { extensions: layers(CLEAN_ID, 'zfs'), systemStat: ok({ bootTimeS: BOOT_S + 300 }), ...readings });

async function planned(tag: string, evidence: Evidence) {
  for (const entry of await readInventory(world().deps, CLUSTER)) {
    await writeInventory(world().deps, { ...entry, version: tag });
  }
  world().talos.evidence = evidence;
  const id = await world().open();
  const planId = await world().requested(id, CLEAN_IMAGE);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'ready', because: '' });
  await world().desk.submit(id, planId, world().by('UREQUESTER'), typed);
  const approve = () => world().desk.approve(id, planId, world().by('UAPPROVER'), typed);
  return { id, planId, approve };
}
const approved = (tag: string) => planned(tag, doubled(tag));

test('up to 1.12 it is one call with the clean image, then the list of extensions is read again', async () => {
  const image = `${FACTORY}/installer/${CLEAN_ID}:v1.9.2`;
  const { id, planId, approve } = await approved('v1.9.2');
  expect(world().talos.calls).toEqual([]);
  world().talos.onCall = becomes(cured('v1.9.2'));
  await approve();
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual([`upgrade ${image}@${digestOf(image)}`]);
  const plan = await world().plan(id, planId);
  expect(plan).toMatchObject({ status: 'verified', holdsLease: false });
  expect(plan.verification?.checks).toContainEqual({
    name: 'Extensions',
    answer: 'yes',
    says: '1 in the image, each once: siderolabs/zfs',
  });
  await chainHolds();
});

test('from 1.13 on it is pulled, installed under the name that the pull gave, and booted: three calls in this order', async () => {
  const image = `${FACTORY}/metal-installer/${CLEAN_ID}:v1.13.2`;
  const { id, planId, approve } = await approved('v1.13.2');
  world().talos.onCall = (call) => {
    if (call.startsWith('install')) {
      world().talos.evidence = {
        ...doubled('v1.13.2'),
        readings: { ...doubled('v1.13.2').readings, metaKeys: ok(['0x06']) },
      };
    }
    if (call === 'reboot') world().talos.evidence = cured('v1.13.2');
    return undefined;
  };
  await approve();
  await untilVerdict(id, planId);
  const pinned = `${image}@${digestOf(image)}`;
  expect(world().talos.calls).toEqual([`pull ${pinned}`, `install ${pinned}@sha256:synthetic`, 'reboot']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  await chainHolds();
});

test.for([
  {
    what: 'the old image came back',
    readings: { extensions: ok([extension('zfs', 'v2.2.6', '0')]) },
    open: 'Schematic',
  },
  { what: 'no good boot has confirmed it', readings: { metaKeys: ok(['0x06']) }, open: 'Upgrade confirmed' },
  {
    what: 'another Talos runs',
    readings: { version: ok({ tag: 'v1.9.1', platform: 'metal', mode: 'metal' }) },
    open: 'Talos',
  },
])('$what: not verified, and it says so', async ({ readings, open }) => {
  const { id, planId, approve } = await approved('v1.9.2');
  world().talos.onCall = becomes(cured('v1.9.2', readings));
  await approve();
  await untilVerdict(id, planId);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'unverified',
    because: expect.stringContaining(open),
  });
});

test('an installer that fails ends it before the reboot', async () => {
  const { id, planId, approve } = await approved('v1.13.2');
  world().talos.onCall = (call) => (call.startsWith('install') ? refusedByTalos('install_failed') : undefined);
  await approve();
  await untilVerdict(id, planId);
  expect(world().talos.calls).toHaveLength(1);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'refused', holdsLease: false });
});

test('a lost reply of the installer: META tells that it is installed, and it is not installed again', async () => {
  const { id, planId, approve } = await approved('v1.13.2');
  world().talos.onCall = (call) => {
    if (call.startsWith('install')) {
      world().talos.evidence = {
        ...doubled('v1.13.2'),
        readings: { ...doubled('v1.13.2').readings, metaKeys: ok(['0x06']) },
      };
      return 'lose_reply';
    }
    if (call === 'reboot') world().talos.evidence = cured('v1.13.2');
    return undefined;
  };
  await approve();
  await untilVerdict(id, planId);
  expect(world().talos.calls.map((call) => call.split(' ')[0])).toEqual(['pull', 'install', 'reboot']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified' });
});

test.for(['down', 'refused', 'no_answer', 'altered'] as const)(
  'a factory that says %s ends the plan before anything is touched',
  async (code) => {
    world().talos.evidence = doubled('v1.13.2');
    const id = await world().open();
    world().factory.no = code;
    const planId = await world().requested(id, CLEAN_IMAGE);
    expect(await world().plan(id, planId)).toMatchObject({
      status: 'refused',
      because: expect.stringContaining('Image Factory at https://factory.test'),
    });
    expect(world().talos.calls).toEqual([]);
    expect(await world().lease()).toBeUndefined();
  },
);

test('an extension that the schematic does not name is not dropped in silence', async () => {
  const schematic = world().factory.store(DOUBLED);
  world().talos.evidence = node('v1.13.2', { extensions: layers(schematic, 'zfs', 'zfs', 'drbd') });
  const id = await world().open();
  const planId = await world().requested(id, CLEAN_IMAGE);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'refused',
    because: 'The image has drbd, which its schematic does not name: an upgrade would drop it.',
  });
});

/** As the installer up to 1.9 leaves it: both layers were named by the machine config, the schematic knows none of them. */
const LISTED = CONFIG_TEXT.replace(
  'cluster:',
  '  install: { disk: /dev/sda, extensions: [{ image: "ghcr.io/siderolabs/zfs:v2.2.5" }, { image: "ghcr.io/siderolabs/zfs:v2.2.6" }] }\ncluster:',
);
const NOTHING = { customization: { systemExtensions: { officialExtensions: [] } } };

async function listed() {
  const schematic = world().factory.store(NOTHING);
  const ids = ['000.ghcr.io-siderolabs-zfs-v2.2.5', '001.ghcr.io-siderolabs-zfs-v2.2.6'];
  const baked = ids.map((id) => extension('zfs', id.slice(-6), id));
  world().talos.configText = LISTED;
  return planned('v1.9.2', node('v1.9.2', { extensions: ok([...baked, extension('schematic', schematic, '9')]) }));
}
const cleaned = (call: string) => {
  if (call.startsWith('upgrade')) world().talos.evidence = cured('v1.9.2');
};

test('what the installer would add by the config is taken out of there first, and is in the new image once', async () => {
  const { id, planId, approve } = await listed();
  const frozen = (await world().events(id)).find(({ type }) => type === 'plan_ready');
  const plan = frozen?.type === 'plan_ready' ? frozen.data.plan : undefined;
  expect(plan?.steps.map(({ n, method }) => [n, method])).toEqual([
    [0, 'collect_evidence'],
    [1, 'ApplyConfiguration'],
    [2, 'Upgrade'],
  ]);
  expect(plan?.consequences[0]).toContain(
    'machine.install.extensions (siderolabs/zfs) is taken out of its config first',
  );
  world().talos.onCall = (call) => {
    cleaned(call);
    return undefined;
  };
  await approve();
  await untilVerdict(id, planId);
  const image = `${FACTORY}/installer/${CLEAN_ID}:v1.9.2`;
  expect(world().talos.calls).toEqual(['apply no_reboot', `upgrade ${image}@${digestOf(image)}`]);
  expect(world().talos.configText).toContain('install: { disk: /dev/sda }\n');
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  await chainHolds();
});

test('the reply to taking the list out is lost: the config shows that it arrived, and the upgrade goes on', async () => {
  const { id, planId, approve } = await listed();
  world().talos.onCall = (call) => {
    cleaned(call);
    return call.startsWith('apply') ? 'lose_reply' : undefined;
  };
  await approve();
  await untilVerdict(id, planId);
  expect(world().talos.calls.map((call) => call.split(' ')[0])).toEqual(['apply', 'upgrade']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
});

test('an extension of the list that Image Factory does not have is not dropped in silence', async () => {
  world().talos.configText = LISTED.replaceAll('siderolabs/zfs', 'example/own-driver');
  world().talos.evidence = node('v1.9.2', { extensions: layers(world().factory.store(DOUBLED), 'zfs', 'zfs') });
  const id = await world().open();
  const planId = await world().requested(id, CLEAN_IMAGE);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'refused',
    because: 'Image Factory has no example/own-driver for Talos v1.9.2: an upgrade would drop it.',
  });
  expect(world().talos.calls).toEqual([]);
});

test('killed before an upgrade of ten minutes was sent: it is looked for until its deadline, and then sent once', async () => {
  const { id, planId, approve } = await approved('v1.9.2');
  await approve();
  world().talos.onCall = () => {
    throw new Error('killed');
  };
  await expect(world().step(id, 'act', planId)).rejects.toThrow('killed');
  world().talos.onCall = becomes(cured('v1.9.2'));
  world().forward(6 * 60_000);
  await expect(world().step(id, 'act', planId)).rejects.toThrow();
  expect(world().talos.calls).toEqual([]);
  world().forward(5 * 60_000);
  await untilVerdict(id, planId);
  expect(world().talos.calls.map((call) => call.split(' ')[0])).toEqual(['upgrade']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
});
