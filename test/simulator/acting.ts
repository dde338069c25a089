import type { Event, RebootRequest, ResetRequest, UpgradeRequest } from '../../lib/talos/generated/machine/machine.ts';
import { PhaseEvent } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { NO_TAIL, type Simulated, simulate } from './simulated.ts';
import { SteppedClock } from './stepped-clock.ts';
import type { Seen } from './talos-calls.ts';

/** A simulated cluster whose time the test holds, for calls whose effects take minutes. */
export async function simulateStepped() {
  const clock = new SteppedClock();
  const world = await simulate({ clock, factor: 1 });
  return { clock, world };
}

/** Ends when every port is as its node is. No test here has a fault on the third worker. */
export const settle = (world: Simulated): Promise<boolean> => world.cluster.setFault('w-3', undefined);

/** All events of the boot so far, without the greeting: the newest one is where the history ends. */
export async function eventsOf(world: Simulated, name: string): Promise<readonly Event[]> {
  const reader = world.to(name, 'reader');
  const newest = await reader.frames(m.events, { ...NO_TAIL, tailEvents: 1 }, (frames) => frames.length === 2);
  if (!('reply' in newest)) throw new Error(newest.text);
  const { id } = newest.reply[1] ?? {};
  const all = await reader.frames(m.events, { ...NO_TAIL, tailEvents: -1 }, (frames) => frames.at(-1)?.id === id);
  if (!('reply' in all)) throw new Error(all.text);
  return all.reply.slice(1);
}

/** Names of the phases that an actor started. */
export const phasesOf = (events: readonly Event[], actorId: string): readonly string[] =>
  events
    .filter((event) => event.actorId === actorId && event.data?.typeUrl.endsWith('PhaseEvent'))
    .map(({ data }) => PhaseEvent.decode(data?.value ?? new Uint8Array()))
    .filter(({ action }) => action === 'START')
    .map(({ phase }) => phase);

type Acting = { readonly messages: readonly { readonly actorId: string }[] };
export const actorOf = (seen: Seen<Acting>): string =>
  'reply' in seen ? (seen.reply.messages[0]?.actorId ?? '') : `${seen.code} ${seen.text}`;

export const RESET: ResetRequest = {
  graceful: true,
  reboot: true,
  mode: 'SYSTEM_DISK',
  systemPartitionsToWipe: [
    { label: 'STATE', wipe: true },
    { label: 'EPHEMERAL', wipe: true },
  ],
  userDisksToWipe: [],
};
export const UPGRADE: UpgradeRequest = {
  image: '',
  preserve: false,
  stage: false,
  force: false,
  rebootMode: 'DEFAULT',
};
export const REBOOT: RebootRequest = { mode: 'DEFAULT' };
