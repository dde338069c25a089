import type { Evidence } from '../evidence/evidence.ts';
import { compareIdentity, observedIdentity } from '../inventory/identity.ts';
import type { Facts } from './finding.ts';

/**
 * What the inventory knows of a node's boots, version and extensions is of the machine that it knows. Where another one
 * answers, that past is not its own: it neither rebooted nor lost anything.
 */
export function factsOfThisMachine(evidence: Evidence, facts: Facts): Facts {
  const { inventory } = facts;
  if (inventory === undefined) return facts;
  const { verdict } = compareIdentity(inventory.identity, observedIdentity(evidence));
  if (verdict !== 'different') return facts;
  return {
    ...facts,
    inventory: { ...inventory, version: undefined, schematic: undefined, boots: [], baseline: undefined },
  };
}
