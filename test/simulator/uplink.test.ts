import { expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { seenForThisFile } from './seen.ts';
import { applyRequest } from './simulated.ts';

/** Network cards with other names than the config says, and addresses that come and go. */
const { clock, seen, world } = await seenForThisFile();

const ids = async (type: string) => Object.keys(await seen.resources('w-2', 'network', type));
const links = () => ids('LinkStatuses.net.talos.dev');
const addresses = () => ids('AddressStatuses.net.talos.dev');
const wanted = () => ids('AddressSpecs.net.talos.dev');
const kubeletPid = async () => {
  const found = await seen.resources('w-2', 'runtime', 'ServicePIDs.runtime.talos.dev');
  return Number(/"pid":(\d+)/.exec(JSON.stringify(found['kubelet']))?.[1]);
};
const withInterface = (selector: string) =>
  `config: { merge: { machine: { network: { interfaces: [{ ${selector}, addresses: [192.0.2.22/24] }] } } } }`;

test('a static address goes to the link that the config names; under another name nobody takes it', async () => {
  await world.load(`nodes: { w-2: { ${withInterface('interface: eno1')} } }`);
  expect(await links()).toContain('eno1');
  expect(await addresses()).toContain('eno1/192.0.2.22/24');
  await world.load(`nodes: { w-2: { uplink: { name: enx080027a46018 }, ${withInterface('interface: eno1')} } }`);
  expect(await links()).toContain('enx080027a46018');
  expect(await links()).not.toContain('eno1');
  expect((await addresses()).join(' ')).not.toContain('192.0.2.22');
  expect(await wanted()).toContain('eno1/192.0.2.22/24');
});

test('a config that selects the card by its hardware address brings the static address back, without a reboot', async () => {
  await world.load('nodes: { w-2: { uplink: { name: enx080027a46018 } } }');
  const bootTime = await seen.bootTime('w-2');
  const found = await seen.resources('w-2', 'network', 'LinkStatuses.net.talos.dev');
  const [, mac = ''] = /"hardwareAddr":"([0-9a-f:]+)"/.exec(JSON.stringify(found['enx080027a46018'])) ?? [];
  const fixed = world
    .stored('w-2')
    .toString()
    .replace(
      /- interface: eth0\n\s+dhcp: true/,
      `- deviceSelector:\n          hardwareAddr: "${mac.toUpperCase()}"\n        addresses:\n          - 192.0.2.22/24`,
    );
  const applied = await world.to('w-2', 'admin').call(change.applyConfiguration, applyRequest(fixed));
  expect(applied).toHaveProperty('reply');
  await seen.until(async () => (await seen.stage('w-2')) === 'running');
  expect(await addresses()).toContain('enx080027a46018/192.0.2.22/24');
  expect(await seen.bootTime('w-2')).toBe(bootTime);
});

test('a lease that runs out makes the node silent until it has an address again, and restarts its kubelet', async () => {
  await world.load('bootedAgo: 3m\nnodes: { w-2: { uplink: { losesAddress: { every: 4m, for: 8s } } } }');
  const pid = await kubeletPid();
  expect(pid).toBeGreaterThan(0);
  expect(await seen.port('w-2')).toBe('answers');
  await seen.until(() => seen.isSilent('w-2'));
  await seen.until(async () => (await seen.port('w-2')) === 'answers', { maxS: 10 });
  clock.advance(10_000);
  expect(await seen.port('w-2')).toBe('answers');
  const said = (await seen.kernelLog('w-2')).join('');
  const order = [
    'removed address',
    'service[kubelet](Finished)',
    'service[kubelet](Waiting): Waiting for time sync, network',
  ];
  const places = [...order, 'Condition failed: context canceled', 'Started task kubelet'].map((text) =>
    said.lastIndexOf(text),
  );
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  expect(said.split('assigned address').length - 1).toBe(2);
  expect(said.split('created route').length - 1).toBe(2);
  expect(await kubeletPid()).toBeGreaterThan(pid);
});
