import { ACTION_TITLES } from '../approvals/action-name.ts';
import { readValue } from '../evidence/reading.ts';
import type { GateFacts } from './facts.ts';
import { allowed, type Gate, refused } from './gate.ts';

/**
 * What Talos lets the action do in the state that the machine is in. Source: siderolabs/talos, v1alpha1_server.go; in
 * maintenance mode internal/app/maintenance/server.go (<= 1.12) and internal/app/apid/service.go (>= 1.13).
 */
export const stageGate: Gate<Pick<GateFacts, 'action' | 'evidence'>> = ({ action, evidence }) => {
  if (action.calls === 'peer') return allowed('The call goes to another control plane, not to this node.', 'action');
  const { mode } = evidence.reach;
  const current = readValue(evidence.readings.machineStatus)?.stage;
  const isMaintenance = mode === 'maintenance' && current === 'maintenance';
  if (mode === 'silent') return refused('The node does not answer, so Talos can do nothing on it.', 'reach');
  if (mode === 'refused') return refused('The node does not accept our certificate.', 'reach');
  if (action.startsIn === 'maintenance') {
    if (isMaintenance) return allowed('The node is in maintenance mode and takes a config.', 'machineStatus');
    return refused('Only a node in maintenance mode gets its stored config.', 'machineStatus', 'reach');
  }
  if (mode === 'maintenance') {
    return refused(
      `Talos offers no ${ACTION_TITLES[action.name].toLowerCase()} in maintenance mode.`,
      'reach',
      'machineStatus',
    );
  }
  // what changes a node is sent to the node itself, so that what answers is what was proven
  if (mode === 'forwarded') {
    return refused(
      'Only control planes reach the node; Medic changes a node by speaking with it itself, or not at all.',
      'reach',
    );
  }
  if (current === 'running' || current === 'booting') return allowed(`The stage is ${current}.`, 'machineStatus');
  return refused(`The stage is ${current ?? 'not known'}; another sequence may be running.`, 'machineStatus');
};
