import { status } from '@grpc/grpc-js';
import type { Event, Resource, WatchRequest, WatchResponse } from '../../lib/talos/generated/cosi/resource/state.ts';
import { refusal } from './access.ts';
import type { CallContext } from './call-context.ts';
import { listResources } from './cosi.ts';
import { CONNECTION_LOST, StreamRefusal } from './streams.ts';

/**
 * Source: cosi-project/runtime, pkg/state/protobuf/server/server.go and pkg/state/impl/inmem/collection.go. A watch of
 * one id begins with what there is; a watch of a type with nothing, or with all of it where that was asked for.
 */

const frame = (eventType: Event['eventType'], resource: Resource, old?: Resource): WatchResponse => ({
  event: [{ eventType, resource, ...(old === undefined ? {} : { old }) }],
});

/** Stands for a resource that is not there: metadata without a version, and no spec. */
function tombstone({ namespace, type, id = '' }: WatchRequest): Resource {
  const metadata = { namespace, type, id, version: 'undefined', owner: '', phase: 'running' };
  const rest = { finalizers: [], labels: {}, annotations: {} };
  return { metadata: { ...metadata, ...rest }, spec: { protoSpec: new Uint8Array(), yamlSpec: '' } };
}

type ById = ReadonlyMap<string, Resource>;
const NOTHING: ById = new Map();

/** Complete as of now. What a reader may not see ends the watch with Talos' text. */
function look({ around, node, roles }: CallContext, request: WatchRequest): ById {
  const found = listResources({ cluster: around.state, node, now: around.now() }, request, roles);
  if ('refusal' in found) throw new StreamRefusal(found.refusal);
  const wanted = found.value.filter(({ metadata }) => request.id === undefined || metadata?.id === request.id);
  return new Map(wanted.map((resource) => [resource.metadata?.id ?? '', resource]));
}

const versionOf = (resource: Resource | undefined): string =>
  `${resource?.metadata?.created?.getTime()} ${resource?.metadata?.version}`;

function differences(before: ById, after: ById): readonly WatchResponse[] {
  const gone = [...before].filter(([id]) => !after.has(id)).map(([, old]) => frame('DESTROYED', old));
  const come = [...after].flatMap(([id, resource]) => {
    const old = before.get(id);
    if (old === undefined) return [frame('CREATED', resource)];
    return versionOf(old) === versionOf(resource) ? [] : [frame('UPDATED', resource, old)];
  });
  return [...gone, ...come];
}

function beginning(request: WatchRequest, now: ById): readonly WatchResponse[] {
  if (request.id !== undefined)
    return now.size === 0 ? [frame('DESTROYED', tombstone(request))] : differences(NOTHING, now);
  if (request.options?.bootstrapContents !== true) return [];
  const sorted = new Map([...now].sort(([a], [b]) => (a < b ? -1 : 1)));
  const end = request.apiVersion >= 1 ? [frame('BOOTSTRAPPED', tombstone(request))] : [];
  return [...differences(NOTHING, sorted), ...end];
}

/** What one node shows of the cluster changes with the others too. */
async function anyChange({ around }: CallContext, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  await Promise.race(Object.values(around.state.nodes).map((node) => around.changed(node, either)));
  done.abort();
}

export async function* watch(
  context: CallContext,
  request: WatchRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchResponse> {
  if (request.id !== undefined && request.options?.bootstrapContents === true) {
    const text = 'bootstrap contents is not implemented for resource watch';
    throw new StreamRefusal(refusal(status.UNIMPLEMENTED, text));
  }
  const { node } = context;
  const { boot } = node;
  const api = boot?.api;
  let shown = look(context, request);
  yield { event: [] };
  yield* beginning(request, shown);
  while (!signal.aborted) {
    if (node.boot === undefined || node.boot !== boot || boot.api !== api) throw new StreamRefusal(CONNECTION_LOST);
    const changed = anyChange(context, signal);
    const now = look(context, request);
    yield* differences(shown, now);
    shown = now;
    await changed;
  }
}
