import { clusterOf, type MedicConfig } from '../config/config.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { observe, runPlaybooks } from '../playbooks/diagnose.ts';
import type { Facts, Playbook, Said } from '../playbooks/finding.ts';
import { allPlaybooks } from '../playbooks/registry.ts';
import { type Stages, stageOf } from '../playbooks/stage.ts';
import type { Deps } from './deps.ts';

/** Which playbooks there are besides those that Medic brings along, and how far each may go. */
export type HowToFind = Pick<Deps, 'config' | 'ownPlaybooks'>;

/** `observed`: what playbooks at stage `observe` say. It is kept for the record and decides nothing. */
export type Found = { readonly findings: readonly Said[]; readonly observed: readonly Said[] };

/** A cluster that is not configured (any more) is only watched. */
export const stagesIn = (config: MedicConfig, cluster: string): Stages =>
  clusterOf(config, cluster)?.playbooks ?? { default: 'observe', stages: {} };

/** Every playbook on one evidence, each at its stage. */
export async function find(
  { config, ownPlaybooks }: HowToFind,
  evidence: Evidence,
  facts: Facts,
  builtIn: readonly Playbook[] = allPlaybooks,
): Promise<Found> {
  const stages = stagesIn(config, evidence.cluster);
  const all = [...builtIn, ...(await ownPlaybooks.speak(evidence, facts))];
  const isObserved = ({ name }: Playbook): boolean => stageOf(stages, name) === 'observe';
  return {
    findings: runPlaybooks(
      evidence,
      facts,
      all.filter((playbook) => !isObserved(playbook)),
    ),
    observed: observe(evidence, facts, all.filter(isObserved)),
  };
}
