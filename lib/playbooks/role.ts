import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { Facts } from './finding.ts';

/** The inventory knows it from when the node was well. A node that nothing is known of is asked as a control plane. */
export const isControlPlane = ({ readings }: Evidence, { inventory }: Facts): boolean =>
  inventory === undefined ? readValue(readings.machineType) !== 'worker' : inventory.role === 'controlplane';
