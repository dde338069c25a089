import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineChanges as change } from '../../lib/talos/changing-methods.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { simulateStepped } from './acting.ts';
import { applyRequest } from './simulated.ts';

/** Network cards with other names than the config says, and addresses that come and go. */
let stepped: Awaited<ReturnType<typeof simulateStepped>>;
beforeAll(async () => {
  stepped = await simulateStepped();
});
afterAll(() => stepped.world.end());

const reader = () => stepped.world.to('w-2', 'reader', { deadlineMs: 2_000 });
const ids = async (type: string): Promise<readonly string[]> => {
  const seen = await reader().list('network', type);
  return 'reply' in seen ? Object.keys(seen.reply) : [seen.text];
};
const links = () => ids('LinkStatuses.net.talos.dev');
const addresses = () => ids('AddressStatuses.net.talos.dev');
const wanted = () => ids('AddressSpecs.net.talos.dev');
const dmesg = async () => {
  const seen = await reader().frames(m.dmesg, { follow: false, tail: false });
  return 'reply' in seen ? Buffer.concat(seen.reply.map(({ bytes }) => bytes)).toString() : seen.text;
};
const withInterface = (selector: string) =>
  `config: { merge: { machine: { network: { interfaces: [{ ${selector}, addresses: [192.0.2.22/24] }] } } } }`;

test('a static address goes to the link that the config names; under another name nobody takes it', async () => {
  await stepped.world.load(`nodes: { w-2: { ${withInterface('interface: eno1')} } }`);
  expect(await links()).toContain('eno1');
  expect(await addresses()).toContain('eno1/192.0.2.22/24');
  await stepped.world.load(
    `nodes: { w-2: { uplink: { name: enx080027a46018 }, ${withInterface('interface: eno1')} } }`,
  );
  expect(await links()).toContain('enx080027a46018');
  expect(await links()).not.toContain('eno1');
  expect((await addresses()).join(' ')).not.toContain('192.0.2.22');
  expect(await wanted()).toContain('eno1/192.0.2.22/24');
});

test('a config that selects the card by its hardware address brings the static address back, without a reboot', async () => {
  await stepped.world.load('nodes: { w-2: { uplink: { name: enx080027a46018 } } }');
  const boots = stepped.node('w-2').bootCount;
  const mac = stepped.node('w-2').physical.hardware.links[0]?.mac ?? '';
  const fixed = stepped.world
    .stored('w-2')
    .toString()
    .replace(
      /- interface: eth0\n\s+dhcp: true/,
      `- deviceSelector:\n          hardwareAddr: "${mac.toUpperCase()}"\n        addresses:\n          - 192.0.2.22/24`,
    );
  const applied = await stepped.world.to('w-2', 'admin').call(change.applyConfiguration, applyRequest(fixed));
  expect(applied).toHaveProperty('reply');
  await stepped.pass(() => stepped.node('w-2').boot?.stage === 'running');
  expect(await addresses()).toContain('enx080027a46018/192.0.2.22/24');
  expect(stepped.node('w-2').bootCount).toBe(boots);
});

test('a lease that runs out makes the node silent until it has an address again, and restarts its kubelet', async () => {
  await stepped.world.load('bootedAgo: 3m\nnodes: { w-2: { uplink: { losesAddress: { every: 4m, for: 8s } } } }');
  const pid = stepped.node('w-2').boot?.pid ?? 0;
  expect(await reader().call(m.version, {})).toHaveProperty('reply');
  await stepped.pass(() => stepped.node('w-2').boot?.addressLostAt !== undefined);
  expect(await reader().call(m.version, {})).toMatchObject({ code: 4 });
  await stepped.pass(() => stepped.node('w-2').boot?.addressLostAt === undefined);
  stepped.clock.advance(10_000);
  expect(await reader().call(m.version, {})).toHaveProperty('reply');
  const said = await dmesg();
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
  expect(stepped.node('w-2').boot?.pid).toBeGreaterThan(pid);
});
