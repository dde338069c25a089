import { mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as grpc from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { machineService as m } from '../lib/talos/methods.ts';
import { createReader } from '../lib/talos/reader.ts';
import { accessOf, targetsOf } from '../local/simulated-access.ts';
import { runningCredentials } from '../simulator/nodes/credentials.ts';
import { issueCa, issueNodeCertificate } from '../simulator/nodes/pki.ts';
import { type RunningCluster, startCluster } from '../simulator/nodes/start-cluster.ts';
import { talos } from '../test/simulator/talos-calls.ts';

/** What 56 bare gRPC servers with one method each cost on two cores: less than this a simulated cluster cannot take. */
const BARE = {
  up: 'up in 95 ms, certificates included',
  memory: '7 MB more than with none',
  cpu: '23 ms of CPU in 3 s',
  delay: '0.2 ms',
  calls: '195-242 ms',
};
const NODES = 56;
const IDLE_MS = 3_000;
const SCENARIO = `summary: six control planes, fifty workers
cluster: { controlPlanes: 6, workers: 50 }
alerts: []
expect: { finding: healthy, offers: [], refused: [] }
`;

setFlagsFromString('--expose-gc');
/** The node's own collector; without it what is measured is what has not been collected yet. */
const collect: () => void = runInNewContext('gc');
const say = (what: string, figure: string, bare?: string) =>
  writeSync(2, `${what}: ${figure}${bare === undefined ? '' : ` (bare servers: ${bare})`}\n`);
/** On a machine that does other things too, the time of the processor says more than the clock. */
function stopwatch() {
  const [began, before] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(before);
    return `${Math.round(performance.now() - began)} ms, ${Math.round((user + system) / 1000)} ms of CPU`;
  };
}
const MB = 1024 ** 2;
function memory() {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: rss / MB, heap: heapUsed / MB };
}

test(`${NODES} simulated nodes start and idle`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-bench-'));
  const scenario = join(folder, 'large.yaml');
  writeFileSync(scenario, SCENARIO);
  const start = (name: string, wanted = scenario) =>
    startCluster({ folder: join(folder, name), scenario: wanted, factor: 10 });
  // the first one loads and compiles what the next one uses
  await (await start('warm-up', 'healthy')).stop();
  await bareServers();
  const before = memory();
  const measured = stopwatch();
  const cluster = await start('large');
  say('start', `up in ${measured()}`, BARE.up);
  try {
    const { rss, heap } = memory();
    const added = `${(rss - before.rss).toFixed(1)} MB resident, ${(heap - before.heap).toFixed(1)} MB of heap`;
    say('memory', `${added} more than with none`, BARE.memory);
    await sayIdle();
    await sayCalls(join(folder, 'large'), cluster);
    await saySweep(join(folder, 'large'), cluster);
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The same number of gRPC servers that know one method, each with a certificate of its own: the floor of this machine now. */
async function bareServers(): Promise<void> {
  const now = Date.now();
  const ca = issueCa(now);
  const measured = stopwatch();
  const servers = await Promise.all(
    Array.from({ length: NODES }, async (_, n) => {
      const server = new grpc.Server();
      server.addService({ version: m.version }, { version: () => {} });
      const address = `127.77.0.${n + 1}`;
      const credentials = runningCredentials(issueNodeCertificate(ca, `bare-${n}`, address, now), ca);
      await new Promise((resolve, reject) => {
        server.bindAsync(`${address}:0`, credentials, (error, port) => (error ? reject(error) : resolve(port)));
      });
      return server;
    }),
  );
  say('floor', `${NODES} bare servers, certificates included: ${measured()}`);
  for (const server of servers) server.forceShutdown();
}

async function sayIdle(): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const before = process.cpuUsage();
  delay.enable();
  await wait(IDLE_MS);
  delay.disable();
  const { user, system } = process.cpuUsage(before);
  say('idle', `${Math.round((user + system) / 1000)} ms of CPU in ${IDLE_MS / 1000} s`, BARE.cpu);
  say(
    'loop delay while idle',
    `p99 ${(delay.percentile(99) / 1e6 - 5).toFixed(1)} ms over the 5 ms sampling`,
    BARE.delay,
  );
}

/** Every node dialled and asked its version at once, from this process. */
async function sayCalls(folder: string, { world }: RunningCluster): Promise<void> {
  const ask = () =>
    Promise.all(world.nodes.map(({ name }) => talos(folder, world, name, 'reader').call(m.version, {})));
  const first = stopwatch();
  await ask();
  say(`first call to each of ${NODES}, for which their certificates are made`, first());
  const measured = stopwatch();
  const seen = await ask();
  say(`one call to each of ${NODES}`, measured(), BARE.calls);
  expect(seen.filter((one) => 'reply' in one)).toHaveLength(NODES);
}

/** What Medic asks when it asks everything. */
async function saySweep(folder: string, { world }: RunningCluster): Promise<void> {
  const reader = createReader(await accessOf(folder, world));
  const measured = stopwatch();
  const sweeps = await Promise.all(
    targetsOf(world).map((target) => reader.collect(target, { peers: [], mayEnterMaintenance: false })),
  );
  say(`everything Medic asks of each of ${NODES}`, measured());
  expect(sweeps.filter(({ reach }) => reach.mode === 'mtls')).toHaveLength(NODES);
}
