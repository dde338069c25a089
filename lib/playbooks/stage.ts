import { isBuiltIn } from './built-in.ts';

/** `observe`: what it finds is recorded. `suggest`: and shown, without buttons. `act`: and may be acted on. */
export const STAGES = ['observe', 'suggest', 'act'] as const;
export type Stage = (typeof STAGES)[number];

/** Of one cluster: `default` is for the playbooks that Medic brings along, `stages` for those that are named, by name. */
export type Stages = { readonly default: Stage; readonly stages: Readonly<Record<string, Stage>> };

/** A playbook of the team's own is observed until somebody gives it a stage. */
export const stageOf = ({ default: usual, stages }: Stages, playbook: string): Stage =>
  (Object.hasOwn(stages, playbook) ? stages[playbook] : undefined) ?? (isBuiltIn(playbook) ? usual : 'observe');

/**
 * How far an action may go that these playbooks suggest: one at `act` is enough. Suggested by none (any more), it may go
 * as far as the cluster lets any playbook; whether its finding is still there is asked elsewhere.
 */
export const actionStage = (cluster: Stages, suggestedBy: readonly string[]): Stage => {
  const all = suggestedBy.length > 0 ? suggestedBy.map((name) => stageOf(cluster, name)) : anyStage(cluster);
  return STAGES.findLast((stage) => all.includes(stage)) ?? 'observe';
};

const anyStage = (cluster: Stages): readonly Stage[] => [cluster.default, ...Object.values(cluster.stages)];
