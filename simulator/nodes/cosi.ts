import { status } from '@grpc/grpc-js';
import { stringify } from 'yaml';
import type { Resource } from '../../lib/talos/generated/cosi/resource/state.ts';
import { type Refusal, refusal } from './access.ts';
import { kept } from './kept.ts';
import { bootOf } from './record.ts';
import type { CosiResource, ResourceContext, ResourceSource } from './resource.ts';
import { checkResource } from './resource-types.ts';
import { addressResources } from './resources-address.ts';
import { blockResources } from './resources-block.ts';
import { bootResources } from './resources-boot.ts';
import { clusterResources } from './resources-cluster.ts';
import { kernelResources } from './resources-kernel.ts';
import { kubernetesResources } from './resources-kubernetes.ts';
import { kubespanResources } from './resources-kubespan.ts';
import { mountResources } from './resources-mounts.ts';
import { networkResources } from './resources-network.ts';
import { runtimeResources } from './resources-runtime.ts';
import { timeResources } from './resources-time.ts';
import { type Revision, revise } from './revisions.ts';
import { minorOf } from './version.ts';

const SOURCES: Readonly<Record<string, ResourceSource>> = {
  ...runtimeResources,
  ...bootResources,
  ...kernelResources,
  ...timeResources,
  ...blockResources,
  ...mountResources,
  ...networkResources,
  ...addressResources,
  ...clusterResources,
  ...kubespanResources,
  ...kubernetesResources,
};

/** Most nodes have most of their resources in common. About 2 MB. */
const MAX_TEXTS = 4096;
const yamlOfJson = kept((json) => stringify(JSON.parse(json), { lineWidth: 0, indent: 4 }), MAX_TEXTS);
const toYaml = (spec: unknown): string => yamlOfJson(JSON.stringify(spec));

function toWire(type: string, { namespace, id, owner = '' }: CosiResource, revision: Revision): Resource {
  return {
    metadata: {
      namespace,
      type,
      id,
      version: String(revision.version),
      owner,
      phase: 'running',
      created: new Date(revision.created),
      updated: new Date(revision.updated),
      finalizers: [],
      labels: {},
      annotations: {},
    },
    spec: { protoSpec: new Uint8Array(), yamlSpec: revision.text },
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
  const written = found.map((resource) => ({ resource, text: toYaml(resource.spec) }));
  const revisions = revise(bootOf(context.node), `${namespace}/${type}`, written, context.now);
  const value = found.flatMap((resource) => {
    const revision = revisions.get(resource.id);
    return revision === undefined ? [] : [toWire(type, resource, revision)];
  });
  return { value };
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
