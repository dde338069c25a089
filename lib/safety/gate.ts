import type { GateFacts } from './facts.ts';

export type GateName =
  | 'proven_target'
  | 'freshness'
  | 'stage'
  | 'version'
  | 'role'
  | 'quorum'
  | 'min_healthy'
  | 'one_control_plane'
  | 'one_at_a_time'
  | 'another_actor'
  | 'storm'
  | 'repeat_limit'
  | 'freeze'
  | 'change_window'
  | 'stored_config'
  | 'local_data'
  | 'playbook_stage';

/** `because` is one sentence for a person; `facts` names the readings and records that the answer rests on. */
export type GateAnswer = {
  readonly gate: GateName;
  readonly answer: 'allowed' | 'refused' | 'deferred';
  readonly because: string;
  readonly facts: readonly string[];
};

export type Said = Omit<GateAnswer, 'gate'>;
export type Gate<Facts = GateFacts> = (facts: Facts) => Said;

export const allowed = (because: string, ...facts: string[]): Said => ({ answer: 'allowed', because, facts });
export const refused = (because: string, ...facts: string[]): Said => ({ answer: 'refused', because, facts });
export const deferred = (because: string, ...facts: string[]): Said => ({ answer: 'deferred', because, facts });
