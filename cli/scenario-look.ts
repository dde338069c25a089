import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredConfigIndex } from '../lib/actions/stored-config.ts';
import { MedicConfig } from '../lib/config/config.ts';
import type { HowToFind } from '../lib/flow/find.ts';
import { type GateKnowledge, type Look, look, offersFor } from '../lib/flow/gather.ts';
import { learnEntries } from '../lib/flow/learn-cluster.ts';
import { CALM } from '../lib/flow/standing.ts';
import type { Offer } from '../lib/incidents/event.ts';
import type { InventoryEntry } from '../lib/inventory/entry.ts';
import { noOwnPlaybooks, type OwnPlaybooks } from '../lib/own-playbooks/own-playbooks.ts';
import { folderConfigs } from '../lib/stored-configs/folder-configs.ts';
import { createReader } from '../lib/talos/reader.ts';
import type { ClusterAccess, NodeTarget } from '../lib/talos/talos.ts';
import { accessOf, targetsOf } from '../local/simulated-access.ts';
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
      {
        name: cluster,
        channel: '',
        playbooks: { default: 'act', stages: stagesOf(ownPlaybooks) },
        bindings: [],
        singleControlPlane: 'allow',
      },
    ],
  }),
  now: () => new Date(),
  holds,
});

/** Whoever tries playbooks wants to see what they say. */
const stagesOf = ({ names }: OwnPlaybooks) => Object.fromEntries(names.map((name) => [name, 'act']));

export type ScenarioLook = { readonly look: Look; readonly offers: readonly Offer[] };

/** The broken cluster of a scenario, and what was learned of it while it was well. */
type BrokenCluster = {
  readonly cluster: string;
  readonly targets: readonly NodeTarget[];
  readonly entries: readonly InventoryEntry[];
  readonly access: ClusterAccess;
  readonly configs: StoredConfigIndex;
};

/** A cluster of its own, in this process: learned while it is well, then broken. */
export async function withScenario<T>(scenario: string, use: (broken: BrokenCluster) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'medic-scenario-'));
  const cluster = await startCluster({ folder, scenario, before: true, factor: 1 });
  try {
    const { world } = cluster;
    const targets = targetsOf(world);
    const talos = createReader(await accessOf(folder, world));
    const entries = await learnEntries(talos, [], targets, new Date().toISOString());
    await cluster.loadScenario(scenario);
    // the scenario may have replaced our own certificates
    const access = await accessOf(folder, world);
    return await use({
      cluster: world.cluster,
      targets,
      entries,
      access,
      configs: folderConfigs(join(folder, 'configs')),
    });
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** `nodes`: there is no such node. */
export const lookAtScenario = (
  scenario: string,
  node: string,
  ownPlaybooks: OwnPlaybooks = noOwnPlaybooks,
): Promise<ScenarioLook | { readonly nodes: readonly string[] }> =>
  withScenario(scenario, async ({ cluster, targets, entries, access, configs }) => {
    if (!targets.some(({ name }) => name === node)) return { nodes: targets.map(({ name }) => name) };
    const entry = entries.find(({ name }) => name === node);
    if (entry === undefined) throw new Error(`${node} could not be learned while it was well.`);
    const knows = knowledge(cluster, 'yes', ownPlaybooks);
    const found = await look({ ...knows, talos: createReader(access), configs }, entries, entry);
    return { look: found, offers: offersFor(knows, found, CALM) };
  });
