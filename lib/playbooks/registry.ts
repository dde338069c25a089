import { apiServerCannotDecrypt } from './api-server-cannot-decrypt.ts';
import { containerRuntimeStateCorrupt } from './container-runtime-state-corrupt.ts';
import { duplicateExtensions } from './duplicate-extensions.ts';
import { duplicateHostnames } from './duplicate-hostnames.ts';
import { etcdLearnerNotPromoted } from './etcd-learner-not-promoted.ts';
import { etcdMemberRemoved } from './etcd-member-removed.ts';
import { etcdOutOfSpace } from './etcd-out-of-space.ts';
import { etcdQuorumLost } from './etcd-quorum-lost.ts';
import { etcdUnderTemporaryHostname } from './etcd-under-temporary-hostname.ts';
import { extensionBlocksShutdown } from './extension-blocks-shutdown.ts';
import { extensionMissing } from './extension-missing.ts';
import { extensionServiceBroken } from './extension-service-broken.ts';
import type { Playbook } from './finding.ts';
import { foreignMachineInMaintenance } from './foreign-machine-in-maintenance.ts';
import { foreignNodeAtAddress } from './foreign-node-at-address.ts';
import { freshMachine } from './fresh-machine.ts';
import { imageNotPulledAtBoot } from './image-not-pulled-at-boot.ts';
import { kubeletCertificatesNotApproved } from './kubelet-certificates-not-approved.ts';
import { nodeRebooted } from './node-rebooted.ts';
import { nodeSilent } from './node-silent.ts';
import { resetOnPurpose } from './reset-on-purpose.ts';
import { serviceWaitsForever } from './service-waits-forever.ts';
import { stateMissing } from './state-missing.ts';
import { stateNotFoundInTime } from './state-not-found-in-time.ts';
import { staticPodCrashes } from './static-pod-crashes.ts';
import { staticPodsNotRendered } from './static-pods-not-rendered.ts';
import { systemDiskMissing } from './system-disk-missing.ts';
import { timeNotSynced } from './time-not-synced.ts';

/** Every playbook. `healthy` and `unknown_cause` are what is left when these have spoken: see diagnose.ts. */
export const allPlaybooks: readonly Playbook[] = [
  stateNotFoundInTime,
  stateMissing,
  resetOnPurpose,
  freshMachine,
  foreignMachineInMaintenance,
  systemDiskMissing,
  foreignNodeAtAddress,
  nodeSilent,
  etcdUnderTemporaryHostname,
  imageNotPulledAtBoot,
  timeNotSynced,
  containerRuntimeStateCorrupt,
  extensionBlocksShutdown,
  serviceWaitsForever,
  duplicateExtensions,
  extensionServiceBroken,
  extensionMissing,
  etcdOutOfSpace,
  duplicateHostnames,
  etcdMemberRemoved,
  etcdLearnerNotPromoted,
  etcdQuorumLost,
  staticPodsNotRendered,
  kubeletCertificatesNotApproved,
  apiServerCannotDecrypt,
  staticPodCrashes,
  nodeRebooted,
];
