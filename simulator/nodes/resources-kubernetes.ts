import { activeConfigOf } from './active-config.ts';
import { isNodeReady } from './kubernetes-state.ts';
import { roleOf } from './physical.ts';
import { podCidrOf } from './pod-network.ts';
import { bootOf } from './record.ts';
import { one, type ResourceSource } from './resource.ts';
import type { NodeState } from './state.ts';
import { staticPodsOf } from './static-pods.ts';
import { minorOf } from './version.ts';

const nodenames: ResourceSource = ({ node }) => {
  const { nodename, hostnameRevision } = bootOf(node);
  if (nodename === undefined) return [];
  const spec = {
    nodename,
    hostnameVersion: String(hostnameRevision),
    skipNodeRegistration: activeConfigOf(node)?.skipsNodeRegistration === true,
  };
  return [one('k8s', 'nodename', spec)];
};

/** The labels that the kubelet gives its node, and those of the machine config. */
function labelsOf(node: NodeState, nodename: string): Readonly<Record<string, string>> {
  const isControlPlane = roleOf(node.name) === 'controlplane';
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': nodename,
    'kubernetes.io/os': 'linux',
    ...(isControlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
    ...activeConfigOf(node)?.nodeLabels,
  };
}

const nodeStatuses: ResourceSource = ({ cluster, node }) => {
  const { nodename } = bootOf(node);
  if (nodename === undefined || activeConfigOf(node)?.skipsNodeRegistration) return [];
  const spec = {
    nodename,
    nodeReady: isNodeReady(cluster, node),
    unschedulable: node.isCordoned === true,
    labels: labelsOf(node, nodename),
    annotations: {
      'talos.dev/version': node.physical.version,
      ...(node.isCordoned ? { 'talos.dev/cordoned': 'true' } : {}),
    },
    ...(minorOf(node.physical.version) >= 12 ? { podCIDRs: [podCidrOf(node)] } : {}),
  };
  return [one('k8s', nodename, spec)];
};

const nodeIps: ResourceSource = ({ node }) =>
  activeConfigOf(node) === undefined ? [] : [one('k8s', 'kubelet', { addresses: [node.address] })];

const kubeletStatuses: ResourceSource = ({ node }) => {
  const image = activeConfigOf(node)?.kubeletImage;
  const isRunning = bootOf(node).services['kubelet']?.state === 'Running';
  return isRunning && image !== undefined ? [one('k8s', 'kubelet', { image })] : [];
};

/** The spec is the status of the pod itself. Source: pkg/machinery/resources/k8s/static_pod_status.go. */
const staticPods: ResourceSource = ({ cluster, node }) =>
  staticPodsOf(cluster, node).map(({ id, status }) => one('k8s', id, status));

export const kubernetesResources: Readonly<Record<string, ResourceSource>> = {
  'Nodenames.kubernetes.talos.dev': nodenames,
  'NodeStatuses.kubernetes.talos.dev': nodeStatuses,
  'NodeIPs.kubernetes.talos.dev': nodeIps,
  'KubeletStatuses.kubernetes.talos.dev': kubeletStatuses,
  'StaticPodStatuses.kubernetes.talos.dev': staticPods,
};
