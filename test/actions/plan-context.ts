import type { PlanContext } from '../../lib/actions/action.ts';
import type { TalosError, TalosErrorCode } from '../../lib/talos/talos-error.ts';
import { AT, inventory, running } from '../playbooks/build-evidence.ts';

export const target = {
  cluster: 'test',
  name: 'cp-1',
  role: 'controlplane' as const,
  address: '10.0.0.1',
  lastKnownVersion: undefined,
};

/** A control plane that runs, and nothing asked of it. */
export const context = (change: Partial<PlanContext> = {}): PlanContext => ({
  parameters: {},
  peers: [],
  target,
  evidence: running(),
  entry: inventory,
  findings: [],
  storedConfig: undefined,
  now: AT,
  ...change,
});

export const wrong = (code: TalosErrorCode): TalosError => ({ code, node: 'cp-1', source: 'synthetic', text: 'no' });
