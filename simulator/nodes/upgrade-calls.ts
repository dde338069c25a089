import { status } from '@grpc/grpc-js';
import type { UpgradeRequest, UpgradeResponse } from '../../lib/talos/generated/machine/machine.ts';
import { type Refusal, refusal } from './access.ts';
import type { Answer, CallContext } from './call-context.ts';
import { isEtcdServing, isMemberUp } from './etcd.ts';
import { etcdIdHex } from './identity.ts';
import { pullInstaller } from './installer-images.ts';
import { journalled } from './journal-calls.ts';
import { STAGED_IMAGE, STAGED_OPTIONS } from './maintenance-steps.ts';
import { roleOf } from './physical.ts';
import { runSequence } from './sequence-locks.ts';
import type { ClusterState } from './state.ts';
import { minorOf } from './version.ts';

const failed = (text: string): Refusal => refusal(status.UNKNOWN, text);
/** How long the pull and the checks of one call hold the mutex in etcd, in the machine's own time. */
const MUTEX_MS = 2_000;

/** Source: internal/pkg/etcd/etcd.go, ValidateForUpgrade. */
function etcdProblem(cluster: ClusterState): string | undefined {
  const { members } = cluster.etcd;
  if (members.length === 2) {
    return 'etcd member count(2) is insufficient to maintain quorum if upgrade commences';
  }
  for (const known of members) {
    const member = `etcd member ${etcdIdHex(known.id)}`;
    if (known.name === '') return `${member} is not started, all members must be running to perform an upgrade`;
    if (isMemberUp(cluster, known)) continue;
    return `${member} is not healthy; all members must be healthy to perform an upgrade: context deadline exceeded`;
  }
  return undefined;
}

function checkEtcd({ around, node }: CallContext): Refusal | undefined {
  const { state } = around;
  if (node.physical.cluster === 'foreign') return undefined;
  const noMutex = 'failed to acquire upgrade mutex: error';
  if (!isEtcdServing(state, node)) {
    return failed(`${noMutex} establishing etcd concurrency session: context deadline exceeded`);
  }
  if ((state.etcd.alarms ?? []).some(({ alarm }) => alarm === 'NOSPACE')) {
    return failed(`${noMutex} establishing etcd concurrency session: etcdserver: mvcc: database space exceeded`);
  }
  if ((state.etcd.upgradeMutexUntil ?? 0) > around.now()) {
    return failed(`${noMutex} trying to lock etcd upgrade mutex: mutex: Locked by another session`);
  }
  const problem = etcdProblem(state);
  return problem === undefined ? undefined : failed(`error validating etcd for upgrade: ${problem}`);
}

/** `preserve` was ignored until 1.12 made it mean what `force` means. */
const isEtcdChecked = ({ node }: CallContext, { force, preserve }: UpgradeRequest): boolean =>
  roleOf(node.name) === 'controlplane' && !force && (minorOf(node.physical.version) <= 11 || !preserve);

/** Source: v1alpha1_server.go, Upgrade. */
function check(context: CallContext, request: UpgradeRequest): Refusal | undefined {
  const { version, disk } = context.node.physical;
  if (minorOf(version) >= 13 && disk.partitions?.META !== true) {
    return refusal(status.FAILED_PRECONDITION, 'Talos is not installed');
  }
  const image = JSON.stringify(request.image);
  const pulled = pullInstaller(context.around.state.factory, request.image);
  if (!pulled.ok) {
    return failed(`error validating installer image ${image}: failed to pull image ${image}: ${pulled.error}`);
  }
  return isEtcdChecked(context, request) ? checkEtcd(context) : undefined;
}

/** The upgrade of all versions up to 1.12; later ones still have it. */
export function upgrade(context: CallContext, request: UpgradeRequest): Answer<UpgradeResponse> {
  const { around, node } = context;
  const { image, preserve, stage, force, rebootMode } = request;
  const facts = { image, preserve, stage, force, rebootMode };
  return journalled(context, 'Upgrade', facts, check(context, request), () => {
    if (isEtcdChecked(context, request)) {
      around.state.etcd.upgradeMutexUntil = around.now() + MUTEX_MS / around.engine.factor;
    }
    if (stage) {
      const options = JSON.stringify({ Upgrade: true, Force: force, Pull: true });
      node.physical.metaKeys = { ...node.physical.metaKeys, [STAGED_IMAGE]: image, [STAGED_OPTIONS]: options };
    }
    const sequence = stage ? 'stageUpgrade' : 'upgrade';
    const actorId = runSequence(context, 'Upgrade', { sequence, image, kexec: rebootMode === 'DEFAULT' });
    return { messages: [{ ack: 'Upgrade request received', actorId }] };
  });
}
