import type { Evidence } from '../evidence/evidence.ts';
import { quote } from './cite.ts';
import type { Facts, Playbook, Said } from './finding.ts';

export const PLAYBOOK_FAILED = 'playbook_failed';

/** What one playbook finds. One that breaks off takes nothing away but its own word. */
export function spoken(playbook: Playbook, evidence: Evidence, facts: Facts): readonly Said[] {
  const { name } = playbook;
  try {
    return playbook.diagnose(evidence, facts).map((finding) => ({ ...finding, playbook: name }));
  } catch (error) {
    const cause = quote(error instanceof Error ? error.message : String(error));
    return [
      {
        playbook: name,
        code: PLAYBOOK_FAILED,
        severity: 'info',
        confidence: 'certain',
        summary: `The playbook ${quote(name)} broke off on this evidence (${cause}); the others have spoken.`,
        evidence: [],
        suggests: [],
        rulesOut: [],
        advice: 'Report it with the evidence of this incident: medic replay shows it again.',
      },
    ];
  }
}
