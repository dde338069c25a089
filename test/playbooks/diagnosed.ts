import type { Evidence } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Finding } from '../../lib/playbooks/finding.ts';
import { knownOf } from './ill-nodes.ts';

/** What the playbooks find on a node that ran the Talos that it runs, likeliest first. */
const diagnosed = (evidence: Evidence): readonly Finding[] => runPlaybooks(evidence, knownOf(evidence));

/** `<code> <confidence> <suggested actions>` of each finding. */
export const brief = (evidence: Evidence): readonly string[] =>
  diagnosed(evidence).map(({ code, confidence, suggests }) => [code, confidence, ...suggests].join(' '));
export const top = (evidence: Evidence): Finding | undefined => diagnosed(evidence)[0];
