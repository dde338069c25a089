import { expect, test } from 'vitest';
import { machineService as m } from '../../lib/talos/methods.ts';
import { targetsOf } from '../../local/simulated-access.ts';
import { listScenarios } from '../../simulator/nodes/read-scenario.ts';
import type { Scenario } from '../../simulator/nodes/scenario-schema.ts';
import { actingForThisFile, actOn } from './client/client.ts';

/** What an incident left behind in public threads can be read out of the simulated node, with a reader's certificate. */
const here = actingForThisFile(1);

const withEvidence = listScenarios().filter((scenario) => (scenario.expect.evidence ?? []).length > 0);

const text = (frames: readonly { readonly bytes: Uint8Array }[]): string =>
  frames.map(({ bytes }) => Buffer.from(bytes).toString()).join('\n');

/** Everything that the node and its peers say: the sweep, the kernel log, and the log of every service. */
async function told(name: string): Promise<string> {
  const { reader, target } = await actOn(here.world); // with the talosconfig files that the scenario left
  const peers = targetsOf(here.world.cluster.world).filter((one) => one.role === 'controlplane' && one.name !== name);
  const evidence = await reader.collect(target(name), { peers, mayEnterMaintenance: true });
  const { mode, via } = evidence.reach;
  const identity = mode === 'maintenance' ? 'maintenance' : 'reader';
  const raw = here.world.to(name, identity, via === undefined ? {} : { via });
  const kernel = await raw.frames(m.dmesg, { follow: false, tail: false });
  const services = await raw.call(m.serviceList, {});
  const known = 'reply' in services ? (services.reply.messages[0]?.services ?? []) : [];
  const logs: string[] = [];
  for (const { id } of known) {
    const log = await raw.frames(m.logs, {
      namespace: 'system',
      id,
      driver: 'CONTAINERD',
      follow: false,
      tailLines: 500,
    });
    if ('reply' in log) logs.push(text(log.reply));
  }
  const events = known.flatMap(({ events: of }) => of?.events.map(({ msg }) => msg) ?? []);
  return [plain(evidence), 'reply' in kernel ? text(kernel.reply) : '', ...events, ...logs].join('\n');
}

/** Texts as they are, without the escapes of JSON. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(plain).join('\n');
}

test.for(withEvidence.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
  '%s: everything that is expected to be found can be read',
  async ([name, { expect: wanted }]) => {
    await here.world.load(name);
    const found = await told(wanted.node ?? 'w-2');
    const missing = (wanted.evidence ?? []).filter((one) => !found.includes(one));
    expect(missing, found.slice(0, 4_000)).toEqual([]);
  },
);
