import { readFileSync } from 'node:fs';
import { projectFile } from '../project-file.ts';
import type { Looks } from './run.ts';

/**
 * What every playbook has to take before it is let in: a control plane that is well (captured from the simulated cluster,
 * logs shortened), and a node that says nothing, of which nothing is known.
 */
export function smokeLooks(): Looks {
  const text = readFileSync(projectFile('lib/own-playbooks/healthy-node.json'), 'utf8');
  const healthy: Looks[number] = JSON.parse(text);
  const silent: Looks[number] = {
    evidence: { ...healthy.evidence, reach: { mode: 'silent' }, readings: {}, peers: [] },
    facts: { inventory: undefined, ordered: [] },
  };
  return [healthy, silent];
}
