import type { MachineStatusEvent_MachineStage } from '../../lib/talos/generated/machine/machine.ts';
import { machineConditions } from './machine-status.ts';
import { controller, event, talos } from './record.ts';
import type { ClusterState, NodeState, Stage } from './state.ts';

const STAGES: Readonly<Record<Stage, MachineStatusEvent_MachineStage>> = {
  booting: 'BOOTING',
  installing: 'INSTALLING',
  maintenance: 'MAINTENANCE',
  running: 'RUNNING',
  rebooting: 'REBOOTING',
  'shutting down': 'SHUTTING_DOWN',
  resetting: 'RESETTING',
  upgrading: 'UPGRADING',
};

/**
 * Whoever follows the events hears of every change of stage, readiness and unmet conditions; false where nothing changed.
 * Source: runtime/machine_status_publisher.go.
 */
export function announceStatus(cluster: ClusterState, node: NodeState, at: number): boolean {
  const { boot } = node;
  if (boot === undefined) return false;
  const { ready, unmetConditions } = machineConditions(cluster, node);
  const said = JSON.stringify([boot.stage, ready, unmetConditions]);
  if (boot.said === said) return false;
  boot.said = said;
  boot.stageRevision += 1;
  const status = { ready, unmetConditions: [...unmetConditions] };
  event(node, at, { type: 'MachineStatusEvent', message: { stage: STAGES[boot.stage], status } });
  if (boot.stage !== 'running' || !ready || boot.hasSaidReady) return true;
  boot.hasSaidReady = true;
  talos(node, at, 'machine is running and ready', controller('runtime.MachineStatusController'));
  return true;
}
