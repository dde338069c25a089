import { decisiveFacts, evidenceDigest } from '../evidence/digest.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { EventData } from '../incidents/event.ts';
import type { Finding } from '../playbooks/finding.ts';
import type { Look } from './gather.ts';

/** What Talos says: healthy needs the stage, readiness, and no finding that is more than information. */
export function healthOf(evidence: Evidence, findings: readonly Finding[]): EventData<'diagnosis_finished'>['health'] {
  const status = readValue(evidence.readings.machineStatus);
  if (evidence.reach.mode === 'silent') return 'unhealthy';
  if (status === undefined) return 'unknown';
  const isRunning =
    (evidence.reach.mode === 'mtls' || evidence.reach.mode === 'forwarded') && status.stage === 'running';
  if (!isRunning || !status.ready) return 'unhealthy';
  return findings.some(({ severity }) => severity !== 'info') ? 'unhealthy' : 'healthy';
}

export const digestOf = ({ evidence, findings, entry }: Pick<Look, 'evidence' | 'findings' | 'entry'>): string =>
  evidenceDigest(decisiveFacts(evidence, findings, entry));
