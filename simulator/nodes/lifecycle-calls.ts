import { status } from '@grpc/grpc-js';
import type {
  LifecycleServiceUpgradeRequest,
  LifecycleServiceUpgradeResponse,
} from '../../lib/talos/generated/machine/lifecycle.ts';
import { type Refusal, refusal } from './access.ts';
import { install } from './boot-entries.ts';
import type { CallContext } from './call-context.ts';
import { checkInstance, imageKey, NO_INSTANCE } from './image-calls.ts';
import { journalled } from './journal-calls.ts';
import { bootOf } from './record.ts';
import type { Boot } from './state.ts';
import { CONNECTION_LOST, StreamRefusal } from './streams.ts';
import { work } from './work.ts';

const INSTALLER_MS = 10_000;
/** Boots with an installer at work. It ends with its caller, so nobody needs to remember it. */
const busy = new WeakSet<Boot>();

/** Source: internal/app/lifecycle/lifecycle.go, Upgrade, and container.go. */
function check({ node }: CallContext, request: LifecycleServiceUpgradeRequest): Refusal | undefined {
  const precondition = (text: string) => refusal(status.FAILED_PRECONDITION, text);
  const { containerd = NO_INSTANCE, source } = request;
  const { disk } = node.physical;
  if (busy.has(bootOf(node))) return precondition('another installation/upgrade is already in progress');
  if (disk.partitions?.META !== true) return precondition('machine is not installed');
  const name = source?.imageName ?? '';
  if (name === '') return refusal(status.INVALID_ARGUMENT, 'installer image name is required');
  const refused = checkInstance(containerd);
  if (refused) {
    const cause = `rpc error: code = InvalidArgument desc = ${refused.details}`;
    return refusal(status.INTERNAL, `upgrade failed: ${cause}`);
  }
  if (disk.images?.[imageKey(containerd, name)] !== undefined) return undefined;
  const image = JSON.stringify(name);
  const cause = `installer image ${image} not found in containerd store: image ${image}: not found`;
  return refusal(status.INTERNAL, `upgrade failed: ${cause}`);
}

const says = (message: string): LifecycleServiceUpgradeResponse => ({ progress: { message: `${message}\n` } });

/** Installs beside the running system; a failure is an exit code, and the reboot is somebody else's call. */
export async function* lifecycleUpgrade(
  context: CallContext,
  request: LifecycleServiceUpgradeRequest,
  signal: AbortSignal,
): AsyncGenerator<LifecycleServiceUpgradeResponse> {
  const { around, node } = context;
  const { containerd = NO_INSTANCE, source } = request;
  const name = source?.imageName ?? '';
  const facts = { image: name, ...containerd };
  const accepted = journalled(context, 'LifecycleService.Upgrade', facts, check(context, request), () => {});
  if ('refusal' in accepted) throw new StreamRefusal(accepted.refusal);
  const boot = bootOf(node);
  const image = node.physical.disk.images?.[imageKey(containerd, name)] ?? '';
  busy.add(boot);
  try {
    yield says(`running Talos installer ${image.slice(image.lastIndexOf(':') + 1)}`);
    const worked = await work(context, INSTALLER_MS, signal);
    if (worked === 'canceled') return;
    if (worked === 'lost') throw new StreamRefusal(CONNECTION_LOST);
    const problem = install(around.state, node, around.now(), image);
    around.touch(node);
    yield says(problem === undefined ? 'installation complete' : `error: ${problem}`);
    yield { progress: { exitCode: problem === undefined ? 0 : 1 } };
  } finally {
    busy.delete(boot);
  }
}
