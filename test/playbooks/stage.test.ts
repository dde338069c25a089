import { expect, test } from 'vitest';
import { actionStage, type Stage, stageOf } from '../../lib/playbooks/stage.ts';

const cluster = {
  default: 'suggest',
  stages: { 'nic-hangs': 'act', 'node-silent': 'observe', 'hot-disk': 'suggest' },
} as const;

test.for<[playbook: string, stage: Stage]>([
  ['nic-hangs', 'act'],
  ['node-silent', 'observe'],
  ['volume-locked', 'suggest'],
  ['unknown-cause', 'suggest'],
  ['hot-disk', 'suggest'],
  ['cold-disk', 'observe'],
  ['toString', 'observe'],
])('%s is at %s', ([playbook, stage]) => {
  expect(stageOf(cluster, playbook)).toBe(stage);
});

test.for<[suggestedBy: readonly string[], stage: Stage, why: string]>([
  [['volume-locked'], 'suggest', 'its only playbook is at suggest'],
  [['volume-locked', 'nic-hangs'], 'act', 'one of two at act is enough'],
  [['node-silent', 'cold-disk'], 'observe', 'two that are only observed do not add up'],
  [[], 'act', 'the cluster lets one playbook act, and whether the finding is still there is asked elsewhere'],
])('an action of %s may go as far as %s: %s', ([suggestedBy, stage]) => {
  expect(actionStage(cluster, suggestedBy)).toBe(stage);
});

test('a cluster without any playbook at act lets no action through, whoever suggests it', () => {
  expect(actionStage({ default: 'suggest', stages: {} }, [])).toBe('suggest');
});
