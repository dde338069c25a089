import * as z from 'zod';
import { Flag, list, resourceKind, Text } from '../cosi.ts';

export const NODENAME_ID = 'nodename';
export const nodename = resourceKind('Nodenames.kubernetes.talos.dev', z.object({ nodename: Text }), (spec) => spec);

const MAX_LABELS = 100;
const Labels = z
  .record(z.string(), Text)
  .nullish()
  .transform((labels) => Object.fromEntries(Object.entries(labels ?? {}).slice(0, MAX_LABELS)));

/** Anybody writes anything into annotations; kept are those that name whoever manages the machine. */
const OWNERS = /^([a-z0-9-]+\.)*(cluster\.x-k8s\.io|omni\.sidero\.dev)\//;
const OwnerAnnotations = z
  .record(z.string(), Text)
  .nullish()
  .transform((all) =>
    Object.fromEntries(
      Object.entries(all ?? {})
        .filter(([key]) => OWNERS.test(key))
        .slice(0, MAX_LABELS),
    ),
  );

/** Its id is the node name, and a node publishes only its own. */
export const nodeStatus = resourceKind(
  'NodeStatuses.kubernetes.talos.dev',
  z.object({ nodename: Text, nodeReady: Flag, unschedulable: Flag, labels: Labels, annotations: OwnerAnnotations }),
  (spec) => spec,
);

const ContainerStatus = z.object({
  name: Text,
  ready: Flag,
  restartCount: z.int().min(0).nullish(),
  containerID: Text,
  state: z.object({ waiting: z.object({ reason: Text, message: Text }).nullish() }).nullish(),
});

/** The status that the kubelet reports, as Kubernetes writes it; `id` is `<namespace>/<pod>`. */
export const staticPodStatus = resourceKind(
  'StaticPodStatuses.kubernetes.talos.dev',
  z.object({ phase: Text, containerStatuses: list(ContainerStatus) }),
  ({ phase, containerStatuses }, id) => ({
    id,
    phase,
    containers: containerStatuses.map(({ name, ready, restartCount, containerID, state }) => ({
      name,
      ready,
      restarts: restartCount ?? 0,
      /** Without the runtime's prefix `containerd://`. */
      containerId: containerID.replace(/^[a-z-]{1,20}:\/\//, ''),
      waitingFor: state?.waiting?.reason ?? '',
    })),
  }),
);
