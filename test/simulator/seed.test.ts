import { afterAll, expect, test } from 'vitest';
import type { Event } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { NO_TAIL, type Simulated, simulate } from './simulated.ts';
import { SteppedClock } from './stepped-clock.ts';
import type { Seen } from './talos-calls.ts';

/** Two clusters of one seed live through the same incident in the same way; of another seed, other machines do. */
const worlds: Simulated[] = [];
afterAll(async () => {
  for (const world of worlds) await world.end();
});
const startsAt = Date.now() - 6 * 3_600_000;

const lines = async (seen: Promise<Seen<{ readonly bytes: Uint8Array }[]>>) => {
  const all = await seen;
  return 'reply' in all ? all.reply.map(({ bytes }) => Buffer.from(bytes).toString()) : all;
};
const ids = async (seen: Promise<Seen<Event[]>>) => {
  const all = await seen;
  return 'reply' in all ? all.reply.slice(1).map(({ id, data }) => [id, data?.typeUrl]) : all;
};

/** What a reader sees after ten minutes, with the address of the cluster left out, which is whatever is free. */
async function livesThrough(seed: string): Promise<Record<string, unknown>> {
  const clock = new SteppedClock(startsAt);
  const world = await simulate({ clock, factor: 1, seed });
  worlds.push(world);
  await world.load('c02-kernel-module-not-loaded');
  for (let minutes = 0; minutes < 10; minutes += 1) clock.advance(60_000);
  const ask = (name: string) => world.to(name, 'reader');
  const tail = { ...NO_TAIL, tailEvents: -1 };
  const seen = {
    kernel: await lines(ask('w-2').frames(m.dmesg, { follow: false, tail: false })),
    services: await ask('w-2').call(m.serviceList, {}),
    events: await ids(ask('w-2').frames(m.events, tail, (frames) => frames.length > 40)),
    members: await ask('cp-1').call(m.etcdMemberList, { queryLocal: false }),
    identity: await ask('w-2').list('cluster', 'Identities.cluster.talos.dev'),
    machine: await ask('w-2').list('hardware', 'SystemInformations.hardware.talos.dev'),
    bootTime: await world.bootTime('w-2'),
  };
  const block = world.cluster.world.nodeCidr.replace(/\.0\/24$/, '.');
  return JSON.parse(JSON.stringify(seen).replaceAll(block, 'block.'));
}

test('one seed, one story', async () => {
  const [first, second, other] = [await livesThrough('one'), await livesThrough('one'), await livesThrough('another')];
  expect(second).toEqual(first);
  for (const part of ['members', 'identity', 'machine', 'events']) expect(other[part]).not.toEqual(first[part]);
  expect(first['kernel']).toContainEqual(expect.stringContaining('service "ext-zpool-importer" to be "up"'));
});
