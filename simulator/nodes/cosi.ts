import { status } from '@grpc/grpc-js';
import { stringify } from 'yaml';
import type { Resource } from '../../lib/talos/generated/cosi/resource/state.ts';
import { type Refusal, refusal } from './access.ts';
import { bootOf } from './record.ts';
import type { CosiResource, ResourceContext, ResourceSource } from './resource.ts';
import { checkResource } from './resource-types.ts';
import { blockResources } from './resources-block.ts';
import { clusterResources } from './resources-cluster.ts';
import { kubernetesResources } from './resources-kubernetes.ts';
import { networkResources } from './resources-network.ts';
import { runtimeResources } from './resources-runtime.ts';
import { minorOf } from './version.ts';

const SOURCES: Readonly<Record<string, ResourceSource>> = {
  ...runtimeResources,
  ...blockResources,
  ...networkResources,
  ...clusterResources,
  ...kubernetesResources,
};

function toWire({ node }: ResourceContext, type: string, resource: CosiResource): Resource {
  const { startedAt } = bootOf(node);
  return {
    metadata: {
      namespace: resource.namespace,
      type,
      id: resource.id,
      version: String(resource.version ?? 1),
      owner: resource.owner ?? '',
      phase: 'running',
      created: new Date(startedAt),
      updated: new Date(resource.updatedAt ?? startedAt),
      finalizers: [],
      labels: {},
      annotations: {},
    },
    spec: { protoSpec: new Uint8Array(), yamlSpec: stringify(resource.spec, { lineWidth: 0, indent: 4 }) },
  };
}

type Answer<T> = { readonly value: T } | { readonly refusal: Refusal };

/** A type that is known and has no instance here is an empty list, not an error. */
export function listResources(
  context: ResourceContext,
  request: { readonly namespace: string; readonly type: string },
  roles: readonly string[],
): Answer<readonly Resource[]> {
  const { namespace, type } = request;
  const refused = checkResource(minorOf(context.node.physical.version), namespace, type, roles);
  if (refused) return { refusal: refused };
  const source = SOURCES[type];
  const found = source ? source(context).filter((resource) => resource.namespace === namespace) : [];
  return { value: found.map((resource) => toWire(context, type, resource)) };
}

export function getResource(
  context: ResourceContext,
  request: { readonly namespace: string; readonly type: string; readonly id: string },
  roles: readonly string[],
): Answer<Resource> {
  const listed = listResources(context, request, roles);
  if ('refusal' in listed) return listed;
  const found = listed.value.find((resource) => resource.metadata?.id === request.id);
  if (found) return { value: found };
  const { namespace, type, id } = request;
  return { refusal: refusal(status.NOT_FOUND, `resource ${type}(${namespace}/${id}@undefined) doesn't exist`) };
}
