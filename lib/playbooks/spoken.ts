import type { Evidence } from '../evidence/evidence.ts';
import { quote } from './cite.ts';
import type { Facts, Finding, Playbook } from './finding.ts';

export const PLAYBOOK_FAILED = 'playbook_failed';

/** What one playbook finds. One that breaks off takes nothing away but its own word. */
export function spoken(playbook: Playbook, evidence: Evidence, facts: Facts): readonly Finding[] {
  try {
    return playbook.diagnose(evidence, facts);
  } catch (error) {
    const cause = quote(error instanceof Error ? error.message : String(error));
    return [
      {
        code: PLAYBOOK_FAILED,
        severity: 'info',
        confidence: 'certain',
        summary: `The playbook ${quote(playbook.name)} broke off on this evidence (${cause}); the others have spoken.`,
        evidence: [],
        suggests: [],
        rulesOut: [],
        advice: 'Report it with the evidence of this incident: medic replay shows it again.',
      },
    ];
  }
}
