import { expect, test } from 'vitest';
import { BOOT_S, kernel, ok, running } from '../playbooks/build-evidence.ts';
import { zfsWaits } from '../playbooks/services-in-trouble.ts';
import { alive, staged, typed } from './stage.ts';
import { CONFIG_TEXT, refusedByTalos } from './world.ts';

/** A change of the config that a finding proposes, from the finding to the verdict. */
const { world, untilVerdict, chainHolds } = staged();

/** The module is loaded, the service starts, and the boot goes on to its end. */
const well = () => running({ ...alive, systemStat: ok({ bootTimeS: BOOT_S }) });
const MODULE = '    kernel: { modules: [ { name: "zfs" } ] }\n';

async function offered(version = 'v1.13.2') {
  world().forward(37 * 60_000); // the node logs until then
  world().talos.evidence = zfsWaits({
    ...alive,
    version: ok({ tag: version, platform: 'metal', mode: 'metal' }),
    services: zfsWaits().readings.services ?? ok([]),
  });
  const id = await world().open();
  const state = await world().state(id);
  const [offer] = state.diagnosis?.offers.filter(({ action }) => action === 'apply_config') ?? [];
  if (offer === undefined) throw new Error('no change of the config is offered');
  return { id, offer };
}
async function ready(version?: string) {
  const { id, offer } = await offered(version);
  const planId = await world().requested(id, offer.id);
  return { id, planId, offer };
}
async function approve(id: string, planId: string) {
  await world().desk.submit(id, planId, world().by('UREQUESTER'), typed);
  await world().desk.approve(id, planId, world().by('UAPPROVER'), typed);
}

test('the module that a service waits for is loaded by config: read, merged, sent whole, without a reboot', async () => {
  const { id, planId, offer } = await ready();
  expect(offer).toMatchObject({ about: 'machine.kernel.modules', answer: 'allowed' });
  expect(await world().plan(id, planId)).toMatchObject({ status: 'ready', because: '' });
  expect(world().talos.calls).toEqual([]);
  world().talos.onCall = () => {
    world().talos.evidence = well();
    return undefined;
  };
  await approve(id, planId);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply no_reboot']);
  expect(world().talos.configText).toContain(MODULE);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified', holdsLease: false });
  await chainHolds();
});

test('what people approve shows the change and no secret of the config', async () => {
  const { id } = await ready();
  const frozen = (await world().events(id)).find(({ type }) => type === 'plan_ready');
  const plan = frozen?.type === 'plan_ready' ? frozen.data.plan : undefined;
  expect(plan?.details).toContainEqual({ label: 'Change', text: 'machine.kernel.modules[0].name: added, zfs' });
  const authority = CONFIG_TEXT.match(/crt: (\S+)/)?.[1] ?? '-';
  expect(JSON.stringify(plan)).not.toContain(authority);
});

test('a config that was changed by somebody else meanwhile: nothing is sent', async () => {
  const { id, planId } = await ready();
  world().talos.configText = CONFIG_TEXT.replace('https://10.0.0.9:6443', 'https://10.0.0.8:6443');
  await approve(id, planId);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual([]);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'refused',
    because: 'Not sent: the node has another config than the plan was made for.',
  });
});

test('a lost reply: the config of the node shows that it arrived, and it is not sent again', async () => {
  const { id, planId } = await ready();
  world().talos.onCall = () => {
    world().talos.evidence = well();
    return 'lose_reply';
  };
  await approve(id, planId);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply no_reboot']);
  expect(await world().plan(id, planId)).toMatchObject({ status: 'verified' });
});

test('a call that did not arrive is sent again once its deadline has passed', async () => {
  const { id, planId } = await ready();
  let isFirst = true;
  world().talos.onCall = () => {
    if (!isFirst) return undefined;
    isFirst = false;
    return refusedByTalos('deadline_exceeded');
  };
  await approve(id, planId);
  await expect(world().step(id, 'act', planId)).rejects.toThrow('deadline');
  world().forward(40_000);
  await untilVerdict(id, planId);
  expect(world().talos.calls).toEqual(['apply no_reboot']);
});

test('a config that somebody is trying out is not touched, not even by a dry run', async () => {
  const { id, offer } = await offered();
  world().talos.triedText = CONFIG_TEXT.replace('https://10.0.0.9:6443', 'https://10.0.0.8:6443');
  let dryRuns = 0;
  const { applyConfig } = world().talos;
  world().talos.applyConfig = (target, order) => {
    dryRuns += 1;
    return applyConfig(target, order);
  };
  const planId = await world().requested(id, offer.id);
  expect(await world().plan(id, planId)).toMatchObject({
    status: 'refused',
    because: expect.stringContaining('somebody tries one out, or has staged one'),
  });
  expect(dryRuns).toBe(0);
});

test('up to 1.9, where only the log tells, a try of the last hour is left alone too', async () => {
  const { id, offer } = await offered('v1.9.2');
  const { readConfig } = world().talos;
  world().talos.readConfig = async (target, order) => {
    const read = await readConfig(target, order);
    return read.ok ? { ok: true, value: { ...read.value, onDisk: undefined } } : read;
  };
  const evidence = world().talos.evidence ?? well();
  const tried = kernel('2026-03-01T12:30:00.000Z', '[talos] apply config request: mode try');
  world().talos.evidence = { ...evidence, readings: { ...evidence.readings, kernelLog: ok([tried]) } };
  const planId = await world().requested(id, offer.id);
  expect((await world().plan(id, planId)).because).toContain('Somebody tries a config out since 2026-03-01T12:30');
});
