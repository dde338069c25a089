import type { Finding } from './finding.ts';

/** Of what a look finds, what somebody should hear of who did not ask about this node: faults, and what can be done. */
export const isWorthTelling = ({ code, severity, advice }: Pick<Finding, 'code' | 'severity' | 'advice'>): boolean =>
  code !== 'healthy' && (severity !== 'info' || (advice ?? '') !== '');
