import { status } from '@grpc/grpc-js';
import type { ContainerdInstance } from '../../lib/talos/generated/common/common.ts';
import type {
  ImageServicePullRequest,
  ImageServicePullResponse,
  ImageServicePullLayerProgress_Status as LayerStatus,
} from '../../lib/talos/generated/machine/image.ts';
import { type Refusal, refusal } from './access.ts';
import type { CallContext } from './call-context.ts';
import { type Installer, pinned, pullInstaller } from './installer-images.ts';
import { journalled } from './journal-calls.ts';
import type { NodeState } from './state.ts';
import { CONNECTION_LOST, StreamRefusal } from './streams.ts';
import { work } from './work.ts';

const MIB = 1024 ** 2;
const LAYERS = [
  { layerId: 'layer-sha256:0f1d', total: 4 * MIB },
  { layerId: 'layer-sha256:9be2', total: 96 * MIB },
] as const;
const DOWNLOAD_MS = 4_000;

/** Source: internal/app/internal/ctrhelper/ctrhelper.go. */
export function checkInstance({ driver, namespace }: ContainerdInstance): Refusal | undefined {
  const invalid = (text: string) => refusal(status.INVALID_ARGUMENT, text);
  if (driver === 'UNRECOGNIZED') return invalid(`invalid containerd driver ${driver}`);
  if (namespace !== 'NS_CRI' && namespace !== 'NS_SYSTEM') return invalid(`invalid containerd namespace ${namespace}`);
  if (driver !== 'CONTAINERD' || namespace !== 'NS_CRI') return undefined;
  return invalid('cannot use CRI namespace with containerd driver');
}
export const NO_INSTANCE: ContainerdInstance = { driver: 'CONTAINERD', namespace: 'NS_UNKNOWN' };

/** Names by instance: an image of one is unknown to the others. */
export const imageKey = ({ driver, namespace }: ContainerdInstance, name: string): string =>
  `${driver}/${namespace}/${name}`;

/** Source: internal/app/images/images.go, Pull: only what is not there has a code of its own. */
function check(
  { containerd = NO_INSTANCE, imageRef }: ImageServicePullRequest,
  pulled: ReturnType<typeof pullInstaller>,
): Refusal | undefined {
  const refused = checkInstance(containerd);
  if (refused || pulled.ok) return refused;
  const cause = `failed to pull image ${JSON.stringify(imageRef)}: ${pulled.error}`;
  if (!cause.endsWith(': not found')) return refusal(status.UNKNOWN, cause);
  return refusal(status.NOT_FOUND, `error pulling image: ${cause}`);
}

function store(node: NodeState, instance: ContainerdInstance, ref: string, installer: Installer): void {
  const { disk } = node.physical;
  const names = [ref, pinned(ref, installer)].map((name) => [imageKey(instance, name), ref]);
  disk.images = { ...disk.images, ...Object.fromEntries(names) };
}

const frames = (layerStatus: LayerStatus, share: number, seconds: number): readonly ImageServicePullResponse[] =>
  LAYERS.map(({ layerId, total }) => {
    const progress = { status: layerStatus, elapsed: { seconds: String(seconds), nanos: 0 } };
    const bytes = { offset: String(Math.floor(total * share)), total: String(total) };
    return { pullProgress: { layerId, progress: { ...progress, ...bytes } } };
  });

/** Progress, and at last the name with a digest. Source: internal/app/images/images.go, Pull. */
export async function* pull(
  context: CallContext,
  request: ImageServicePullRequest,
  signal: AbortSignal,
): AsyncGenerator<ImageServicePullResponse> {
  const { around, node } = context;
  const { containerd: instance = NO_INSTANCE, imageRef } = request;
  const found = pullInstaller(around.state.factory, imageRef);
  const facts = { image: imageRef, ...instance };
  const accepted = journalled(context, 'ImageService.Pull', facts, check(request, found), () => {});
  if ('refusal' in accepted) throw new StreamRefusal(accepted.refusal);
  if (!found.ok) throw new Error(found.error);
  if (node.physical.disk.images?.[imageKey(instance, imageRef)] !== undefined) {
    yield* frames('ALREADY_EXISTS', 1, 0);
  } else {
    yield* frames('DOWNLOADING', 0, 0);
    const worked = await work(context, DOWNLOAD_MS, signal);
    if (worked === 'canceled') return;
    if (worked === 'lost') throw new StreamRefusal(CONNECTION_LOST);
    store(node, instance, imageRef, found.value);
    around.touch(node);
    yield* frames('DOWNLOAD_COMPLETE', 1, DOWNLOAD_MS / 1000);
    yield* frames('EXTRACT_COMPLETE', 1, DOWNLOAD_MS / 1000);
  }
  yield { name: pinned(imageRef, found.value) };
}
