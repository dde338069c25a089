import type { Evidence } from '../evidence/evidence.ts';
import { saysWhereItIs, withoutContradictions } from './contradictions.ts';
import type { Confidence, Facts, Finding, Playbook, Severity } from './finding.ts';
import { healthyFinding, isHealthy } from './healthy.ts';
import { factsOfThisMachine } from './known-past.ts';
import { heedOwner } from './owner.ts';
import { allPlaybooks } from './registry.ts';
import { PLAYBOOK_FAILED, spoken } from './spoken.ts';
import { unknownCause } from './unknown-cause.ts';

const SEVERITY: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };
const CONFIDENCE: Readonly<Record<Confidence, number>> = { certain: 0, likely: 1, possible: 2 };

/** Findings that say why the node is ill. Others stand beside a cause that is still to be found. */
const doesExplain = (finding: Finding): boolean => finding.explains === true || saysWhereItIs(finding);

/**
 * All that the playbooks see, the gravest and surest first. A node that is not healthy and whose state nothing explains
 * gets `unknown_cause`; one that is healthy and has nothing worse than information gets `healthy`, in front.
 */
export function runPlaybooks(
  evidence: Evidence,
  known: Facts,
  playbooks: readonly Playbook[] = allPlaybooks,
): readonly Finding[] {
  const facts = factsOfThisMachine(evidence, known);
  const spokenOf = playbooks.flatMap((playbook) => spoken(playbook, evidence, facts));
  const found = withoutContradictions(spokenOf).map(heedOwner(evidence));
  if (isHealthy(evidence)) {
    const isFine = found.every(({ severity }) => severity === 'info');
    return isFine ? [asSureAs(found, healthyFinding(evidence, facts)), ...ranked(found)] : ranked(found);
  }
  return ranked(found.some(doesExplain) ? found : [...found, unknownCause(evidence, facts)]);
}

/** A playbook that broke off might have seen something. */
const asSureAs = (found: readonly Finding[], healthy: Finding): Finding =>
  healthy.confidence === 'certain' && found.some(({ code }) => code === PLAYBOOK_FAILED)
    ? { ...healthy, confidence: 'likely' }
    : healthy;

const ranked = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted(
    (a, b) => SEVERITY[a.severity] - SEVERITY[b.severity] || CONFIDENCE[a.confidence] - CONFIDENCE[b.confidence],
  );
