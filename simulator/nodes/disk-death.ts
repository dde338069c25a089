import { bootOf, controller, kernel, service, talos } from './record.ts';
import type { NodeState } from './state.ts';
import type { Next } from './step.ts';

/** The system disk does not answer any more: what runs from memory goes on, what needs /var does not. */
export function systemDiskDies(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  const disk = node.physical.hardware.disks.find(({ isSystem }) => isSystem);
  if (disk === undefined || boot.isDiskDead) return [];
  boot.isDiskDead = true;
  boot.isDiskAttached = false;
  if (disk.transport === 'nvme') {
    const [controllerName] = /^nvme\d+/.exec(disk.name) ?? ['nvme0'];
    const said = `nvme ${controllerName}:`;
    kernel(node, at, `${said} I/O tag 27 (e01b) opcode 0x2 (Admin Cmd) QID 0 timeout, reset controller`, 'warning');
    kernel(node, at, `${said} Device not ready; aborting reset, CSTS=0x1`, 'err');
    kernel(node, at, `${said} Disabling device after reset failure: -19`, 'err');
  } else kernel(node, at, `sd 0:2:0:0: [${disk.name}] Synchronizing SCSI cache failed: hostbyte=DID_NO_CONNECT`, 'err');
  const where = `I/O error, dev ${disk.name}, sector 604840256 op 0x1:(WRITE) flags 0x100000 phys_seg 1 prio class 2`;
  kernel(node, at, where, 'err');
  const error = 'stat /etc/kubernetes/kubeconfig-kubelet: input/output error';
  talos(node, at, 'controller failed', controller('k8s.NodeStatusController', { error }));
  const health = { healthy: false, message: 'context deadline exceeded' };
  if (boot.services['cri'])
    service(node, at, 'cri', 'Running', 'Health check failed: context deadline exceeded', health);
  if (boot.services['etcd']) {
    const cause = 'failed to clean up task "etcd": remove /run/etcd: input/output error';
    service(node, at, 'etcd', 'Waiting', `Error running Containerd(etcd), going to restart forever: ${cause}`);
  }
  return [];
}
