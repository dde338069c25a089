import { createHash, randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { ContainerdInstance } from '../../lib/talos/generated/common/common.ts';
import type { ImageServicePullRequest, ImageServicePullResponse } from '../../lib/talos/generated/machine/image.ts';
import type {
  LifecycleServiceUpgradeRequest,
  LifecycleServiceUpgradeResponse,
} from '../../lib/talos/generated/machine/lifecycle.ts';
import type { RollbackResponse, UpgradeRequest, UpgradeResponse } from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import { findInstaller, install, refusedBy, rollBackEntry } from './boot-entry.ts';
import { type Answer, answer, type CallContext, refuse } from './call-context.ts';
import { isEtcdHealthy } from './etcd.ts';
import { hasFault } from './forward.ts';
import { journal } from './journal-calls.ts';
import { roleOf } from './physical.ts';
import { mayTakeOver, refuseLocked } from './sequences.ts';
import { StreamRefusal } from './streams.ts';
import { minorOf } from './version.ts';

const unknown = (text: string): Refusal => refusal(status.UNKNOWN, text);

/** Source: ValidateForUpgrade in internal/pkg/etcd/etcd.go. `preserve` switches it off from 1.12 on. */
function checkEtcd({ around, node }: CallContext, { force, preserve }: UpgradeRequest): Refusal | undefined {
  if (roleOf(node.name) !== 'controlplane' || force) return undefined;
  if (preserve && minorOf(node.physical.version) >= 12) return undefined;
  const { etcd, nodes } = around.state;
  const problem = (text: string) => unknown(`error validating etcd for upgrade: ${text}`);
  if (etcd.members.length === 2) {
    return problem('etcd member count(2) is insufficient to maintain quorum if upgrade commences');
  }
  const ill = etcd.members.find((member) => !isEtcdHealthy(nodes[member.node]));
  if (ill === undefined) return undefined;
  const id = BigInt(ill.id).toString(16).padStart(16, '0');
  return problem(`etcd member ${id} is not healthy; all members must be healthy to perform an upgrade`);
}

function checkUpgrade(context: CallContext, request: UpgradeRequest, installer: unknown): Refusal | undefined {
  const { disk, version } = context.node.physical;
  if (disk.partitions === undefined && minorOf(version) >= 13) {
    return refusal(status.FAILED_PRECONDITION, 'Talos is not installed');
  }
  if (installer !== undefined) return checkEtcd(context, request);
  return unknown(`error validating installer image ${JSON.stringify(request.image)}: failed to pull image: not found`);
}

/** The image is pulled and looked at before the reply. */
export function upgrade(context: CallContext, request: UpgradeRequest): Answer<UpgradeResponse> {
  const { around, node } = context;
  const { image, preserve, stage, force, rebootMode } = request;
  const installer = findInstaller(image);
  const refused = checkUpgrade(context, request, installer);
  journal(context, 'Upgrade', { image, preserve, stage, force, rebootMode }, false, refused);
  if (refused || installer === undefined) return refuse(refused ?? unknown('no installer'));
  const actorId = randomUUID();
  const run = { sequence: 'upgrade', actorId, installer, isStaged: stage } as const;
  if (!mayTakeOver(node, 'upgrade') || hasFault(node, 'locked')) refuseLocked(node, around.now(), 'upgrade');
  else around.engine.plan(node, 100, { kind: 'sequence_starts', run });
  around.touch(node);
  return answer({ messages: [{ ack: 'Upgrade request received', actorId }] });
}

function checkRollback({ node }: CallContext): Refusal | undefined {
  const { disk, previousEntry } = node.physical;
  if (disk.partitions === undefined) return refusal(status.FAILED_PRECONDITION, 'system disk not found');
  return previousEntry === undefined ? unknown('no previous boot entry') : undefined;
}

export function rollback(context: CallContext): Answer<RollbackResponse> {
  const { around, node } = context;
  const refused = checkRollback(context);
  journal(context, 'Rollback', {}, false, refused);
  if (refused) return refuse(refused);
  node.physical.nextEntry = undefined;
  rollBackEntry(node.physical);
  around.engine.plan(node, 100, { kind: 'sequence_starts', run: { sequence: 'reboot', actorId: '' } });
  around.touch(node);
  return answer({ messages: [{}] });
}

/** Source: internal/app/lifecycle and v1alpha1_images.go: which pairs of driver and namespace exist. */
function checkInstance(instance: ContainerdInstance | undefined): void {
  const isKnown =
    instance !== undefined &&
    instance.namespace !== 'NS_UNKNOWN' &&
    !(instance.driver === 'CONTAINERD' && instance.namespace === 'NS_CRI');
  if (!isKnown) throw new StreamRefusal(refusal(status.INVALID_ARGUMENT, 'unsupported containerd instance'));
}

const digestOf = (image: string): string => createHash('sha256').update(image).digest('hex');

export async function* pull(
  context: CallContext,
  { containerd, imageRef }: ImageServicePullRequest,
): AsyncGenerator<ImageServicePullResponse> {
  const { around, node } = context;
  const isThere = findInstaller(imageRef) !== undefined;
  const missing = unknown(`failed to pull image ${JSON.stringify(imageRef)}: not found`);
  journal(context, 'Pull', { imageRef }, false, isThere ? undefined : missing);
  checkInstance(containerd);
  if (!isThere) throw new StreamRefusal(missing);
  const layerId = digestOf(`${imageRef} layer`).slice(0, 12);
  const total = '81264640';
  for (const offset of ['0', '40632320', total]) {
    const progress = { status: offset === total ? 'DOWNLOAD_COMPLETE' : 'DOWNLOADING', offset, total } as const;
    yield { pullProgress: { layerId, progress } };
  }
  const name = imageRef.includes('@') ? imageRef : `${imageRef}@sha256:${digestOf(imageRef)}`;
  node.physical.disk.images = [...new Set([...(node.physical.disk.images ?? []), name])];
  around.touch(node);
  yield { name };
}

/** Installs beside the running system. Nothing restarts, and a failure is an exit code. */
export async function* installUpgrade(
  context: CallContext,
  { containerd, source }: LifecycleServiceUpgradeRequest,
): AsyncGenerator<LifecycleServiceUpgradeResponse> {
  const { around, node } = context;
  const { physical } = node;
  const image = source?.imageName ?? '';
  const installer = findInstaller(image);
  const problem = installProblem(context, image);
  journal(context, 'LifecycleService/Upgrade', { image }, false, problem);
  checkInstance(containerd);
  if (problem !== undefined || installer === undefined) {
    throw new StreamRefusal(problem ?? refusal(status.INTERNAL, 'upgrade failed'));
  }
  const says = (message: string) => ({ progress: { message } });
  yield says(`running Talos installer ${installer.version}`);
  const refused = refusedBy(installer, physical.version);
  if (refused !== undefined) {
    yield says(`error: ${refused}`);
    return yield { progress: { exitCode: 1 } };
  }
  yield says('installation of boot assets complete');
  install(physical, installer);
  around.touch(node);
  yield { progress: { exitCode: 0 } };
}

function installProblem({ node }: CallContext, image: string): Refusal | undefined {
  const { disk } = node.physical;
  if (disk.partitions === undefined) return refusal(status.FAILED_PRECONDITION, 'machine is not installed');
  if (node.boot?.sequence === 'upgrade' || node.boot?.sequence === 'install') {
    return refusal(status.FAILED_PRECONDITION, 'another installation/upgrade is already in progress');
  }
  if (disk.images?.includes(image) === true) return undefined;
  const text = `upgrade failed: installer image ${JSON.stringify(image)} not found in containerd store`;
  return refusal(status.INTERNAL, text);
}
