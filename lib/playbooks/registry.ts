import { addressNotInCertificate } from './address-not-in-certificate.ts';
import { apiServerCannotDecrypt } from './api-server-cannot-decrypt.ts';
import { clockWrong } from './clock-wrong.ts';
import { configNotInEffect } from './config-not-in-effect.ts';
import { containerRuntimeStateCorrupt } from './container-runtime-state-corrupt.ts';
import { dhcpTakesAddressAway } from './dhcp-takes-address-away.ts';
import { discoveryUnreachable } from './discovery-unreachable.ts';
import { duplicateExtensions } from './duplicate-extensions.ts';
import { duplicateHostnames } from './duplicate-hostnames.ts';
import { encryptionOfExistingVolume } from './encryption-of-existing-volume.ts';
import { ephemeralCorrupt } from './ephemeral-corrupt.ts';
import { ephemeralFull } from './ephemeral-full.ts';
import { ephemeralNotGrown } from './ephemeral-not-grown.ts';
import { etcdDeadMember } from './etcd-dead-member.ts';
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
import { interfaceRenamed } from './interface-renamed.ts';
import { kubeletCertificatesNotApproved } from './kubelet-certificates-not-approved.ts';
import { kubespanPeerDown } from './kubespan-peer-down.ts';
import { nicHangs } from './nic-hangs.ts';
import { nodeCertificateNotRenewed } from './node-certificate-not-renewed.ts';
import { nodeRebooted } from './node-rebooted.ts';
import { nodeSilent } from './node-silent.ts';
import { oomControllerKillsPods } from './oom-controller-kills-pods.ts';
import { ourAccessRefused } from './our-access-refused.ts';
import { ourCertificateExpired } from './our-certificate-expired.ts';
import { outOfMemory } from './out-of-memory.ts';
import { previousVersionBooted } from './previous-version-booted.ts';
import { resetOnPurpose } from './reset-on-purpose.ts';
import { sequenceUnderWay } from './sequence-under-way.ts';
import { serviceWaitsForever } from './service-waits-forever.ts';
import { stateMissing } from './state-missing.ts';
import { stateNotFoundInTime } from './state-not-found-in-time.ts';
import { staticPodCrashes } from './static-pod-crashes.ts';
import { staticPodNotReady } from './static-pod-not-ready.ts';
import { staticPodsNotRendered } from './static-pods-not-rendered.ts';
import { systemDiskFailed } from './system-disk-failed.ts';
import { systemDiskMissing } from './system-disk-missing.ts';
import { systemServiceOutOfMemory } from './system-service-out-of-memory.ts';
import { timeNotSynced } from './time-not-synced.ts';
import { unreachableFromHere } from './unreachable-from-here.ts';
import { upgradeNotConfirmed } from './upgrade-not-confirmed.ts';
import { volumeFailed } from './volume-failed.ts';
import { volumeLocked } from './volume-locked.ts';

/** Every playbook. `healthy` and `unknown_cause` are what is left when these have spoken: see diagnose.ts. */
export const allPlaybooks: readonly Playbook[] = [
  stateNotFoundInTime,
  stateMissing,
  resetOnPurpose,
  freshMachine,
  foreignMachineInMaintenance,
  systemDiskMissing,
  systemDiskFailed,
  ephemeralCorrupt,
  ephemeralNotGrown,
  ephemeralFull,
  volumeLocked,
  volumeFailed,
  encryptionOfExistingVolume,
  oomControllerKillsPods,
  systemServiceOutOfMemory,
  outOfMemory,
  interfaceRenamed,
  nicHangs,
  dhcpTakesAddressAway,
  discoveryUnreachable,
  kubespanPeerDown,
  foreignNodeAtAddress,
  ourCertificateExpired,
  ourAccessRefused,
  clockWrong,
  addressNotInCertificate,
  unreachableFromHere,
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
  etcdDeadMember,
  staticPodsNotRendered,
  kubeletCertificatesNotApproved,
  apiServerCannotDecrypt,
  staticPodCrashes,
  staticPodNotReady,
  previousVersionBooted,
  upgradeNotConfirmed,
  nodeCertificateNotRenewed,
  configNotInEffect,
  sequenceUnderWay,
  nodeRebooted,
];
