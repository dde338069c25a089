export type GateName =
  | 'proven_target'
  | 'freshness'
  | 'stage'
  | 'version'
  | 'role'
  | 'quorum'
  | 'one_at_a_time'
  | 'stored_config'
  | 'playbook_stage';

/** `because` is one sentence for a person; `facts` names the readings and records that the answer rests on. */
export type GateAnswer = {
  readonly gate: GateName;
  readonly answer: 'allowed' | 'refused' | 'deferred';
  readonly because: string;
  readonly facts: readonly string[];
};
