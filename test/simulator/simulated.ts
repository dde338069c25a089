import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Event, SequenceEvent } from '../../lib/talos/generated/machine/machine.ts';
import { machineService as m } from '../../lib/talos/methods.ts';
import type { Clock } from '../../simulator/nodes/clock.ts';
import { startCluster } from '../../simulator/nodes/start-cluster.ts';
import { type Identity, type Talos, talos } from './talos-calls.ts';

/** A simulated cluster of its own for one test file, and short ways to ask its nodes. */
export async function simulate(
  options: { readonly clock?: Clock; readonly factor?: number; readonly seed?: string } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'medic-nodes-'));
  const { factor = 30, ...more } = options;
  const start = () => startCluster({ folder, scenario: 'healthy', factor, ...more });
  let cluster = await start();
  const to = (name: string, identity: Identity, more: { via?: string; deadlineMs?: number } = {}): Talos =>
    talos(folder, cluster.world, name, identity, more);
  return {
    folder,
    get cluster() {
      return cluster;
    },
    to,
    /** A name of the library, or the text of a scenario without `summary`, `alerts` and `expect`. */
    /** `before`: as the cluster was before the fault. */
    async load(nameOrText: string, { before = false } = {}): Promise<void> {
      const file = join(folder, 'own.yaml');
      if (nameOrText.includes(':')) writeFileSync(file, `${HEAD}${nameOrText}`);
      const loaded = await cluster.loadScenario(nameOrText.includes(':') ? file : nameOrText, { before });
      if (!loaded.ok) throw new Error(loaded.error.join('\n'));
    },
    stored: (name: string) => readFileSync(join(folder, 'configs', `${name}.yaml`)),
    stage: async (name: string, identity: Identity = 'reader', deadlineMs?: number): Promise<string> => {
      const seen = await to(name, identity, deadlineMs === undefined ? {} : { deadlineMs }).list(
        'runtime',
        'MachineStatuses.runtime.talos.dev',
      );
      if (!('reply' in seen)) return `${seen.code}`;
      return /"stage":"([a-z ]+)","status":\{"ready":(?:true|false)/.exec(JSON.stringify(seen.reply))?.[1] ?? '';
    },
    bootTime: async (name: string, deadlineMs?: number): Promise<number> => {
      const seen = await to(name, 'reader', deadlineMs === undefined ? {} : { deadlineMs }).call(m.systemStat, {});
      return 'reply' in seen ? Number(seen.reply.messages[0]?.bootTime) : Number.NaN;
    },
    async restart(): Promise<void> {
      await cluster.stop();
      cluster = await start();
    },
    async end(): Promise<void> {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type Simulated = Awaited<ReturnType<typeof simulate>>;

const HEAD =
  'summary: made by a test\nextends: healthy\nalerts: []\nexpect: { finding: healthy, offers: [], refused: [] }\n';

export const applyRequest = (
  data: Buffer | string,
  more: { mode?: 'AUTO' | 'STAGED' | 'TRY'; dryRun?: boolean } = {},
) => ({
  data: Buffer.from(data),
  mode: more.mode ?? ('AUTO' as const),
  dryRun: more.dryRun ?? false,
});

export const NO_TAIL = { tailEvents: 0, tailId: '', tailSeconds: 0, withActorId: '' };

/** The sequence events among frames of `Events`. */
export const sequencesIn = (frames: readonly Event[]) =>
  frames
    .filter(({ data }) => data?.typeUrl === 'talos/runtime/machine.SequenceEvent')
    .map(({ data, actorId }) => ({ actorId, ...SequenceEvent.decode(data?.value ?? new Uint8Array()) }));
