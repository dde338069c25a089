import type { ClusterLook } from '../lib/flow/look-over.ts';
import { sayPatrol, toldOf } from './patrol-text.ts';
import { patrolKnown, patrolScenario, patrolTalosconfig } from './patrolled.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/** `medic patrol`: every playbook over all nodes of a cluster, read only. 0 nothing found, 1 something, 2 could not look. */
export const patrolCommand: Command = async (args) => {
  const { values, positionals } = readFlags(args, {
    cluster: { type: 'string' },
    scenario: { type: 'string' },
    talosconfig: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (positionals.length > 0) throw new UsageError(`medic patrol takes no "${positionals[0]}"; say --cluster NAME.`);
  const look = await lookBy(values.cluster, values.scenario, values.talosconfig);
  const told = toldOf(look);
  console.log(values.json ? JSON.stringify(told, null, 2) : sayPatrol(told));
  if (told.nodes.every(({ isReached }) => !isReached)) return 2;
  return told.findings.length > 0 || told.notLooked.length > 0 ? 1 : 0;
};

function lookBy(
  cluster: string | undefined,
  scenario: string | undefined,
  file: string | undefined,
): Promise<ClusterLook> {
  if (scenario !== undefined && file !== undefined) {
    throw new UsageError('Say either --scenario FILE or --talosconfig FILE.');
  }
  if (scenario !== undefined) return patrolScenario(scenario);
  if (file !== undefined) return patrolTalosconfig(file, cluster);
  if (cluster === undefined) throw new UsageError('Say which cluster: --cluster NAME.');
  return patrolKnown(cluster);
}
