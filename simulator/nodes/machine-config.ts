import { parseAllDocuments, stringify } from 'yaml';
import { secretFrom, tokenFrom } from './identity.ts';
import { type Issued, issue } from './pki.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const pair = (issued: Issued) => ({ crt: base64(issued.certPem), key: base64(issued.keyPem) });
const DAY_MS = 86_400_000;
const certificateOnly = (issued: Issued) => ({ crt: base64(issued.certPem), key: '' });

export type ClusterSecrets = { talos: Issued; kubernetes: Issued; aggregator: Issued; etcd: Issued };

export function createClusterSecrets(talos: Issued, now: number): ClusterSecrets {
  const ca = (name: string) =>
    issue({
      organizations: [name],
      usage: 'ca',
      notBefore: new Date(now - 60_000),
      notAfter: new Date(now + 3650 * DAY_MS),
    });
  return { talos, kubernetes: ca('kubernetes'), aggregator: ca('front-proxy'), etcd: ca('etcd') };
}

/** Id and secret of a cluster; a config of another cluster has others. */
export const clusterIdOf = (seed: string, cluster: string): string => secretFrom(32, seed, cluster, 'cluster-id');
const clusterSecretOf = (seed: string, cluster: string): string => secretFrom(32, seed, cluster, 'cluster-secret');

type ConfigRequest = {
  readonly seed: string;
  readonly cluster: string;
  readonly name: string;
  readonly role: 'controlplane' | 'worker';
  readonly hostname: string | undefined;
  readonly secrets: ClusterSecrets;
};

/** A complete multi-document config as `talosctl gen config` writes it and a backup keeps it. */
export function createMachineConfig({ seed, cluster, name, role, hostname, secrets }: ConfigRequest): string {
  const isControlPlane = role === 'controlplane';
  const part = (issued: Issued) => (isControlPlane ? pair(issued) : certificateOnly(issued));
  const machine = {
    type: role,
    token: tokenFrom(seed, cluster, 'machine'),
    ca: part(secrets.talos),
    certSANs: [],
    kubelet: { image: 'ghcr.io/siderolabs/kubelet:v1.31.1', defaultRuntimeSeccompProfileEnabled: true },
    network: { ...(hostname === undefined ? {} : { hostname }), interfaces: [{ interface: 'eth0', dhcp: true }] },
    install: {
      disk: '/dev/sda',
      image: 'factory.talos.dev/installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.8.4',
      wipe: false,
    },
    nodeLabels: { 'topology.kubernetes.io/zone': `rack-${name.at(-1)}` },
    features: { rbac: true, stableHostname: true, apidCheckExtKeyUsage: true, diskQuotaSupport: true },
  };
  const shared = {
    id: clusterIdOf(seed, cluster),
    secret: clusterSecretOf(seed, cluster),
    controlPlane: { endpoint: `https://kubernetes.${cluster}.test:6443` },
    clusterName: cluster,
    network: { dnsDomain: 'cluster.local', podSubnets: ['10.244.0.0/16'], serviceSubnets: ['10.96.0.0/12'] },
    token: tokenFrom(seed, cluster, 'kubernetes'),
    ca: part(secrets.kubernetes),
    discovery: { enabled: true, registries: { service: {} } },
  };
  const controlPlane = {
    secretboxEncryptionSecret: secretFrom(32, seed, cluster, 'secretbox'),
    aggregatorCA: pair(secrets.aggregator),
    serviceAccount: { key: base64(secrets.kubernetes.keyPem) },
    apiServer: { image: 'registry.k8s.io/kube-apiserver:v1.31.1', disablePodSecurityPolicy: true },
    etcd: { ca: pair(secrets.etcd) },
  };
  const v1alpha1 = {
    version: 'v1alpha1',
    debug: false,
    persist: true,
    machine,
    cluster: isControlPlane ? { ...shared, ...controlPlane } : shared,
  };
  const kmsg = { apiVersion: 'v1alpha1', kind: 'KmsgLogConfig', name: 'remote-log', url: 'tcp://198.51.100.20:5140/' };
  return [v1alpha1, kmsg].map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}

/** Sets or removes the static hostname, as a person who edits the config does. */
export function withHostname(text: string, hostname: string | undefined): string {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return text;
  for (const document of documents) {
    if (document.get('version') !== 'v1alpha1') continue;
    if (hostname === undefined) document.deleteIn(['machine', 'network', 'hostname']);
    else document.setIn(['machine', 'network', 'hostname'], hostname);
  }
  return documents.map((document) => document.toString({ lineWidth: 0, directives: false })).join('---\n');
}

type Change = {
  readonly merge?: Readonly<Record<string, unknown>> | undefined;
  readonly documents?: readonly unknown[] | undefined;
};
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sets keys of the v1alpha1 document, lists as a whole, and puts other documents behind it. */
export function withChange(text: string, { merge = {}, documents: more = [] }: Change): string {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return text;
  for (const document of documents) {
    if (document.get('version') !== 'v1alpha1') continue;
    const set = (path: readonly string[], value: unknown): void => {
      if (!isRecord(value)) document.setIn(path, document.createNode(value));
      else for (const [key, part] of Object.entries(value)) set([...path, key], part);
    };
    set([], merge);
  }
  const texts = documents.map((document) => document.toString({ lineWidth: 0, directives: false }));
  return [...texts, ...more.map((document) => stringify(document, { lineWidth: 0 }))].join('---\n');
}

/** Adds kernel modules, as a person who edits the config does. */
export function withKernelModules(text: string, names: readonly string[]): string {
  if (names.length === 0) return text;
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return text;
  for (const document of documents) {
    if (document.get('version') !== 'v1alpha1') continue;
    document.setIn(['machine', 'kernel', 'modules'], document.createNode(names.map((name) => ({ name }))));
  }
  return documents.map((document) => document.toString({ lineWidth: 0, directives: false })).join('---\n');
}
