import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { machineChanges } from '../../lib/talos/changing-methods.ts';
import type { WatchResponse } from '../../lib/talos/generated/cosi/resource/state.ts';
import { cosiState, machineService as m } from '../../lib/talos/methods.ts';
import { applyRequest, type Simulated, simulate } from './simulated.ts';
import { type Identity, until } from './talos-calls.ts';

let world: Simulated;
beforeAll(async () => {
  world = await simulate();
});
afterEach(async () => {
  await world.cluster.setFault('w-1', undefined);
});
afterAll(() => world.end());

const SERVICES = { namespace: 'runtime', type: 'Services.v1alpha1.talos.dev' };
const HOSTNAME = { namespace: 'network', type: 'HostnameStatuses.net.talos.dev' };

type Request = { namespace: string; type: string; id?: string; bootstrap?: boolean; apiVersion?: number };
const watch = (
  { bootstrap = false, apiVersion = 1, ...rest }: Request,
  enough: (events: readonly string[]) => boolean,
  as: { identity?: Identity; node?: string; via?: string; onFrame?: (events: readonly string[]) => void } = {},
) =>
  world
    .to(as.node ?? 'w-1', as.identity ?? 'reader', as.via === undefined ? {} : { via: as.via })
    .frames(cosiState.watch, { ...rest, apiVersion, options: { bootstrapContents: bootstrap } }, (frames) => {
      as.onFrame?.(told(frames));
      return enough(told(frames));
    });
/** `ready` for the frame without an event, else type, id and version. */
const told = (frames: readonly WatchResponse[]): readonly string[] =>
  frames.flatMap(({ event }) => {
    if (event.length === 0) return ['ready'];
    return event.map(({ eventType, resource }) =>
      [eventType, resource?.metadata?.id, resource?.metadata?.version].join(' ').trim(),
    );
  });
const toldBy = async (seen: ReturnType<typeof watch>): Promise<readonly string[]> => {
  const end = await seen;
  return 'reply' in end ? told(end.reply) : [`${end.code} ${end.text}`];
};
/** Nothing is missed from the first frame on; `count` of them are told before anything changes. */
function opening(count = 1) {
  let opened = () => {};
  const isOpen = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const onFrame = (events: readonly string[]) => {
    if (events.length >= count) opened();
  };
  return { isOpen, onFrame };
}
const enough = (count: number) => (events: readonly string[]) => events.length >= count;

test('a watch of a type: ready, then every instance in the order of ids, then the end of the beginning', async () => {
  await world.load('healthy');
  const ids = await world.to('w-1', 'reader').list(SERVICES.namespace, SERVICES.type);
  const expected = Object.keys('reply' in ids ? ids.reply : {}).sort();
  const events = await toldBy(watch({ ...SERVICES, bootstrap: true }, (all) => all.some((e) => e.startsWith('BOOT'))));
  expect(events.map((event) => event.split(' ').slice(0, 2).join(' '))).toEqual([
    'ready',
    ...expected.map((id) => `CREATED ${id}`),
    'BOOTSTRAPPED ',
  ]);
  expect(events.at(-1)).toBe('BOOTSTRAPPED  undefined');
});

test('api version 0 knows no end of the beginning; without bootstrap contents nothing comes before a change', async () => {
  const [first, second] = [opening(2), opening()];
  const old = watch({ ...HOSTNAME, bootstrap: true, apiVersion: 0 }, enough(3), {
    node: 'w-2',
    onFrame: first.onFrame,
  });
  const fresh = watch(HOSTNAME, enough(2), { node: 'w-2', onFrame: second.onFrame });
  await Promise.all([first.isOpen, second.isOpen]);
  const config = world.stored('w-2').toString().replace('hostname: w-2', 'hostname: w-2b');
  await world.to('w-2', 'admin').call(machineChanges.applyConfiguration, applyRequest(config));
  expect(await toldBy(old)).toEqual(['ready', 'CREATED hostname 2', 'UPDATED hostname 3']);
  expect(await toldBy(fresh)).toEqual(['ready', 'UPDATED hostname 3']);
  const got = await world.to('w-2', 'reader').call(cosiState.get, { ...HOSTNAME, id: 'hostname', options: {} });
  expect(got).toMatchObject({ reply: { resource: { metadata: { version: '3' } } } });
});

test('one id: what there is first, or that it is not there; bootstrap contents are not for it', async () => {
  expect(await toldBy(watch({ ...SERVICES, id: 'kubelet' }, enough(2)))).toEqual([
    'ready',
    expect.stringMatching(/^CREATED kubelet \d+$/),
  ]);
  expect(await toldBy(watch({ ...SERVICES, id: 'nothing' }, enough(2)))).toEqual([
    'ready',
    'DESTROYED nothing undefined',
  ]);
  expect(await toldBy(watch({ ...SERVICES, id: 'kubelet', bootstrap: true }, enough(1)))).toEqual([
    '12 bootstrap contents is not implemented for resource watch',
  ]);
});

test('what a reader may not read it may not watch', async () => {
  const config = { namespace: 'config', type: 'MachineConfigs.config.talos.dev' };
  expect(await toldBy(watch(config, enough(1)))).toEqual(['7 not authorized']);
  expect(await toldBy(watch(config, enough(1), { identity: 'admin' }))).toEqual(['ready']);
  expect(await toldBy(watch({ ...SERVICES, type: 'Nothings.talos.dev' }, enough(1)))).toEqual([
    '7 resource type "Nothings.talos.dev" is not supported',
  ]);
});

test('a reboot: the service that stops is gone, and the watch ends with the node, direct and through a control plane', async () => {
  await world.load('healthy');
  let seen: readonly string[] = [];
  const onFrame = (events: readonly string[]) => {
    seen = events;
  };
  const direct = watch({ ...SERVICES, id: 'kubelet' }, () => false, { onFrame });
  const through = watch({ ...SERVICES, id: 'kubelet' }, () => false, { via: 'cp-1' });
  await until(
    async () => seen.length,
    (length) => length === 2,
  );
  await world.to('w-1', 'operator').call(machineChanges.reboot, { mode: 'DEFAULT' });
  expect(await direct).toMatchObject({ code: 14 });
  expect(await through).toEqual({ code: 14, text: 'error reading from server: EOF' });
  expect(seen.at(-1)).toMatch(/^DESTROYED kubelet \d+$/);
  await until(
    () => world.stage('w-1'),
    (stage) => stage === 'running',
  );
});

test('what a node shows of the others is told when they change', async () => {
  await world.load('healthy');
  const members = { namespace: 'cluster', type: 'Members.cluster.talos.dev' };
  const { isOpen, onFrame } = opening();
  const seen = watch(members, enough(2), { onFrame });
  await isOpen;
  await world.load('nodes: { w-3: { leftCluster: true, power: "off" } }');
  expect(await toldBy(seen)).toEqual(['ready', 'DESTROYED w-3 1']);
  await world.load('healthy');
});

test.for([
  ['refuse', 14, /ECONNREFUSED/],
  ['role_denied', 7, /^not authorized$/],
  ['drop', 14, /./],
  ['malformed', 13, /parsing/],
  ['huge', 8, /larger than max/],
  ['hang', 4, /./],
  ['slow', 4, /./],
] as const)('the fault %s befalls a watch and a call', async ([fault, code, text]) => {
  const isOfPort = fault === 'refuse';
  const expected = { code, text: expect.stringMatching(text) };
  await world.cluster.setFault('w-1', isOfPort ? { fault } : { fault, method: 'Watch' });
  const node = world.to('w-1', 'reader', { deadlineMs: 600 });
  expect(await node.frames(cosiState.watch, { ...SERVICES, apiVersion: 1 })).toEqual(expected);
  if (!isOfPort) expect(await node.call(m.memory, {})).toHaveProperty('reply');
  await world.cluster.setFault('w-1', undefined);
  await world.cluster.setFault('w-1', isOfPort ? { fault } : { fault, method: 'Memory' });
  expect(await node.call(m.memory, {})).toEqual(expected);
});
