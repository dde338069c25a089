import type { Evidence } from '../evidence/evidence.ts';
import { HEALTHY, UNKNOWN_CAUSE } from './built-in.ts';
import { saysWhereItIs, withoutContradictions } from './contradictions.ts';
import type { Confidence, Facts, Finding, Playbook, Said, Severity } from './finding.ts';
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
): readonly Said[] {
  const facts = factsOfThisMachine(evidence, known);
  const found = withoutContradictions(playbooks.flatMap((playbook) => spoken(playbook, evidence, facts))).map(
    heed(evidence),
  );
  if (isHealthy(evidence)) {
    const isFine = found.every(({ severity }) => severity === 'info');
    const healthy = { ...healthyFinding(evidence, facts), playbook: HEALTHY };
    return isFine ? [asSureAs(found, healthy), ...ranked(found)] : ranked(found);
  }
  if (found.some(doesExplain)) return ranked(found);
  return ranked([...found, { ...unknownCause(evidence, facts), playbook: UNKNOWN_CAUSE }]);
}

/** What playbooks see that are only watched: for the record, beside a diagnosis that knows nothing of it. */
export function observe(evidence: Evidence, known: Facts, playbooks: readonly Playbook[]): readonly Said[] {
  const facts = factsOfThisMachine(evidence, known);
  return ranked(playbooks.flatMap((playbook) => spoken(playbook, evidence, facts)).map(heed(evidence)));
}

const heed = (evidence: Evidence): ((said: Said) => Said) => {
  const heeded = heedOwner(evidence);
  return (said) => ({ ...heeded(said), playbook: said.playbook });
};

/** A playbook that broke off might have seen something. */
const asSureAs = (found: readonly Said[], healthy: Said): Said =>
  healthy.confidence === 'certain' && found.some(({ code }) => code === PLAYBOOK_FAILED)
    ? { ...healthy, confidence: 'likely' }
    : healthy;

const ranked = (findings: readonly Said[]): readonly Said[] =>
  findings.toSorted(
    (a, b) => SEVERITY[a.severity] - SEVERITY[b.severity] || CONFIDENCE[a.confidence] - CONFIDENCE[b.confidence],
  );
