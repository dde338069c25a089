import { stringify } from 'yaml';
import { keepContents } from './config-documents.ts';
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

type Cluster = { readonly seed: string; readonly cluster: string; readonly secrets: ClusterSecrets };
type Machine = {
  readonly name: string;
  readonly role: 'controlplane' | 'worker';
  readonly hostname: string | undefined;
};

/** A complete multi-document config as `talosctl gen config` writes it and a backup keeps it. Names must be plain words. */
export function createMachineConfig({ name, hostname, ...request }: Cluster & Machine): string {
  const form = formOf({ ...request, hasHostname: hostname !== undefined });
  const words = { [HOSTNAME]: hostname ?? '', [ZONE]: `rack-${name.at(-1)}` };
  const text = Object.entries(words).reduce((filled, [mark, word]) => filled.replaceAll(mark, word), form.text);
  keepContents(
    text,
    form.documents.map((document) => fill(document, words)),
  );
  return text;
}

function fill(value: unknown, words: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return words[value] ?? value;
  if (Array.isArray(value)) return value.map((part) => fill(part, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fill(part, words)]));
}

/** Stand in a form for what differs from machine to machine. */
const [HOSTNAME, ZONE] = ['hostname-of-the-machine', 'zone-of-the-machine'];
type Form = { readonly text: string; readonly documents: readonly unknown[] };
type FormRequest = Cluster & Pick<Machine, 'role'> & { readonly hasHostname: boolean };
const forms = new WeakMap<ClusterSecrets, Map<string, Form>>();

/** The configs of a role differ in two words: writing each one anew would be most of the work of a start. */
function formOf(request: FormRequest): Form {
  const { seed, cluster, secrets, role, hasHostname } = request;
  const known = forms.get(secrets) ?? new Map<string, Form>();
  forms.set(secrets, known);
  const key = JSON.stringify([seed, cluster, role, hasHostname]);
  const form = known.get(key) ?? writeForm(request);
  known.set(key, form);
  return form;
}

function writeForm({ seed, cluster, role, hasHostname, secrets }: FormRequest): Form {
  const isControlPlane = role === 'controlplane';
  const part = (issued: Issued) => (isControlPlane ? pair(issued) : certificateOnly(issued));
  const machine = {
    type: role,
    token: tokenFrom(seed, cluster, 'machine'),
    ca: part(secrets.talos),
    certSANs: [],
    kubelet: { image: 'ghcr.io/siderolabs/kubelet:v1.31.1', defaultRuntimeSeccompProfileEnabled: true },
    network: { ...(hasHostname ? { hostname: HOSTNAME } : {}), interfaces: [{ interface: 'eth0', dhcp: true }] },
    install: {
      disk: '/dev/sda',
      image: 'factory.talos.dev/installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.8.4',
      wipe: false,
    },
    nodeLabels: { 'topology.kubernetes.io/zone': ZONE },
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
  const documents = [v1alpha1, kmsg];
  return { documents, text: documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n') };
}
