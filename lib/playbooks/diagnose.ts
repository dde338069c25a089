import type { Evidence } from '../evidence/evidence.ts';
import { HEALTHY, UNKNOWN_CAUSE } from './built-in.ts';
import type { Confidence, Facts, Finding, Playbook, Said, Severity } from './finding.ts';
import { healthyFinding, isHealthy } from './healthy.ts';
import { allPlaybooks } from './registry.ts';
import { PLAYBOOK_FAILED, spoken } from './spoken.ts';
import { unknownCause } from './unknown-cause.ts';

const SEVERITY: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };
const CONFIDENCE: Readonly<Record<Confidence, number>> = { certain: 0, likely: 1, possible: 2 };

/** Claims about why a node is not there at all: a node cannot be in two of these. */
const EXCLUDE_EACH_OTHER: ReadonlySet<string> = new Set([
  'state_not_found_in_time',
  'state_missing',
  'reset_on_purpose',
  'fresh_machine',
  'foreign_machine_in_maintenance',
  'system_disk_missing',
  'foreign_node_at_address',
  'node_silent',
]);

/** Findings that say why the node is ill. Others stand beside a cause that is still to be found. */
const doesExplain = ({ code, explains }: Finding): boolean => explains === true || EXCLUDE_EACH_OTHER.has(code);

/**
 * All that the playbooks see, the gravest and surest first. A node that is not healthy and whose state nothing explains
 * gets `unknown_cause`; one that is healthy and has nothing worse than information gets `healthy`, in front.
 */
export function runPlaybooks(
  evidence: Evidence,
  facts: Facts,
  playbooks: readonly Playbook[] = allPlaybooks,
): readonly Said[] {
  const found = withoutContradictions(playbooks.flatMap((playbook) => spoken(playbook, evidence, facts)));
  if (isHealthy(evidence)) {
    const isFine = found.every(({ severity }) => severity === 'info');
    const healthy = { ...healthyFinding(evidence, facts), playbook: HEALTHY };
    return isFine ? [asSureAs(found, healthy), ...ranked(found)] : ranked(found);
  }
  if (found.some(doesExplain)) return ranked(found);
  return ranked([...found, { ...unknownCause(evidence, facts), playbook: UNKNOWN_CAUSE }]);
}

/** What playbooks see that are only watched: for the record, beside a diagnosis that knows nothing of it. */
export const observe = (evidence: Evidence, facts: Facts, playbooks: readonly Playbook[]): readonly Said[] =>
  ranked(playbooks.flatMap((playbook) => spoken(playbook, evidence, facts)));

/** A playbook that broke off might have seen something. */
const asSureAs = (found: readonly Said[], healthy: Said): Said =>
  healthy.confidence === 'certain' && found.some(({ code }) => code === PLAYBOOK_FAILED)
    ? { ...healthy, confidence: 'likely' }
    : healthy;

/** Of claims that exclude each other two cannot be certain, so none of them is. */
function withoutContradictions(findings: readonly Said[]): readonly Said[] {
  const certain = findings.filter(({ code, confidence }) => EXCLUDE_EACH_OTHER.has(code) && confidence === 'certain');
  if (new Set(certain.map(({ code }) => code)).size < 2) return findings;
  return findings.map((finding) => (certain.includes(finding) ? { ...finding, confidence: 'likely' } : finding));
}

const ranked = (findings: readonly Said[]): readonly Said[] =>
  findings.toSorted(
    (a, b) => SEVERITY[a.severity] - SEVERITY[b.severity] || CONFIDENCE[a.confidence] - CONFIDENCE[b.confidence],
  );
