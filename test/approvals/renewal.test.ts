import { expect, test } from 'vitest';
import { isSameLater } from '../../lib/approvals/renewal.ts';
import { planOf } from '../incidents/events.ts';

test.for([
  { id: 'p2' },
  { createdAt: '2026-03-01T12:20:00.000Z' },
  { expiresAt: '2026-03-01T12:50:00.000Z' },
  { details: [{ label: 'Taken', text: '9 h ago' }] },
])('with another %j it is the same plan, later', (change) => {
  expect(isSameLater(planOf(), planOf(change))).toBe(true);
});

test.for([
  { node: 'cp-2' },
  { address: '10.0.0.2' },
  { action: 'reboot' as const },
  { parameters: { mode: 'force' } },
  { version: 'v1.13.3' },
  { risk: 'R2' as const },
  { boot: 'spki:other' },
  { digest: 'digest-2' },
  { afterPlan: 'p0' },
  { approvalsNeeded: 1 },
  { consoleFingerprint: 'abcdefgh' },
  { consequences: ['It is wiped.'] },
  { findings: [] },
  { steps: planOf().steps.slice(1) },
])('with another %j it is another plan', (change) => {
  expect(isSameLater(planOf(), planOf(change))).toBe(false);
});
