import * as z from 'zod';
import { configDocuments } from './config-documents.ts';
import { isRoot } from './decode-config.ts';
import { kept } from './kept.ts';

/** What the simulated node itself needs from a config, and what Talos finds wrong with one that it could decode. */

export type MachineConfig = {
  readonly role: 'controlplane' | 'worker';
  readonly hostname: string | undefined;
  readonly caPem: string;
  readonly clusterId: string;
  readonly clusterSecret: string;
  readonly clusterName: string;
  readonly installDisk: string | undefined;
  readonly hasInstallExtensions: boolean;
  readonly v1alpha1: Readonly<Record<string, unknown>>;
};
/** `partial`: documents without the v1alpha1 one, which is no complete config and no mistake either. */
export type ReadConfig =
  | { readonly config: MachineConfig }
  | { readonly problem: { readonly kind: 'partial' | 'validation'; readonly text: string } };

const Text = z.string().catch('');
const Values = z.record(z.string(), z.unknown()).catch({});
const V1alpha1 = z.object({
  machine: z
    .looseObject({
      type: Text,
      ca: z.object({ crt: Text, key: Text }).catch({ crt: '', key: '' }),
      token: Text,
      network: z.object({ hostname: z.string().optional() }).optional().catch(undefined),
      install: z
        .looseObject({ disk: Text, diskSelector: Values.optional(), extensions: z.array(z.unknown()).catch([]) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
  cluster: z
    .looseObject({
      id: Text,
      secret: Text,
      clusterName: Text,
      controlPlane: z.object({ endpoint: Text }).catch({ endpoint: '' }),
    })
    .optional()
    .catch(undefined),
});
const HostnameDocument = z.object({ hostname: z.string().optional() });

const ROLES: Readonly<Record<string, MachineConfig['role']>> = {
  init: 'controlplane',
  controlplane: 'controlplane',
  worker: 'worker',
};

/** As hashicorp/go-multierror joins them. */
const joined = (problems: readonly string[]): string =>
  `${problems.length} error${problems.length === 1 ? '' : 's'} occurred:\n${problems.map((text) => `\t* ${text}\n`).join('')}\n`;

/** Source: pkg/machinery/config/types/v1alpha1/v1alpha1_validation.go, the part of it that matters here. */
function validate(root: Readonly<Record<string, unknown>>): ReadConfig {
  const { machine, cluster } = V1alpha1.parse(root);
  const refused = (...problems: readonly string[]): ReadConfig => ({
    problem: { kind: 'validation', text: joined(problems) },
  });
  if (machine === undefined) return refused('machine instructions are required');
  if (cluster === undefined) return refused('cluster instructions are required');
  const role = ROLES[machine.type];
  const problems: string[] = [];
  if (cluster.controlPlane.endpoint === '') problems.push('cluster controlplane endpoint is required');
  if (machine.install?.disk === '' && machine.install.diskSelector === undefined) {
    problems.push('either install disk or diskSelector should be defined');
  }
  if (machine.ca.crt === '')
    problems.push('issuing CA or some accepted CAs are required (.machine.ca, machine.acceptedCAs)');
  if (role === undefined) problems.push(`unknown machine type "${machine.type}"`);
  if (role === 'controlplane' && machine.ca.key === '') {
    problems.push('issuing CA key is required for controlplane nodes (.machine.ca.key)');
  }
  if (role === 'worker' && machine.ca.key !== '') {
    problems.push('issuing Talos API CA key is not allowed on non-controlplane nodes (.machine.ca)');
  }
  if (role === undefined || problems.length > 0) return refused(...problems);
  return {
    config: {
      role,
      hostname: machine.network?.hostname,
      caPem: Buffer.from(machine.ca.crt, 'base64').toString(),
      clusterId: cluster.id,
      clusterSecret: cluster.secret,
      clusterName: cluster.clusterName,
      installDisk: machine.install?.disk,
      hasInstallExtensions: (machine.install?.extensions.length ?? 0) > 0,
      v1alpha1: root,
    },
  };
}

/** Of a text that could be decoded. */
export const readMachineConfig = kept((text: string): ReadConfig => {
  const documents = configDocuments(text).map((document) => Values.parse(document.content()));
  const root = documents.find(isRoot);
  if (root === undefined) return { problem: { kind: 'partial', text: 'there is no v1alpha1 config' } };
  const read = validate(root);
  if (!('config' in read)) return read;
  const names = documents.filter(({ kind }) => kind === 'HostnameConfig');
  const named = names.map((value) => HostnameDocument.safeParse(value).data?.hostname).find(Boolean);
  return named === undefined ? read : { config: { ...read.config, hostname: named } };
});
