import { isNodeReady } from './machine-status.ts';
import { roleOf } from './physical.ts';
import { bootOf } from './record.ts';
import { one, type ResourceSource } from './resource.ts';
import { kubernetesOf } from './version.ts';

const nodenames: ResourceSource = ({ node }) => {
  const { nodename, hostnameRevision } = bootOf(node);
  if (nodename === undefined) return [];
  const spec = { nodename, hostnameVersion: String(hostnameRevision), skipNodeRegistration: false };
  return [one('k8s', 'nodename', spec)];
};

const nodeStatuses: ResourceSource = ({ cluster, node }) => {
  const { nodename } = bootOf(node);
  if (nodename === undefined) return [];
  const role = roleOf(node.name) === 'controlplane' ? { 'node-role.kubernetes.io/control-plane': '' } : {};
  const spec = {
    nodename,
    nodeReady: isNodeReady(cluster, node),
    unschedulable: false,
    labels: { 'kubernetes.io/hostname': nodename, ...role },
    annotations: { 'talos.dev/version': node.physical.version },
  };
  return [one('k8s', nodename, spec)];
};

const STATIC_PODS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const staticPods: ResourceSource = ({ cluster, node }) => {
  const { nodename } = bootOf(node);
  if (roleOf(node.name) === 'worker' || nodename === undefined) return [];
  const status = isNodeReady(cluster, node) ? 'True' : 'False';
  return STATIC_PODS.map((name) =>
    one('k8s', `kube-system/${name}-${nodename}`, {
      phase: 'Running',
      conditions: [{ type: 'Ready', status }],
      containerStatuses: [
        {
          name,
          ready: status === 'True',
          restartCount: 0,
          image: `registry.k8s.io/${name}:${kubernetesOf(node.physical.version)}`,
          state: { running: {} },
        },
      ],
    }),
  );
};

export const kubernetesResources: Readonly<Record<string, ResourceSource>> = {
  'Nodenames.kubernetes.talos.dev': nodenames,
  'NodeStatuses.kubernetes.talos.dev': nodeStatuses,
  'StaticPodStatuses.kubernetes.talos.dev': staticPods,
};
