import { afterAll } from 'vitest';
import type { ServiceInfo } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { settle, simulateStepped } from './acting.ts';
import { etcdSeen } from './seen-etcd.ts';
import { machineSeen } from './seen-machine.ts';
import type { Simulated } from './simulated.ts';
import type { SteppedClock } from './stepped-clock.ts';
import type { Identity, Seen, Talos } from './talos-calls.ts';

/** How long somebody waits for an answer on a busy computer. */
const ANSWERS_MS = 3_000;
/** Who is silent while time goes on is asked again, but not at once: a machine is silent for 6 s at least. */
const SOON_ASKED_AGAIN_MS = 700;
const SILENT_FOR_S = 5;
const DEADLINE_EXCEEDED = 4;

/** A cluster of one test file, on a clock that the file holds, and what any Talos client sees of it. */
export async function seenForThisFile() {
  const stepped = await simulateStepped();
  afterAll(() => stepped.world.end());
  return { ...stepped, seen: seeing(stepped) };
}

export type Ask = (name: string, identity?: Identity) => Talos;

/** What any Talos client sees of the nodes over gRPC, while the test holds the time. */
function seeing({ clock, world }: { readonly clock: SteppedClock; readonly world: Simulated }) {
  let isWaiting = false;
  let isSilent = false;
  /** Who waits for a node may meet one that does not answer; nobody else may take that for an answer. */
  const noting = <R>(name: string, seen: Seen<R>): Seen<R> => {
    if ('code' in seen && !isWaiting) throw new Error(`${name}: ${seen.code} ${seen.text}`);
    if ('code' in seen && seen.code === DEADLINE_EXCEEDED) isSilent = true;
    return seen;
  };
  const ask: Ask = (name, identity = 'reader') => {
    const node = world.to(name, identity, { deadlineMs: isWaiting ? SOON_ASKED_AGAIN_MS : ANSWERS_MS });
    return {
      call: async (method, request) => noting(name, await node.call(method, request)),
      frames: async (method, request, enough) => noting(name, await node.frames(method, request, enough)),
      list: async (namespace, type) => noting(name, await node.list(namespace, type)),
    };
  };
  const services = async (name: string): Promise<readonly ServiceInfo[]> => {
    const seen = await ask(name).call(m.serviceList, {});
    return 'reply' in seen ? (seen.reply.messages[0]?.services ?? []) : [];
  };
  /** `silent`: there is no machine that could refuse, it is off or between two kernels. `refused`: a kernel without apid. */
  const port = async (name: string): Promise<'answers' | 'silent' | 'refused'> => {
    const seen = await world.to(name, 'reader', { deadlineMs: SOON_ASKED_AGAIN_MS }).call(m.version, {});
    if ('reply' in seen) return 'answers';
    isSilent = seen.code === DEADLINE_EXCEEDED;
    return isSilent ? 'silent' : 'refused';
  };
  const machine = machineSeen(ask);
  return {
    ...machine,
    ...etcdSeen(ask),
    services,
    /** `<state>: <last event>` of a service. */
    async service(name: string, id: string): Promise<string> {
      const found = (await services(name)).find((one) => one.id === id);
      return found === undefined ? 'not there' : `${found.state}: ${found.events?.events.at(-1)?.msg}`;
    },
    async isHealthy(name: string, id: string): Promise<boolean> {
      return (await services(name)).find((one) => one.id === id)?.health?.healthy === true;
    },
    async kernelLog(name: string): Promise<readonly string[]> {
      const seen = await ask(name).frames(m.dmesg, { follow: false, tail: false });
      return 'reply' in seen ? seen.reply.map(({ bytes }) => Buffer.from(bytes).toString()) : [];
    },
    port,
    isSilent: async (name: string): Promise<boolean> => (await port(name)) === 'silent',
    /** To be asked while time goes on: whether it is running, after so many boots from now, each of which answers. */
    async bootsOf(name: string): Promise<(boots: number, stage?: string) => () => Promise<boolean>> {
      const met = new Set([await machine.bootTime(name)]);
      return (boots, stage = 'running') =>
        async () => {
          const at = await machine.bootTime(name);
          if (Number.isNaN(at)) return false;
          met.add(at);
          return met.size === 1 + boots && (await machine.stage(name)) === stage;
        };
    },
    /** Time goes on in steps until somebody who asks sees it so. What passes quickly takes steps of a second. */
    async until(isSo: () => Promise<boolean>, { stepS = 2, maxS = 300 } = {}): Promise<void> {
      isWaiting = true;
      isSilent = false;
      try {
        for (let passedS = 0; passedS < maxS; ) {
          const nextS = isSilent && stepS > 1 ? Math.max(stepS, SILENT_FOR_S) : stepS;
          isSilent = false;
          clock.advance(nextS * 1000);
          passedS += nextS;
          await settle(world);
          if (await isSo()) return;
        }
      } finally {
        isWaiting = false;
      }
      throw new Error(`still not so after ${maxS} s`);
    },
  };
}
