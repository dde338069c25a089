import type { MedicConfig } from '../lib/config/config.ts';
import { readMedicFile } from '../lib/config/medic-file.ts';
import { type Loaded, loadPlaybooks, nothingLoaded } from '../lib/own-playbooks/load.ts';
import type { OwnPages } from '../lib/playbooks/page-url.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { SIMULATED_CLUSTER } from '../simulator/world.ts';
import { demoConfig } from './demo-config.ts';

export type Team = { readonly config: MedicConfig; readonly own: Loaded };

/** What a team has decided: medic.yaml where there is one, else the demo's. Its playbooks are compiled and tried. */
export async function teamConfig(file: string | undefined): Promise<Result<Team, readonly string[]>> {
  const demo = demoConfig(SIMULATED_CLUSTER);
  if (file === undefined) return ok({ config: demo, own: nothingLoaded });
  const read = readMedicFile(file);
  if (!read.ok) return read;
  const { clusters, playbookFolder } = read.value;
  const real = clusters.find(({ name }) => name !== SIMULATED_CLUSTER);
  if (real !== undefined) return err([notServed(file, real.name)]);
  const own = playbookFolder === undefined ? ok(nothingLoaded) : await loadPlaybooks(playbookFolder);
  return own.ok ? ok({ config: { ...demo, clusters: [...clusters] }, own: own.value }) : err([own.error]);
}

const notServed = (file: string, cluster: string): string =>
  `${file}: real clusters are not served yet, so there is nothing that Medic could do for "${cluster}". Name the cluster "${SIMULATED_CLUSTER}" to try this file with the simulated one, or start without MEDIC_CONFIG.`;

export const refusal = (name: string, because: string): string =>
  `The playbook "${name}" is refused; everything else goes on without it.\n  ${because}`;

export const pagesOf = ({ playbooks }: Loaded): OwnPages =>
  new Map(playbooks.flatMap(({ name, page }) => (page === undefined ? [] : [[name, page] as const])));
