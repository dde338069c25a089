import type { ServiceInfo } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import { settle, type simulateStepped } from './acting.ts';

/** A node that is silent is asked again and again while time goes on. */
const ANSWERS_MS = 3_000;

type Stepped = Awaited<ReturnType<typeof simulateStepped>>;

/** What a reader sees of the nodes over gRPC, while the test holds the time. */
export function seeing(stepped: Stepped) {
  const reader = (name: string) => stepped.world.to(name, 'reader', { deadlineMs: ANSWERS_MS });
  const services = async (name: string): Promise<readonly ServiceInfo[]> => {
    const seen = await reader(name).call(m.serviceList, {});
    return 'reply' in seen ? (seen.reply.messages[0]?.services ?? []) : [];
  };
  const kernelLog = async (name: string): Promise<readonly string[]> => {
    const seen = await reader(name).frames(m.dmesg, { follow: false, tail: false });
    return 'reply' in seen ? seen.reply.map(({ bytes }) => Buffer.from(bytes).toString()) : [];
  };
  return {
    services,
    kernelLog,
    /** `<state>: <last event>` of a service. */
    async service(name: string, id: string): Promise<string> {
      const found = (await services(name)).find((one) => one.id === id);
      return found === undefined ? 'not there' : `${found.state}: ${found.events?.events.at(-1)?.msg}`;
    },
    /** Empty: nothing answers. */
    stage: (name: string): Promise<string> => stepped.world.stage(name, 'reader', ANSWERS_MS),
    bootTime: (name: string): Promise<number> => stepped.world.bootTime(name, ANSWERS_MS),
    async resources(name: string, namespace: string, type: string): Promise<Record<string, unknown>> {
      const seen = await reader(name).list(namespace, type);
      return 'reply' in seen ? seen.reply : {};
    },
    /** Time goes on in steps until a reader sees it so. */
    async until(isSo: () => Promise<boolean>, { stepS = 5, maxS = 300 } = {}): Promise<void> {
      for (let passed = 0; passed < maxS; passed += stepS) {
        stepped.clock.advance(stepS * 1000);
        await settle(stepped.world);
        if (await isSo()) return;
      }
      throw new Error(`still not so after ${maxS} s`);
    },
  };
}
