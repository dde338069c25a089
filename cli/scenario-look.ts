import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MedicConfig } from '../lib/config/config.ts';
import { type GateKnowledge, type Look, look, offersFor } from '../lib/flow/gather.ts';
import { learnEntries } from '../lib/flow/learn-cluster.ts';
import { CALM } from '../lib/flow/standing.ts';
import type { Offer } from '../lib/incidents/event.ts';
import { createReader } from '../lib/talos/reader.ts';
import { accessOf, folderConfigs, targetsOf } from '../local/simulated-access.ts';
import { startCluster } from '../simulator/nodes/start-cluster.ts';

/** What the gates know besides the look: everything may be done, and `holds` the identity for it. */
export const knowledge = (cluster: string, holds: 'yes' | 'unknown'): GateKnowledge => ({
  config: MedicConfig.parse({
    slack: { team: '', botUser: '', bot: '' },
    clusters: [{ name: cluster, channel: '', playbooks: 'act', bindings: [], singleControlPlane: 'allow' }],
  }),
  now: () => new Date(),
  holds,
});

export type ScenarioLook = { readonly look: Look; readonly offers: readonly Offer[] };

/** A cluster of its own, in this process: learned while it is well, then broken. `nodes`: there is no such node. */
export async function lookAtScenario(
  scenario: string,
  node: string,
): Promise<ScenarioLook | { readonly nodes: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'medic-scenario-'));
  const cluster = await startCluster({ folder, scenario, before: true, factor: 1 });
  try {
    const { world } = cluster;
    const readerNow = async () => createReader(await accessOf(folder, world));
    const talos = await readerNow();
    const targets = targetsOf(world);
    if (!targets.some(({ name }) => name === node)) return { nodes: targets.map(({ name }) => name) };
    const entries = await learnEntries(talos, [], targets, new Date().toISOString());
    await cluster.loadScenario(scenario);
    const entry = entries.find(({ name }) => name === node);
    if (entry === undefined) throw new Error(`${node} could not be learned while it was well.`);
    // the scenario may have replaced our own certificates
    const found = await look(
      { talos: await readerNow(), configs: folderConfigs(join(folder, 'configs')) },
      entries,
      entry,
    );
    return { look: found, offers: offersFor(knowledge(world.cluster, 'yes'), found, CALM) };
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
