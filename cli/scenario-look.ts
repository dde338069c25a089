import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MedicConfig } from '../lib/config/config.ts';
import type { HowToFind } from '../lib/flow/find.ts';
import { type GateKnowledge, type Look, look, offersFor } from '../lib/flow/gather.ts';
import { learnEntries } from '../lib/flow/learn-cluster.ts';
import type { Offer } from '../lib/incidents/event.ts';
import { noOwnPlaybooks, type OwnPlaybooks } from '../lib/own-playbooks/own-playbooks.ts';
import { createReader } from '../lib/talos/reader.ts';
import { accessOf, folderConfigs, targetsOf } from '../local/simulated-access.ts';
import { startCluster } from '../simulator/nodes/start-cluster.ts';

/** What the gates know besides the look: everything may be done, and `holds` the identity for it. */
export const knowledge = (
  cluster: string,
  holds: 'yes' | 'unknown',
  ownPlaybooks: OwnPlaybooks = noOwnPlaybooks,
): GateKnowledge & HowToFind => ({
  ownPlaybooks,
  config: MedicConfig.parse({
    slack: { team: '', botUser: '', bot: '' },
    clusters: [
      { name: cluster, channel: '', playbooks: { default: 'act', stages: stagesOf(ownPlaybooks) }, bindings: [] },
    ],
  }),
  now: () => new Date(),
  holds,
});

/** Whoever tries playbooks wants to see what they say. */
const stagesOf = ({ names }: OwnPlaybooks) => Object.fromEntries(names.map((name) => [name, 'act']));

export type ScenarioLook = { readonly look: Look; readonly offers: readonly Offer[] };

/** A cluster of its own, in this process: learned while it is well, then broken. `nodes`: there is no such node. */
export async function lookAtScenario(
  scenario: string,
  node: string,
  ownPlaybooks: OwnPlaybooks = noOwnPlaybooks,
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
    const knows = knowledge(world.cluster, 'yes', ownPlaybooks);
    const found = await look(
      { ...knows, talos: await readerNow(), configs: folderConfigs(join(folder, 'configs')) },
      entries,
      entry,
    );
    return { look: found, offers: offersFor(knows, found, { state: 'free' }) };
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
